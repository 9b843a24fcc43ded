import { columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import type { HduInput } from '@astrolabel/io-fits'
import { APOGEE_PIXMASK, apogeeReader } from '@astrolabel/surveys'
import type { ApogeeReadOptions, FileSource } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, memoryFile, rejection, warnings } from './memory-source.js'

const N = 8
const GRID = { CRVAL1: 4.179, CDELT1: 6e-6, CRPIX1: 1, CTYPE1: 'LOG-LINEAR' }
const image = (data: Float32Array | Int16Array, rows: number, oneRow: '1d' | '2d' = '1d'): HduInput => ({
  kind: 'image',
  header: GRID,
  shape: rows === 1 && oneRow === '1d' ? [N] : [rows, N],
  data,
})

/** Rows whose flux is 100 × (row + 1) + pixel, error row + 1, mask bit = row. */
function apStar(visits: number, options: { name?: string; id?: string; oneRow?: '1d' | '2d' } = {}): FileSource {
  const rows = visits === 1 ? 1 : visits + 2
  const fill = (of: (row: number, pixel: number) => number): Float32Array =>
    Float32Array.from({ length: rows * N }, (_, i) => of(Math.floor(i / N), i % N))
  const ofVisits = Array.from({ length: visits }, (_, i) => ({
    [`VHELIO${i + 1}`]: 10 + i,
    [`VERR${i + 1}`]: 0.1,
    [`FLAG${i + 1}`]: i,
    [`JD${i + 1}`]: 2_456_000.5 + i,
    [`FIBER${i + 1}`]: 88,
  }))
  const header = {
    OBJID: options.id ?? '2M00000001',
    RA: 10.5,
    DEC: -5.25,
    NVISITS: visits,
    VHELIO: 12.5,
    VERR: 0.05,
    TELESCOP: 'apo25m',
    FIELD: 'N7789',
    LOCID: 4264,
    STARFLAG: -2_147_483_648,
    ANDFLAG: 4,
    J: 11.5,
    H: 99,
    K: -9999,
    ...Object.assign({}, ...ofVisits),
  }
  return fitsFile(options.name ?? 'apStar-r6-2M00000001.fits', [
    { kind: 'image', header },
    image(
      fill((row, pixel) => 100 * (row + 1) + pixel),
      rows,
      options.oneRow,
    ),
    image(
      fill((row) => row + 1),
      rows,
      options.oneRow,
    ),
    image(
      Int16Array.from({ length: rows * N }, (_, i) => 1 << Math.floor(i / N)),
      rows,
      options.oneRow,
    ),
  ])
}

const read = async (files: FileSource | FileSource[], options: ApogeeReadOptions = {}): Promise<Spectra> =>
  (await collect(apogeeReader.read([files].flat(), options)))[0]!
const row = (matrix: Float32Array | Uint32Array, at = 0): number[] => [...matrix.subarray(at * N, (at + 1) * N)]
const column = (spectra: Spectra, name: string): number[] => [...columnNumbers(requireColumn(spectra.catalog, name))]

test('the combined spectrum of three visits, on the grid of the header, with what is known of the star', async () => {
  const spectra = await read(apStar(3))
  expect(spectra.starId).toEqual(['2M00000001'])
  expect([spectra.ra[0], spectra.dec[0]]).toEqual([10.5, -5.25])
  expect(row(spectra.flux)).toEqual([100, 101, 102, 103, 104, 105, 106, 107])
  expect(row(spectra.ivar)).toEqual(Array.from({ length: N }, () => 1))
  expect(spectra.meta).toMatchObject({
    wavelength: { kind: 'log10', start: 4.179, step: 6e-6, length: N, medium: 'vacuum' },
    frame: 'rest',
    stage: 'raw',
    survey: 'apogee',
    release: 'DR13',
    noise: 'measured',
    fluxUnit: '10**-17 erg/(s cm2 Angstrom)',
    maskBits: APOGEE_PIXMASK.bits,
  })
  expect(pixelWavelengths(spectra.meta)[7]).toBeCloseTo(10 ** (4.179 + 42e-6), 9)
  expect(['v_rad', 'v_rad_err', 'NVISITS', 'STARFLAG', 'J', 'H', 'K'].map((name) => column(spectra, name)[0])).toEqual([
    12.5,
    0.05,
    3,
    2_147_483_648,
    11.5,
    Number.NaN,
    Number.NaN,
  ])
})

