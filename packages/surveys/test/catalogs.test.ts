import { openFits, encodeFits } from '@astrolabel/io-fits'
import type { ColumnInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, makeTable, requireColumn } from '@astrolabel/spectra'
import {
  APOGEE_ASPCAPFLAG,
  indexCatalog,
  joinCatalog,
  readApogeeCatalog,
  readFitsTable,
  selectColumns,
  spectraFromNpz,
  tableReader,
} from '@astrolabel/surveys'
import type { NpyArray } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, memoryFile, rejection, warnings } from './memory-source.js'

const allStar: ColumnInput[] = [
  { name: 'APOGEE_ID', values: ['2M01', '2M02', '2M01', ''] },
  { name: 'SNR', values: Float32Array.of(50, 80, 120, 1) },
  { name: 'RA', values: Float64Array.of(1, 2, 1, 3) },
  { name: 'DEC', values: Float64Array.of(-1, -2, -1, -3) },
  { name: 'TEFF', values: Float32Array.of(4800, -9999, 4810, Number.NaN) },
  { name: 'TEFF_ERR', values: Float32Array.of(90, -1, 91, -1) },
  { name: 'M_H', values: Float32Array.of(-0.1, 0.1, -0.2, 0) },
  { name: 'ALPHAFE', values: Float32Array.of(0.1, 0.2, 0.3, 0.4) },
  { name: 'VHELIO_AVG', values: Float32Array.of(10, 20, 30, 40) },
  { name: 'VERR', values: Float32Array.of(0.1, 0.2, 0.3, 0.4) },
  { name: 'K', values: Float32Array.of(9, 99.999, 8, 7) },
  { name: 'ASPCAPFLAG', values: Int32Array.of(0, -2147483648, 8388608, 0) },
  { name: 'PARAM', values: new Float32Array(28), shape: [7] },
]

const open = (columns: ColumnInput[]): ReturnType<typeof openFits> =>
  openFits(encodeFits([{ kind: 'image' }, { kind: 'table', columns }]))

test('allStar: canonical labels, one row a star by signal to noise, fills missing', async () => {
  const seen = warnings()
  const table = await readApogeeCatalog(await open(allStar), 'allStar.fits', seen)
  expect(columnStrings(requireColumn(table, 'APOGEE_ID'))).toEqual(['2M02', '2M01', ''])
  expect([...table.columns.keys()]).toEqual([
    'APOGEE_ID',
    'SNR',
    'RA',
    'DEC',
    'teff',
    'teff_err',
    'm_h',
    'alpha_m',
    'v_rad',
    'v_rad_err',
    'K',
    'ASPCAPFLAG',
  ])
  expect([...columnNumbers(requireColumn(table, 'teff'))]).toEqual([Number.NaN, 4810, Number.NaN])
  expect([...columnNumbers(requireColumn(table, 'teff_err'))]).toEqual([Number.NaN, 91, Number.NaN])
  expect([...requireColumn(table, 'K').valid!]).toEqual([0, 1, 1])
  expect(APOGEE_ASPCAPFLAG.names(requireColumn(table, 'ASPCAPFLAG').values[0] as number)).toEqual(['NO_ASPCAP_RESULT'])
  expect(seen.list).toEqual([
    {
      code: 'surveys/duplicates',
      source: 'allStar.fits',
      message: expect.stringContaining('1 of 4 rows repeat a star'),
    },
  ])
})

test('allStar: columns by either name, all rows on request', async () => {
  const table = await readApogeeCatalog(await open(allStar), 'a', {
    columns: ['teff', 'alpha_m', 'PARAM'],
    duplicates: 'all',
  })
  expect([...table.columns.keys()]).toEqual(['APOGEE_ID', 'teff', 'alpha_m', 'PARAM'])
  expect(table.n).toBe(4)
  expect(requireColumn(table, 'PARAM').width).toBe(7)
  const missing = await rejection(readApogeeCatalog(await open(allStar), 'a', { columns: ['fe_h'] }))
  expect([missing.code, missing.message]).toEqual([
    'surveys/no-column',
    expect.stringMatching(/a has no column fe_h: expected one of APOGEE_ID, SNR, RA/),
  ])
})

test('allStar: other and empty tables are told', async () => {
  expect(
    (await rejection(readApogeeCatalog(await open([{ name: 'x', values: Float64Array.of(1) }]), 'x.fits'))).message,
  ).toMatch(/x.fits has no table of stars/)
  const none = allStar
    .slice(0, 2)
    .map((column) => ({ ...column, values: column.name === 'SNR' ? new Float32Array(0) : [] }))
  expect((await rejection(readApogeeCatalog(await open(none), 'x.fits'))).code).toBe('surveys/empty-catalog')
})

