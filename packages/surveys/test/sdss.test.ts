import type { ColumnInput, HduInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { SDSS_SPPIXMASK, sdssReader } from '@astrolabel/surveys'
import type { FileSource, SdssReadOptions } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, rejection, warnings } from './memory-source.js'

interface Spec {
  readonly first: number
  readonly n?: number
  readonly plate?: number
  readonly header?: Record<string, number | string | boolean | undefined>
  /** Columns of the spectrum in another order or with other values. */
  readonly columns?: (columns: ColumnInput[]) => ColumnInput[]
  readonly object?: ColumnInput[] | null
  readonly name?: string
}

const LITE_OBJECT: ColumnInput[] = [
  { name: 'SPECOBJID', values: ['    299497923312379904'] },
  { name: 'CLASS', values: ['STAR'] },
  { name: 'SUBCLASS', values: ['F5'] },
  { name: 'Z', values: Float32Array.of(-0.0005) },
  { name: 'Z_ERR', values: Float32Array.of(0.00001) },
  { name: 'ZWARNING', values: Int32Array.of(4) },
  { name: 'PLUG_RA', values: Float64Array.of(147.5) },
  { name: 'PLUG_DEC', values: Float64Array.of(-0.25) },
  { name: 'RUN2D', values: ['26'] },
  { name: 'ELODIE_TEFF', values: Float32Array.of(6500) },
  { name: 'OBJID', shape: [5], values: Int32Array.of(1, 2, 3, 4, 5) },
  { name: 'SN_MEDIAN_ALL', values: Float32Array.of(7.5) },
]

/** Pixel i has flux first + i, ivar 4, AND mask 0 but for BRIGHTSKY in pixel 1, OR mask COMBINEREJ everywhere. */
function spec({ first, n = 4, plate = 266, header, columns, object, name }: Spec): FileSource {
  const numbers = (of: (i: number) => number): Float32Array => Float32Array.from({ length: n }, (_, i) => of(i))
  const coadd: ColumnInput[] = [
    { name: 'flux', values: numbers((i) => first + i) },
    { name: 'loglam', values: numbers((i) => (first + i) * 1e-4) },
    { name: 'ivar', values: numbers(() => 4) },
    { name: 'and_mask', values: Int32Array.from({ length: n }, (_, i) => (i === 1 ? 1 << 23 : 0)) },
    { name: 'or_mask', values: new Int32Array(n).fill((1 << 31) | (1 << 25)) },
    { name: 'wdisp', values: numbers(() => 1) },
  ]
  const exposure: HduInput = { kind: 'table', name: 'B2-00009982', columns: coadd.slice(0, 2) }
  return fitsFile(name ?? `spec-0${plate}-51602-0031.fits`, [
    {
      kind: 'image',
      header: {
        // As in legacy files, COEFF0 is that of the uncut spectrum, and RA that of the plate.
        COEFF0: (first - 13) * 1e-4,
        COEFF1: 1e-4,
        RA: 145.9,
        DEC: 0.06,
        VACUUM: true,
        VERS2D: 'v5_3_12',
        PLATEID: plate,
        MJD: 51_602,
        FIBERID: 31,
        ...header,
      },
    },
    { kind: 'table', name: 'COADD', columns: columns?.(coadd) ?? coadd },
    ...(object === null
      ? []
      : [{ kind: 'table', name: 'SPECOBJ', columns: object ?? LITE_OBJECT } satisfies HduInput, exposure]),
  ])
}

const read = async (files: FileSource | FileSource[], options: SdssReadOptions = {}): Promise<Spectra> =>
  (await collect(sdssReader.read([files].flat(), options)))[0]!
const numbers = (spectra: Spectra, name: string): number[] => [...columnNumbers(requireColumn(spectra.catalog, name))]
const words = (spectra: Spectra, name: string): string[] => columnStrings(requireColumn(spectra.catalog, name))