test('weighting and mask are chosen by name, and each other is left alone', async () => {
  const bits = async (options: ApogeeReadOptions): Promise<[number, string[]]> => {
    const spectra = await read(apStar(3), options)
    return [spectra.flux[0]!, APOGEE_PIXMASK.names(spectra.mask![0]!)]
  }
  expect(await bits({})).toEqual([100, ['CRPIX']])
  expect(await bits({ combined: 'pixel', mask: 'or' })).toEqual([100, ['BADPIX']])
  expect(await bits({ combined: 'global', mask: 'and' })).toEqual([200, ['CRPIX']])
  expect(await bits({ combined: 'global', mask: 'or' })).toEqual([200, ['BADPIX']])
  expect((await read(apStar(3), { combined: 'global', mask: 'or' })).meta.history).toEqual([
    {
      step: 'ingest',
      options: {
        reader: 'apogee',
        files: 1,
        product: 'apStar',
        spectra: 'combined',
        combined: 'global',
        mask: 'or',
      },
    },
  ])
})

test.each(['1d', '2d'] as const)('a file of one visit has a single row, whatever is asked for (%s)', async (oneRow) => {
  for (const options of [{}, { combined: 'global', mask: 'and' }, { mask: 'or' }, { visits: true }] as const) {
    const spectra = await read(apStar(1, { oneRow }), options)
    expect([spectra.n, row(spectra.flux), spectra.mask![0]]).toEqual([1, [100, 101, 102, 103, 104, 105, 106, 107], 1])
  }
})

test('visits one by one keep the identifier of their star and have its group', async () => {
  const spectra = await read([apStar(3), apStar(1, { id: 'other' }), apStar(2, { id: 'third' })], { visits: true })
  expect(spectra.starId).toEqual(['2M00000001', '2M00000001', '2M00000001', 'other', 'third', 'third'])
  expect(columnStrings(requireColumn(spectra.catalog, 'star_group'))).toEqual([...spectra.starId])
  expect(column(spectra, 'visit')).toEqual([1, 2, 3, 1, 1, 2])
  expect(column(spectra, 'v_rad')).toEqual([10, 11, 12, 10, 10, 11])
  expect(column(spectra, 'STARFLAG')).toEqual([0, 1, 2, 0, 0, 1])
  expect([0, 1, 2, 3, 4, 5].map((at) => spectra.flux[at * N])).toEqual([300, 400, 500, 100, 300, 400])
  expect([...spectra.mask!].filter((_, i) => i % N === 0)).toEqual([4, 8, 16, 1, 4, 8])
})

test('what was not measured has ivar 0: errors of 1e10, 0, below 0, not finite, and flux of exactly 0', async () => {
  const flux = Float32Array.of(5, 5, 5, 5, 0, 0, Number.NaN, -2)
  const error = Float32Array.of(1e10, 0, -1, Number.NaN, 1, 1e10, 1, 0.5)
  const file = fitsFile('apStar-r8-2M1.fits', [
    { kind: 'image' },
    image(flux, 1),
    image(error, 1),
    image(new Int16Array(N).fill(-32_768), 1),
  ])
  const spectra = await read(file)
  expect(row(spectra.ivar)).toEqual([0, 0, 0, 0, 0, 0, 0, 4])
  expect(row(spectra.flux)).toEqual([5, 5, 5, 5, 0, 0, 0, -2])
  // Bit 15 of a mask of 16 bits is its sign, and no other bit.
  expect(spectra.mask![0]).toBe(0x8000)
  expect([spectra.starId[0], spectra.meta.release]).toEqual(['2M1', 'DR14'])
  expect([...requireColumn(spectra.catalog, 'STARFLAG').valid!]).toEqual([0])
})

const covariance = (diagonal: number[]): Float32Array =>
  Float32Array.from({ length: 81 }, (_, i) => (i % 10 === 0 ? diagonal[i / 10]! : 0.001))
const FPARAM = [4500.5, 2.25, 0.30103, -0.5, 0.125, 0.25, -0.0625, 0.5, 0]
const PARAM = [-9999, 2, 0.30103, -9999, 0.125, 0.25, -9999, 0.5, 0]