test('a FITS table keeps types, vectors, units and missing values', async () => {
  const file = await open([
    { name: 'id', values: BigInt64Array.of(39633297352951412n, 2n) },
    { name: 'v', values: Float32Array.of(1, 2, 3, 4), shape: [2], unit: 'K' },
    { name: 'ok', values: Uint8Array.of(1, 0), dtype: 'bool' },
    { name: 'n', values: Int32Array.of(5, 6), valid: Uint8Array.of(1, 0), null: -1 },
  ])
  const table = await readFitsTable(file)
  expect(requireColumn(table, 'id').values).toEqual(BigInt64Array.of(39633297352951412n, 2n))
  expect(requireColumn(table, 'v')).toMatchObject({ width: 2, unit: 'K' })
  expect(requireColumn(table, 'ok').boolean).toBe(true)
  expect([...requireColumn(table, 'n').valid!]).toEqual([1, 0])
  expect([...(await readFitsTable(file, { columns: ['N'], rows: [1, 2] })).columns.keys()]).toEqual(['n'])
  expect((await rejection(readFitsTable(file, { columns: ['z'] }))).message).toMatch(/no column "z"/)
  expect((await rejection(readFitsTable(await openFits(encodeFits([{ kind: 'image' }]))))).code).toBe(
    'surveys/no-table',
  )
})

test('a catalogue joins by identifier; stars it lacks are missing', () => {
  const f8 = (shape: number[], values: number[]): { shape: number[]; data: Float64Array } => ({
    shape,
    data: Float64Array.from(values),
  })
  const spectra = spectraFromNpz(
    new Map<string, NpyArray>([
      ['flux', f8([3, 1], [1, 2, 3])],
      ['star_id', { shape: [3], data: ['b', 'x', 'a'] }],
    ]),
  )
  const catalog = makeTable([
    { name: 'star_id', values: ['a', 'b', 'a'] },
    { name: 'teff', values: Float64Array.of(1, 2, 3) },
    { name: 'teff_err', values: Float64Array.of(10, 20, 30) },
    { name: 'ra', values: Float64Array.of(100, 200, 300) },
    { name: 'note', values: ['p', 'q', 'r'] },
    { name: 'flux', values: Float64Array.of(7, 8, 9) },
  ])
  const joined = joinCatalog(spectra, indexCatalog(catalog, 'labels.csv'))
  expect([...columnNumbers(requireColumn(joined.catalog, 'teff'))]).toEqual([2, Number.NaN, 1])
  expect([...joined.ra]).toEqual([200, Number.NaN, 100])
  // In a file the columns lie beside star_id, ra, dec and flux of the spectra, so none may be called like them.
  expect([...joined.catalog.columns.keys()]).toEqual(['teff', 'teff_err', 'note', 'catalog_flux'])
  expect([...selectColumns(catalog, ['TEFF'], 'c').columns.keys()]).toEqual(['star_id', 'teff', 'teff_err'])
  expect(() => selectColumns(catalog, ['logg'], 'labels.csv')).toThrow(
    /labels.csv has no column logg: expected one of star_id, teff, teff_err, ra, note, flux/,
  )
  expect(() => indexCatalog(makeTable([{ name: 'x', values: Float64Array.of(1) }]), 'c')).toThrow(
    /c has no column star_id, TARGETID/,
  )
  expect(() => indexCatalog(makeTable([{ name: 'star_id', values: [] }]), 'c')).toThrow(/c has no rows/)
})

test('spectra as vector columns of a FITS table', async () => {
  const file = fitsFile('mine.fits', [
    { kind: 'image' },
    {
      kind: 'table',
      columns: [
        { name: 'Star_ID', values: ['a', 'b', 'c'] },
        { name: 'FLUX', values: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2] },
        { name: 'ERR', values: Float64Array.of(1, 2, 0, 0.5, 1, 1), shape: [2] },
        { name: 'TEFF', values: Float32Array.of(4000, -9999, 5000) },
      ],
    },
    { kind: 'image', name: 'WAVELENGTH', shape: [2], data: Float64Array.of(5000, 5001) },
  ])
  const batches = await collect(tableReader.read([file], { batchRows: 2 }))
  expect(batches.map((batch) => batch.starId)).toEqual([['a', 'b'], ['c']])
  expect([...batches[0]!.ivar]).toEqual([1, 0.25, 0, 4])
  expect([...columnNumbers(requireColumn(batches[0]!.catalog, 'teff'))]).toEqual([4000, Number.NaN])
  expect((await rejection(collect(tableReader.read([file], { fluxColumn: 'spec' })))).message).toMatch(
    /mine.fits has no column spec: expected one of Star_ID, FLUX/,
  )
})

test('a table with a row a pixel is one star, named by its file', async () => {
  const text = memoryFile(
    'stars/hd1.csv',
    new TextEncoder().encode('wave,flux,err\n5000,1,0.5\n5001,2,0.5\n5002,nan,0.5\n'),
  )
  const [batch] = await collect(tableReader.read([text], { medium: 'air' }))
  expect(batch!.starId).toEqual(['hd1'])
  expect([...batch!.ivar]).toEqual([4, 4, 0])
  expect(batch!.meta.wavelength).toMatchObject({ kind: 'linear', medium: 'air' })
  const fits = fitsFile('spec.fits', [
    { kind: 'image' },
    {
      kind: 'table',
      columns: [
        { name: 'loglam', values: Float64Array.of(3.5, 3.5001, 3.5002) },
        { name: 'flux', values: Float32Array.of(1, 2, 3) },
        { name: 'ivar', values: Float32Array.of(1, 1, 0) },
      ],
    },
  ])
  const [star] = await collect(tableReader.read([fits], {}))
  expect(star!.meta.wavelength).toMatchObject({ kind: 'log10', start: 3.5, step: 0.0001 })
  expect([...star!.ivar]).toEqual([1, 1, 0])
})
