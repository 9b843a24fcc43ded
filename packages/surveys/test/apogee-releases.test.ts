import type { ColumnInput, HduInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { APOGEE_PARAMFLAG, APOGEE_PIXMASK, apogeeReader, flagSetOf } from '@astrolabel/surveys'
import type { ApogeeReadOptions, FileSource } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, rejection, warnings } from './memory-source.js'
import { mwmStar } from './mwm-source.js'
import type { Mwm } from './mwm-source.js'

const read = async (files: FileSource | FileSource[], options: ApogeeReadOptions = {}): Promise<Spectra> =>
  (await collect(apogeeReader.read([files].flat(), options)))[0]!
const column = (spectra: Spectra, name: string): number[] => [...columnNumbers(requireColumn(spectra.catalog, name))]
const words = (spectra: Spectra, name: string): string[] => columnStrings(requireColumn(spectra.catalog, name))

const N = 4
const GRID = { CRVAL1: 4.179, CDELT1: 6e-6, CRPIX1: 1 }
const image = (rows: readonly (readonly number[])[], kind: 'f8' | 'i8' = 'f8'): HduInput => ({
  kind: 'image',
  header: GRID,
  shape: [rows.length, rows[0]!.length],
  data: kind === 'i8' ? BigInt64Array.from(rows.flat(), BigInt) : Float64Array.from(rows.flat()),
})

/** As DR17's combination of visits writes it: double precision, masks of 64 bits, the second mask row empty. */
function dopplerStar(visits: number, name = 'asStar-dr17-2M1.fits'): FileSource {
  const rows = visits === 1 ? 2 : visits + 2
  const each = (of: (row: number, pixel: number) => number): number[][] =>
    Array.from({ length: rows }, (_, row) => Array.from({ length: N }, (__, pixel) => of(row, pixel)))
  // Visit v has bit v in every pixel, and all visits have bit 12 in pixel 1.
  const visitMask = (visit: number, pixel: number): number => (1 << visit) | (pixel === 1 ? 1 << 12 : 0)
  const masks = each((row, pixel) =>
    row >= 2
      ? visitMask(row - 2, pixel)
      : row === 0
        ? visits === 1
          ? visitMask(0, pixel)
          : pixel === 1
            ? 1 << 12
            : 0
        : 0,
  )
  const filled = (row: number): boolean => visits > 1 || row === 0
  return fitsFile(name, [
    {
      kind: 'image',
      header: { OBJID: '2M1', RA: 1, DEC: -2, NVISITS: visits, NRES: ' 5.00 4.25 3.50', VHELIO: 3.5, FIELD: 'f' },
    },
    image(each((row) => (filled(row) ? 100 * (row + 1) : 0))),
    image(each((row, pixel) => (filled(row) ? (pixel === 3 ? Number.NaN : 2) : 0))),
    image(masks, 'i8'),
  ])
}

test('apStar of DR17: the first mask is AND, OR is that of the visits, and one visit has an empty second row', async () => {
  const names = async (options: ApogeeReadOptions): Promise<string[][]> =>
    [...(await read(dopplerStar(3), options)).mask!].map((bits) => APOGEE_PIXMASK.names(bits))
  const all = ['BADPIX', 'CRPIX', 'SATPIX']
  expect(await names({})).toEqual([[], ['SIG_SKYLINE'], [], []])
  expect(await names({ mask: 'or', combined: 'global' })).toEqual([all, [...all, 'SIG_SKYLINE'], all, all])
  const visits = await read(dopplerStar(3), { visits: true })
  expect([visits.n, [...visits.flux].filter((_, i) => i % N === 0)]).toEqual([3, [300, 400, 500]])
  expect([...visits.mask!].filter((_, i) => i % N === 0)).toEqual([1, 2, 4])
  for (const options of [{}, { combined: 'global', mask: 'or' }, { visits: true }] as const) {
    const single = await read(dopplerStar(1), options)
    expect([single.n, [...single.flux], [...single.ivar]]).toEqual([1, [100, 100, 100, 100], [0.25, 0.25, 0.25, 0]])
    expect(single.mask![1]).toBe((1 << 12) | 1)
  }
  const spectra = await read(dopplerStar(3))
  expect([spectra.meta.release, words(spectra, 'TELESCOPE'), words(spectra, 'APOGEE_ID')]).toEqual([
    'DR17',
    ['lco25m'],
    ['2M1'],
  ])
  expect([...requireColumn((await read(dopplerStar(3, 'apStar-dr17-2M1.fits'))).catalog, 'TELESCOPE').valid!]).toEqual([
    0,
  ])
})