function aspcapStar(name = 'aspcapStar-r6-l30e.2-2M00000001.fits', columns?: string[]): FileSource {
  const all = [
    { name: 'PARAM', shape: [9], values: Float32Array.from(PARAM) },
    { name: 'PARAM_COV', shape: [9, 9], values: new Float32Array(81).fill(-9999) },
    { name: 'FPARAM', shape: [9], values: Float32Array.from(FPARAM) },
    { name: 'FPARAM_COV', shape: [9, 9], values: covariance([100, 0.25, 0.01, 0.04, 0, 0, 0.01, 0, 0]) },
    { name: 'PARAMFLAG', shape: [9], values: Int32Array.of(769, 0, -2_147_483_648, 0, 0, 0, 0, 0, 0) },
    { name: 'ASPCAPFLAG', values: Int32Array.of(-2_147_483_648) },
    { name: 'STARFLAG', values: Int32Array.of(4) },
    { name: 'PARAM_CHI2', values: Float32Array.of(2.5) },
  ]
  return fitsFile(name, [
    { kind: 'image', header: { OBJ: '2M00000001', RA: 10.5, DEC: -5.25, NVISITS: 3, VHELIO: 12.5 } },
    image(Float32Array.of(0, 1, 0.9, 1.1, 1, 1, 0, 0), 1),
    image(Float32Array.of(0, 0.5, 0.25, 0.5, 80, 0.5, 10, 0), 1),
    image(new Float32Array(N), 1),
    { kind: 'table', columns: all.filter((entry) => columns?.includes(entry.name) ?? true) },
  ])
}

test('aspcapStar: pseudo-normalised flux with the labels of HDU 4, raw or calibrated by name', async () => {
  const raw = await read(aspcapStar())
  expect(raw.starId).toEqual(['2M00000001'])
  expect(raw.meta).toMatchObject({ stage: 'normalised', frame: 'rest', release: 'DR13' })
  expect(raw.mask).toBeUndefined()
  expect(row(raw.ivar)).toEqual([0, 4, 16, 4, Math.fround(1 / 6400), 4, 0, 0])
  const labels = (spectra: Spectra): number[] =>
    ['teff', 'logg', 'm_h', 'c_m', 'n_m', 'alpha_m'].map((name) => column(spectra, name)[0]!)
  expect(labels(raw)).toEqual([4500.5, 2.25, -0.5, 0.125, 0.25, -0.0625])
  expect(column(raw, 'v_micro')[0]).toBeCloseTo(2, 5)
  expect(column(raw, 'v_micro_err')[0]).toBeCloseTo(2 * Math.LN10 * 0.1, 5)
  expect(['teff_err', 'logg_err', 'm_h_err', 'c_m_err'].map((name) => column(raw, name)[0])).toEqual([
    10,
    0.5,
    expect.closeTo(0.2, 6) as number,
    Number.NaN,
  ])
  expect([column(raw, 'ASPCAPFLAG'), column(raw, 'STARFLAG'), column(raw, 'PARAM_CHI2')]).toEqual([
    [2_147_483_648],
    [4],
    [2.5],
  ])
  expect([...(requireColumn(raw.catalog, 'PARAMFLAG').values as Uint32Array)].slice(0, 3)).toEqual([
    769, 0, 2_147_483_648,
  ])
  const calibrated = await read(aspcapStar(), { params: 'PARAM' })
  expect(labels(calibrated)).toEqual([Number.NaN, 2, Number.NaN, 0.125, 0.25, Number.NaN])
  expect(column(calibrated, 'logg_err')).toEqual([Number.NaN])
  expect(calibrated.meta.history[0]!.options).toMatchObject({ product: 'aspcapStar', params: 'PARAM' })
})

test('labels that a file does not have are refused with those it has', async () => {
  const file = aspcapStar('aspcapStar-r6-x.fits', ['PARAM', 'ASPCAPFLAG'])
  const error = await rejection(read(file))
  expect([error.code, error.message]).toEqual([
    'surveys/no-column',
    expect.stringMatching(/aspcapStar-r6-x.fits have no column FPARAM: expected one of PARAM, ASPCAPFLAG/),
  ])
})

function apVisit(name: string, shift: number, mask: 'i2' | 'i8' = 'i2'): FileSource {
  const chips = [16_900, 16_400, 15_800]
  const matrix = (of: (i: number) => number): HduInput => ({
    kind: 'image',
    shape: [3, 4],
    data: Float32Array.from({ length: 12 }, (_, i) => of(i)),
  })
  return fitsFile(name, [
    { kind: 'image', header: { OBJID: '2M1', MJD5: 55_874, FIBERID: 88, PLATE: '5094', VRAD: -55.5, VHELIO: -60.5 } },
    matrix((i) => i + 1),
    matrix((i) => (i === 0 ? 0 : 2)),
    {
      kind: 'image',
      shape: [3, 4],
      data:
        mask === 'i8'
          ? BigInt64Array.from({ length: 12 }, (_, i) => BigInt(i))
          : Int16Array.from({ length: 12 }, (_, i) => i),
    },
    {
      kind: 'image',
      shape: [3, 4],
      data: Float64Array.from({ length: 12 }, (_, i) => chips[Math.floor(i / 4)]! - 0.2 * (i % 4) + shift),
    },
  ])
}