test('a spectrum with what the survey found about the object', async () => {
  const spectra = await read(spec({ first: 35_798 }))
  expect(spectra.starId).toEqual(['0266-51602-0031'])
  expect([spectra.ra[0], spectra.dec[0]]).toEqual([147.5, -0.25])
  expect([...spectra.flux]).toEqual([35_798, 35_799, 35_800, 35_801])
  expect([...spectra.ivar]).toEqual([4, 4, 4, 4])
  expect(spectra.meta).toMatchObject({
    // The table's own wavelengths, not COEFF0, which lies 13 pixels before.
    wavelength: { kind: 'log10', start: 3.5798, step: 1e-4, length: 4, medium: 'vacuum' },
    frame: 'barycentric',
    survey: 'sdss',
    release: '26',
    noise: 'measured',
    maskBits: SDSS_SPPIXMASK.bits,
    history: [{ step: 'ingest', options: { reader: 'sdss', files: 1, mask: 'and' } }],
  })
  expect(words(spectra, 'SPECOBJID')).toEqual(['299497923312379904'])
  expect(['PLATE', 'MJD', 'FIBERID', 'ZWARNING', 'ELODIE_TEFF'].map((name) => numbers(spectra, name)[0])).toEqual([
    266, 51_602, 31, 4, 6500,
  ])
  expect(numbers(spectra, 'v_rad')[0]).toBeCloseTo(-149.896, 2)
  expect(numbers(spectra, 'v_rad_err')[0]).toBeCloseTo(2.998, 3)
})

test('columns are found by name, whatever their order and case', async () => {
  const spectra = await read(
    spec({
      first: 36_000,
      columns: (all) => [
        all[1]!,
        { name: 'sigma', values: new Float32Array(4).fill(9) },
        ...all.slice(2).map((column) => ({ ...column, name: column.name.toUpperCase() })),
        { ...all[0]!, name: 'FLUX' },
      ],
    }),
  )
  expect([[...spectra.flux], [...spectra.ivar]]).toEqual([
    [36_000, 36_001, 36_002, 36_003],
    [4, 4, 4, 4],
  ])
})

test('the mask of all exposures or of any, unsigned', async () => {
  const names = async (mask: 'and' | 'or'): Promise<string[][]> =>
    [...(await read(spec({ first: 36_000 }), { mask })).mask!].map((bits) => SDSS_SPPIXMASK.names(bits))
  expect(await names('and')).toEqual([[], ['BRIGHTSKY'], [], []])
  expect(await names('or')).toEqual(Array.from({ length: 4 }, () => ['COMBINEREJ', 'bit 31']))
})

test('a mask that is asked for must be there; where only OR is, it stands in', async () => {
  const only = (name: string): FileSource =>
    spec({
      first: 36_000,
      columns: (all) => all.filter((column) => !column.name.endsWith('mask') || column.name === name),
    })
  const error = await rejection(read(only('and_mask'), { mask: 'or' }))
  expect([error.code, error.message]).toEqual([
    'surveys/no-column',
    expect.stringMatching(
      /spec-0266-51602-0031.fits has no column or_mask: expected one of flux, loglam, ivar, and_mask/,
    ),
  ])
  expect(SDSS_SPPIXMASK.names((await read(only('or_mask'))).mask![0]!)).toEqual(['COMBINEREJ', 'bit 31'])
  expect((await rejection(read(only('or_mask'), { mask: 'and' }))).code).toBe('surveys/no-column')
})

test('different ends are padded to the union, pixel for pixel', async () => {
  const spectra = await read([
    spec({ first: 36_000, plate: 300 }),
    spec({ first: 35_998, n: 3, plate: 400 }),
    spec({ first: 36_002, n: 5, plate: 500 }),
  ])
  expect([spectra.nPix, spectra.meta.wavelength]).toEqual([
    9,
    { kind: 'log10', start: 3.5998, step: 1e-4, length: 9, medium: 'vacuum' },
  ])
  expect(
    [0, 1, 2].map((row) => [...spectra.flux.subarray(row * 9, row * 9 + 9)].map((v) => (v === 0 ? 0 : v - 35_998))),
  ).toEqual([
    [0, 0, 2, 3, 4, 5, 0, 0, 0],
    [0, 1, 2, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 4, 5, 6, 7, 8],
  ])
  expect([...spectra.ivar.subarray(0, 9)]).toEqual([0, 0, 4, 4, 4, 4, 0, 0, 0])
  expect([...spectra.mask!].flatMap((bits, i) => (bits === 0 ? [] : [i]))).toEqual([3, 9 + 1, 18 + 5])
  // A flux of pixel i stands at the wavelength that its file gave it.
  expect(pixelWavelengths(spectra.meta)[2]).toBeCloseTo(10 ** 3.6, 9)
})