/** One row of 8575 pixels: flux is the pixel's number, its mask the same. */
function wholeStar(length = 8575): FileSource {
  const pixels = Float32Array.from({ length }, (_, i) => i + 1)
  const row = (data: Float32Array | Int16Array): HduInput => ({ kind: 'image', header: GRID, shape: [length], data })
  return fitsFile('apStar-r6-2M1.fits', [
    { kind: 'image' },
    row(pixels),
    row(new Float32Array(length).fill(1)),
    row(Int16Array.from({ length }, (_, i) => i)),
  ])
}

test.each([
  ['dr12', [322, 3648, 6412], [3242, 6048, 8306], 7214],
  ['dr13', [246, 3585, 6344], [3274, 6080, 8335], 7514],
] as const)(
  'the chips by the bounds of %s, as three segments that are told in the history',
  async (chips, from, to, n) => {
    const spectra = await read(wholeStar(), { chips })
    expect(spectra.nPix).toBe(n)
    expect(spectra.meta.segments!.map(({ name, start, end }) => [name, end - start])).toEqual(
      ['blue', 'green', 'red'].map((name, i) => [name, to[i]! - from[i]!]),
    )
    const wave = pixelWavelengths(spectra.meta)
    spectra.meta.segments!.forEach(({ start, end }, i) => {
      expect([spectra.flux[start], spectra.flux[end - 1]]).toEqual([from[i]! + 1, to[i]!])
      expect([spectra.mask![start], spectra.mask![end - 1]]).toEqual([from[i]!, to[i]! - 1])
      expect(wave[start]).toBeCloseTo(10 ** (4.179 + 6e-6 * from[i]!), 8)
      expect(wave[end - 1]).toBeCloseTo(10 ** (4.179 + 6e-6 * (to[i]! - 1)), 8)
    })
    expect(spectra.meta.history[0]!.options).toMatchObject({ product: 'apStar', chips })
  },
)

test('chips are cut out of the common grid only, and all of it is the default', async () => {
  expect((await read(wholeStar(), { chips: 'all' })).meta).toEqual((await read(wholeStar())).meta)
  const error = await rejection(read(wholeStar(8000), { chips: 'dr13' }))
  expect([error.code, error.message]).toEqual([
    'surveys/options',
    expect.stringMatching(
      /chips of apStar-r6-2M1.fits cannot be cut out: got 8000 pixels from 15100.8.* expected the 8575/,
    ),
  ])
})

const ELEMENTS_26 = Array.from({ length: 26 }, (_, i) => i / 10)
function aspcapStar(name: string, elements: ColumnInput[], extra: HduInput[] = []): FileSource {
  const row = (data: Float32Array): HduInput => ({ kind: 'image', header: GRID, shape: [N], data })
  const columns: ColumnInput[] = [
    { name: 'FPARAM', shape: [9], values: Float32Array.of(4500, 2.5, 0, -0.5, 0.25, 0.125, 0, 1, 0) },
    { name: 'PARAM', shape: [9], values: Float32Array.of(4600, 2.25, 0, -0.25, 0.5, 0.25, 0, 1, 0) },
    { name: 'PARAMFLAG', shape: [9], values: Int32Array.of(1, 2, 65_536, 0, 0, 0, 0, -2_147_483_648, 0) },
    ...elements,
  ]
  return fitsFile(name, [
    { kind: 'image', header: { OBJ: '2M1' } },
    row(new Float32Array(N).fill(1)),
    row(new Float32Array(N).fill(1)),
    row(new Float32Array(N)),
    { kind: 'table', columns },
    ...extra,
  ])
}
const vector = (name: string, values: number[]): ColumnInput => ({
  name,
  shape: [values.length],
  values: Float32Array.from(values),
})