test('apVisit: chips turned to ascend, each star on its own wavelengths, velocity in the frame of the spectrum', async () => {
  const spectra = await read([apVisit('apVisit-r6-1.fits', 0), apVisit('apVisit-r6-2.fits', 0.05)])
  expect([spectra.n, spectra.nPix, spectra.meta.frame]).toEqual([2, 12, 'observed'])
  expect([...spectra.flux.subarray(0, 12)]).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  expect([...spectra.ivar.subarray(9, 12)]).toEqual([0.25, 0.25, 0])
  expect([...spectra.mask!.subarray(0, 3)]).toEqual([11, 10, 9])
  expect(spectra.wave![0]).toBeCloseTo(15_799.4, 9)
  expect(spectra.wave![12]! - spectra.wave![0]!).toBeCloseTo(0.05, 9)
  expect([column(spectra, 'v_observed')[0], column(spectra, 'VHELIO')[0]]).toEqual([-55.5, -60.5])
  // VRAD and VHELIO differ by the motion of the Earth: neither may pass for the velocity of the star unasked.
  expect(spectra.catalog.columns.has('v_rad')).toBe(false)
})

test('apVisit with a mask of 64 bits, as later files may have, is read the same', async () => {
  const bytes = apVisit('apVisit-dr17-1.fits', 0, 'i8')
  expect([...(await read(bytes)).mask!]).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
})

test('stars fill batches, and files that cannot be read are told of', async () => {
  const files = Array.from({ length: 5 }, (_, i) => apStar(2, { name: `apStar-r6-${i}.fits`, id: `s${i}` }))
  const seen = warnings()
  const cut = memoryFile('apStar-r6-cut.fits', new Uint8Array(100))
  const batches = await collect(apogeeReader.read([cut, ...files], { batchRows: 2, ...seen }))
  expect(batches.map((batch) => batch.starId)).toEqual([['s0', 's1'], ['s2', 's3'], ['s4']])
  expect(seen.list.map(({ code, source }) => [code, source])).toEqual([['surveys/file-failed', 'apStar-r6-cut.fits']])
})

test('releases that differ are told of once; kinds and grids that differ are refused', async () => {
  const seen = warnings()
  const names = ['apStar-r6-a.fits', 'apStar-r8-b.fits', 'apStar-dr17-c.fits']
  const spectra = await read(
    names.map((name) => apStar(2, { name })),
    seen,
  )
  expect([spectra.n, spectra.meta.release, seen.codes()]).toEqual([3, 'DR13', ['surveys/releases-differ']])
  expect(seen.list[0]!.message).toMatch(/apStar-r8-b.fits is of DR14 and apStar-r6-a.fits of DR13/)
  expect((await read(apStar(2, { name: 'asStar-dr17-c.fits' }))).meta.release).toBe('DR17')
  const error = await rejection(read([apStar(2), aspcapStar()]))
  expect([error.code, error.message]).toEqual([
    'surveys/kinds-differ',
    expect.stringMatching(/files of two kinds: got aspcapStar, expected apStar/),
  ])
})

test('files without a spectrum of APOGEE say what they hold', async () => {
  const empty = fitsFile('empty.fits', [{ kind: 'image' }])
  expect((await rejection(read(empty))).message).toMatch(/empty.fits has no spectra of APOGEE: got 0 PRIMARY \(image\)/)
  const cube = (data: Float32Array | Int16Array): HduInput => ({ kind: 'image', header: GRID, shape: [1, 1, N], data })
  const cubes = fitsFile('apStar-r6-0.fits', [
    { kind: 'image' },
    cube(new Float32Array(N)),
    cube(new Float32Array(N)),
    cube(new Int16Array(N)),
  ])
  expect((await rejection(read(cubes))).message).toMatch(/holds no spectrum: got an image of 1 × 1 × 8/)
  // Without its labels an aspcapStar file has the HDUs of an apStar file, with the model in place of the mask.
  const cut = fitsFile('aspcapStar-r6-1.fits', [
    { kind: 'image' },
    ...[1, 2, 3].map(() => image(new Float32Array(N).fill(1), 1)),
  ])
  expect((await rejection(read(cut))).code).toBe('surveys/not-apogee')
  const uneven = fitsFile('apStar-r6-1.fits', [
    { kind: 'image' },
    image(new Float32Array(N), 1),
    image(new Float32Array(3 * N), 3),
    image(new Int16Array(N), 1),
  ])
  expect((await rejection(read(uneven))).message).toMatch(/do not fit one another: got 3 × 8, expected 8/)
})