test('more files than are held at once are read in two passes, to the same', async () => {
  const few = [
    spec({ first: 36_000, plate: 300 }),
    spec({ first: 35_998, n: 3, plate: 400, header: { RUN2D: 'v5_7_0' } }),
    fitsFile('spec-0001-00001-0001.fits', [{ kind: 'image' }]),
    spec({ first: 36_002, n: 5, plate: 500 }),
  ]
  const seen = warnings()
  const ticks: [number, number][] = []
  const once = await read(few, warnings())
  const [a, b, c] = [few[0]!, few[1]!, few[2]!]
  const many = [a, b, c, few[3]!, ...Array.from({ length: 1022 }, () => a)]
  const batches = await collect(
    sdssReader.read(many, { batchRows: 700, ...seen, onProgress: (done, total) => ticks.push([done, total]) }),
  )
  expect(batches.map((batch) => batch.n)).toEqual([700, 325])
  expect(batches[0]!.meta).toEqual({
    ...once.meta,
    history: [{ step: 'ingest', options: { reader: 'sdss', files: 1026, mask: 'and' } }],
  })
  expect(once.meta.release).toBe('26 v5_7_0')
  expect([...batches[0]!.flux.subarray(0, once.flux.length)]).toEqual([...once.flux])
  expect([...batches[1]!.flux.subarray(324 * 9)]).toEqual([...once.flux.subarray(0, 9)])
  expect(seen.list.map(({ code, source }) => [code, source])).toEqual([
    ['surveys/file-failed', 'spec-0001-00001-0001.fits'],
  ])
  expect([ticks[0], ticks.at(-1)]).toEqual([
    [1, 2052],
    [2052, 2052],
  ])
})

test('bad values: ivar that is negative or not finite is 0, flux that is not finite too', async () => {
  const spectra = await read(
    spec({
      first: 36_000,
      columns: (all) => [
        { name: 'flux', values: Float32Array.of(1, 2, Number.NaN, 0) },
        all[1]!,
        { name: 'ivar', values: Float32Array.of(-1, Infinity, 4, 4) },
      ],
    }),
  )
  expect([[...spectra.flux], [...spectra.ivar], [...spectra.mask!]]).toEqual([
    [1, 2, 0, 0],
    [0, 0, 0, 4],
    [0, 0, 0, 0],
  ])
})

test('without a row about the object, and without wavelengths, the header serves', async () => {
  const spectra = await read(
    spec({ first: 36_013, object: null, columns: (all) => all.filter(({ name }) => name !== 'loglam') }),
  )
  expect(spectra.starId).toEqual(['0266-51602-0031'])
  expect(spectra.meta.wavelength).toMatchObject({ start: 3.6 })
  expect(spectra.meta.release).toBe('v5_3_12')
  expect([spectra.ra[0], words(spectra, 'SPECOBJID'), numbers(spectra, 'v_rad')]).toEqual([
    Number.NaN,
    [''],
    [Number.NaN],
  ])
  const header = { PLATEID: undefined, MJD: undefined, FIBERID: undefined }
  const named = spec({ first: 36_000, object: null, header, name: 'spec-4055-55359-0596.fits' })
  expect([(await read(named)).starId, numbers(await read(named), 'FIBERID')]).toEqual([['4055-55359-0596'], [596]])
})