test('elements over H or over M by their place, with errors and flags; a release tells the order', async () => {
  const flags = ELEMENTS_26.map((_, i) => (i === 5 ? -32_768 : i))
  const elements: ColumnInput[] = [
    vector('FELEM', ELEMENTS_26),
    vector(
      'FELEM_ERR',
      ELEMENTS_26.map((_, i) => (i === 4 ? -9999 : 0.5)),
    ),
    vector(
      'ELEM',
      ELEMENTS_26.map((value, i) => (i === 6 ? -9999 : -value)),
    ),
    vector(
      'ELEM_ERR',
      ELEMENTS_26.map(() => 0.25),
    ),
    { name: 'ELEMFLAG', shape: [26], values: Int16Array.from(flags) },
  ]
  const raw = await read(aspcapStar('aspcapStar-r6-l30e.2-2M1.fits', elements))
  const first = (spectra: Spectra, ...names: string[]): (number | undefined)[] =>
    names.map((name) => {
      const values = spectra.catalog.columns.get(name)
      return values === undefined ? undefined : Math.round(columnNumbers(values)[0]! * 1e5) / 1e5
    })
  // C and N over M are parameters too: these keep the name.
  expect(first(raw, 'c_m', 'c_m_elem', 'n_m', 'n_m_elem', 'ci_m', 'na_h', 'mg_m', 'fe_h', 'ni_h')).toEqual([
    0.25, 0, 0.125, 0.2, 0.1, 0.4, 0.5, 1.7, 1.9,
  ])
  expect(first(raw, 'ce_h', 'rb_h', 'y_h', 'nd_h', 'yb_h')).toEqual([2.2, 2.3, 2.4, 2.5, undefined])
  expect(first(raw, 'na_h_err', 'mg_m_err')).toEqual([Number.NaN, 0.5])
  expect(first(raw, 'mg_m_flag', 'teff_flag', 'v_micro_flag', 'v_sini_flag', 'v_sini')).toEqual([
    32_768, 1, 65_536, 2_147_483_648, 10,
  ])
  expect(flagSetOf('V_MICRO_FLAG')!.names(column(raw, 'v_micro_flag')[0]!)).toEqual(['PARAM_FIXED'])
  expect(requireColumn(raw.catalog, 'mg_m').unit).toBe('dex')
  expect([...(requireColumn(raw.catalog, 'ELEMFLAG').values as Uint32Array)].slice(4, 6)).toEqual([4, 32_768])

  const calibrated = await read(aspcapStar('aspcapStar-r6-x.fits', elements), { params: 'PARAM' })
  expect(first(calibrated, 'teff', 'mg_m', 'mg_m_err', 'al_h')).toEqual([4600, -0.5, 0.25, Number.NaN])
  const dr16 = await read(aspcapStar('aspcapStar-r12-2M1.fits', elements))
  expect(first(dr16, 'ge_h', 'rb_h', 'ce_h', 'nd_h', 'yb_h', 'y_h')).toEqual([2.1, 2.2, 2.3, 2.4, 2.5, undefined])
  // Of an unknown release only what all have in common is named.
  const unknown = await read(aspcapStar('aspcapStar-t9-2M1.fits', elements))
  expect(first(unknown, 'ge_h', 'ce_h', 'rb_h')).toEqual([2.1, undefined, undefined])
})

test('elements of DR12 and of DR17, and by the file’s own index arrays', async () => {
  const fifteen = Array.from({ length: 15 }, (_, i) => i)
  const dr12 = await read(aspcapStar('aspcapStar-r5-2M1.fits', [vector('FELEM', fifteen)]))
  expect(['c_m_elem', 'na_h', 'al_h', 'k_h', 'ti_m', 'fe_h', 'ni_h'].map((name) => column(dr12, name)[0])).toEqual([
    0, 3, 5, 8, 10, 13, 14,
  ])
  const dr17: ColumnInput[] = [
    // A row a spectral window: the first is the fit of all of them.
    { name: 'FELEM', shape: [2, 27], values: Float32Array.from({ length: 54 }, (_, i) => i) },
    vector(
      'X_H',
      Array.from({ length: 27 }, (_, i) => 100 + i),
    ),
    vector(
      'X_M',
      Array.from({ length: 27 }, (_, i) => 200 + i),
    ),
    { name: 'ASPCAPFLAG', values: BigInt64Array.of((1n << 40n) | 1n) },
    { name: 'ELEMFLAG', shape: [27], values: BigInt64Array.from({ length: 27 }, (_, i) => BigInt(i)) },
  ]
  const raw = await read(aspcapStar('aspcapStar-dr17-2M1.fits', dr17))
  expect(['c_m_elem', 'fe_h', 'c13_m'].map((name) => column(raw, name)[0])).toEqual([0, 17, 26])
  expect(requireColumn(raw.catalog, 'ASPCAPFLAG').values).toEqual(BigUint64Array.of(1_099_511_627_777n))
  expect(column(raw, 'fe_h_flag')).toEqual([17])
  // DR17 has no ELEM any more; calibrated abundances are X_H and X_M.
  const calibrated = await read(aspcapStar('aspcapStar-dr17-2M1.fits', dr17), { params: 'PARAM' })
  expect(['c_m_elem', 'fe_h', 'mg_m'].map((name) => column(calibrated, name)[0])).toEqual([200, 117, 205])
  const arrays: HduInput = {
    kind: 'table',
    columns: [
      { name: 'ELEM_SYMBOL', shape: [2], values: ['Mg', 'Fe'] },
      { name: 'ELEMTOH', shape: [2], values: Int32Array.of(0, 1) },
    ],
  }
  const own = await read(aspcapStar('aspcapStar-x-1.fits', [vector('FELEM', [0.5, -0.5])], [arrays]))
  expect([column(own, 'mg_m'), column(own, 'fe_h')]).toEqual([[0.5], [-0.5]])
  // An order that nothing tells is not guessed at.
  const odd = await read(aspcapStar('aspcapStar-x-1.fits', [vector('FELEM', [0.5, -0.5])]))
  expect([...odd.catalog.columns.keys()].filter((name) => /^(mg|fe|c)_[hm]_?/.test(name))).toEqual([
    'c_m',
    'c_m_err',
    'c_m_flag',
  ])
  expect(APOGEE_PARAMFLAG.names(2)).toEqual(['CALRANGE_BAD'])
})