test('identifiers of 64 bits stay exact, velocities are those of stars, columns come on request', async () => {
  const object: ColumnInput[] = [
    { name: 'SPECOBJID', values: BigInt64Array.of(8_392_669_674_856_968_193n) },
    { name: 'CLASS', values: ['GALAXY'] },
    { name: 'Z', values: Float32Array.of(0.1) },
    { name: 'THING_ID', values: Int32Array.of(269) },
  ]
  const spectra = await read(spec({ first: 36_000, object }), { columns: ['thing_id', 'Z'] })
  expect([words(spectra, 'SPECOBJID'), numbers(spectra, 'v_rad'), numbers(spectra, 'THING_ID')]).toEqual([
    ['8392669674856968193'],
    [Number.NaN],
    [269],
  ])
  const error = await rejection(read(spec({ first: 36_000, object }), { columns: ['psfmag'] }))
  expect([error.code, error.message]).toEqual([
    'surveys/no-column',
    expect.stringMatching(/has no column psfmag: expected one of SPECOBJID, CLASS, Z, THING_ID/),
  ])
})

test.each<[string, Partial<Spec>]>([
  ['between two pixels', { columns: (all) => shifted(all, 4e-5) }],
  ['beyond all spectra', { columns: (all) => shifted(all, 3) }],
  ['descending', { columns: (all) => all.map((c) => (c.name === 'loglam' ? { ...c, values: backwards(c) } : c)) }],
])('wavelengths %s are refused', async (_, change) => {
  const error = await rejection(read(spec({ first: 36_000, ...change })))
  expect([error.code, error.message]).toEqual([
    'surveys/off-lattice',
    expect.stringMatching(/spec-0266-51602-0031.fits does not lie on the wavelengths of SDSS: got loglam/),
  ])
})

const backwards = (column: ColumnInput): Float32Array => (column.values as Float32Array).slice().reverse()
const shifted = (all: ColumnInput[], by: number): ColumnInput[] =>
  all.map((c) => (c.name === 'loglam' ? { ...c, values: (c.values as Float32Array).map((v) => v + by) } : c))

test('air and vacuum do not mix, and other files say what they hold', async () => {
  const air = spec({ first: 36_000, plate: 999, header: { VACUUM: false } })
  expect((await read(air)).meta.wavelength).toMatchObject({ medium: 'air' })
  expect((await rejection(read([spec({ first: 36_000 }), air]))).code).toBe('surveys/grids-differ')
  const integers = spec({
    first: 36_000,
    columns: (all) => all.map((c) => (c.name === 'and_mask' ? { ...c, values: new BigInt64Array(4) } : c)),
  })
  expect((await rejection(read(integers))).code).toBe('surveys/not-sdss')
  const table = fitsFile('other.fits', [
    { kind: 'image' },
    { kind: 'table', name: 'STARS', columns: [{ name: 'TEFF', values: Float32Array.of(5000) }] },
  ])
  expect((await rejection(read(table))).message).toMatch(
    /other.fits has no spectrum of SDSS: got 0 PRIMARY \(image\), 1 STARS \(bintable\), expected a table with columns/,
  )
})

test('the line spread is carried on request, in Å, padded as the spectra are', async () => {
  const files = [spec({ first: 36_000, plate: 266 }), spec({ first: 36_002, plate: 267 })]
  const spectra = await read(files, { resolution: true })
  const { values, width } = requireColumn(spectra.catalog, 'lsf_sigma')
  expect(width).toBe(spectra.nPix)
  // wdisp is 1 pixel: 69 km/s.
  const step = (i: number): number => 10 ** (3.6 + i * 1e-4) * Math.LN10 * 1e-4
  const expected = [0, 1, 2, 3, -1, -1, -1, -1, 2, 3, 4, 5].map((i) => (i < 0 ? 0 : step(i)))
  expect(values).toEqual(Float32Array.from(expected))
  expect((await read(files)).catalog.columns.has('lsf_sigma')).toBe(false)
  const without = spec({ first: 36_000, columns: (all) => all.filter(({ name }) => name !== 'wdisp') })
  await expect(read(without, { resolution: true })).rejects.toMatchObject({ code: 'surveys/no-resolution' })
})