const NONE: Mwm = { rows: 0, telescope: 'lco25m' }

test('mwmStar of DR19: the APOGEE spectrum at rest, with the star of the header', async () => {
  const spectra = await read(mwmStar({ rows: 1, telescope: 'apo25m' }, NONE))
  expect([spectra.starId, spectra.ra[0], spectra.dec[0]]).toEqual([['54321'], 12.5, -30.25])
  expect(spectra.meta).toMatchObject({
    wavelength: { kind: 'log10', start: 4.179, step: 6e-6, length: N, medium: 'vacuum' },
    frame: 'rest',
    stage: 'raw',
    survey: 'apogee',
    release: 'DR19',
    noise: 'measured',
    fluxUnit: '10**-17 erg/(s cm2 Angstrom)',
    maskBits: APOGEE_PIXMASK.bits,
    history: [{ step: 'ingest', options: { reader: 'apogee', files: 1, product: 'mwmStar' } }],
  })
  expect([[...spectra.flux], [...spectra.ivar], [...spectra.mask!]]).toEqual([
    [10, 10, 0, 10],
    [4, 4, 0, 0],
    [0, 4096, 0, 0],
  ])
  expect([words(spectra, 'APOGEE_ID'), words(spectra, 'TELESCOPE'), words(spectra, 'sdss_id')]).toEqual([
    ['2M00000001'],
    ['apo25m'],
    ['54321'],
  ])
  expect(['v_rad', 'v_rad_err', 'NVISITS', 'STARFLAG', 'J'].map((name) => column(spectra, name)[0])).toEqual([
    -12.5, 0.5, 3, 16, 9.5,
  ])
})

test('both telescopes, and the visits of mwmVisit, are rows of the same star', async () => {
  const both = await read(mwmStar({ rows: 1, telescope: 'apo25m' }, { rows: 1, telescope: 'lco25m' }))
  expect([both.starId, words(both, 'TELESCOPE')]).toEqual([
    ['54321', '54321'],
    ['apo25m', 'lco25m'],
  ])
  const visits = await read(mwmStar({ rows: 3, telescope: 'apo25m' }, NONE, 'mwmVisit-0.6.0-54321.fits'))
  expect([[...visits.flux].filter((_, i) => i % N === 0), words(visits, 'star_group')]).toEqual([
    [10, 20, 30],
    ['54321', '54321', '54321'],
  ])
})

test('mwmStar without CRVAL has a column of wavelengths; whose columns do not fit, or without APOGEE, is told', async () => {
  const wavelength: ColumnInput = {
    name: 'wavelength',
    shape: [N],
    values: Float32Array.from({ length: N }, (_, i) => 10 ** (4.179 + 6e-6 * i)),
  }
  const listed = await read(
    mwmStar({ rows: 1, telescope: 'apo25m', header: {}, columns: (all) => [...all, wavelength] }, NONE),
  )
  expect(pixelWavelengths(listed.meta)[3]).toBeCloseTo(10 ** (4.179 + 18e-6), 2)
  const error = async (star: Mwm): Promise<string> => (await rejection(read(mwmStar(star, NONE)))).message
  expect(await error({ rows: 1, telescope: 'apo25m', header: {} })).toMatch(
    /does not say where its pixels lie: got CRVAL absent/,
  )
  expect(await error({ rows: 0, telescope: 'apo25m' })).toMatch(/has no spectrum of APOGEE: got spectra of BOSS\/APO/)
  const short = (all: ColumnInput[]): ColumnInput[] =>
    all.map((entry) => (entry.name === 'ivar' ? { ...entry, shape: [2], values: Float32Array.of(1, 1) } : entry))
  expect(await error({ rows: 1, telescope: 'apo25m', columns: short })).toMatch(
    /do not fit one another: got ivar with 2 values, expected 4/,
  )
  // One bad file of several is left out.
  const seen = warnings()
  const good = mwmStar({ rows: 1, telescope: 'apo25m' }, NONE)
  const batch = await read([mwmStar({ rows: 0, telescope: 'apo25m' }, NONE, 'mwmStar-0.6.0-1.fits'), good], seen)
  expect([batch.n, seen.codes()]).toEqual([1, ['surveys/file-failed']])
})
