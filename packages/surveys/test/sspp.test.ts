import { encodeFits, openFits } from '@astrolabel/io-fits'
import type { ColumnInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import type { Table } from '@astrolabel/spectra'
import { readSsppCatalog } from '@astrolabel/surveys'
import { readCatalog, readSurvey } from '@astrolabel/surveys/node'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { collect, rejection, warnings } from './memory-source.js'

const folder = mkdtempSync(join(tmpdir(), 'sspp-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

// No ssppOut file is among the shared data: this one has the columns, types and fills of its data model at sdss3.org.
const f4 = (...values: number[]): Float32Array => Float32Array.from(values)
const SSPP: ColumnInput[] = [
  { name: 'MJD', values: Int32Array.of(51_602, 51_602, 53_000) },
  { name: 'PLATE', values: Int16Array.of(266, 266, 2000) },
  { name: 'FIBER', values: Int16Array.of(31, 32, 1) },
  { name: 'PRIM_TARGET', values: ['FTO', 'GD ', 'BHB'] },
  { name: 'SPECTYPE_HAMMER', values: ['F5', 'G2', 'A0'] },
  { name: 'FLAG', values: ['nnnnn', 'nnngn', 'Nnnnn'] },
  { name: 'TEFF_ADOP', values: f4(6500.5, -9999, 8000) },
  { name: 'TEFF_ADOP_N', values: Int16Array.of(5, 0, 3) },
  { name: 'TEFF_ADOP_UNC', values: f4(50.5, -9999, 100) },
  { name: 'LOGG_ADOP', values: f4(4.25, 3.5, -9.999) },
  { name: 'LOGG_ADOP_UNC', values: f4(0.125, -9.999, -1) },
  { name: 'FEH_ADOP', values: f4(-0.5, -9.999, -1.5) },
  { name: 'FEH_ADOP_UNC', values: f4(0.0625, 0.25, -9999) },
  { name: 'RV_ADOP', values: f4(-55.5, 10, 20), unit: 'km/s' },
  { name: 'RV_ADOP_UNC', values: f4(2.5, 1, 1), unit: 'km/s' },
  { name: 'SNR', values: f4(45.5, 10, -9999) },
  { name: 'RA', values: Float64Array.of(147.5, 10, 20) },
  { name: 'DEC', values: Float64Array.of(-0.25, 1, 2) },
  { name: 'SPECOBJID', values: ['299497923312379904', '299497923312379905', '2251799813685248001'], width: 22 },
]
const encode = (columns: ColumnInput[]): Uint8Array => encodeFits([{ kind: 'image' }, { kind: 'table', columns }])
const open = (columns: ColumnInput[]): ReturnType<typeof openFits> => openFits(encode(columns))
const numbers = (table: Table, name: string): number[] => [...columnNumbers(requireColumn(table, name))]

test('the adopted labels get canonical names, and every way to say "none" is missing', async () => {
  const table = await readSsppCatalog(await open(SSPP), 'ssppOut.fits')
  expect([...table.columns.keys()]).toEqual(
    'MJD PLATE FIBER SPECTYPE_HAMMER FLAG teff teff_err logg logg_err fe_h fe_h_err v_rad v_rad_err SNR RA DEC SPECOBJID'.split(
      ' ',
    ),
  )
  const none = Number.NaN
  expect(numbers(table, 'teff')).toEqual([6500.5, none, 8000])
  expect(numbers(table, 'teff_err')).toEqual([50.5, none, 100])
  expect(numbers(table, 'logg')).toEqual([4.25, 3.5, none])
  expect(numbers(table, 'logg_err')).toEqual([0.125, none, none])
  expect(numbers(table, 'fe_h')).toEqual([-0.5, none, -1.5])
  expect(numbers(table, 'fe_h_err')).toEqual([0.0625, 0.25, none])
  expect(numbers(table, 'v_rad')).toEqual([-55.5, 10, 20])
  expect(numbers(table, 'SNR')).toEqual([45.5, 10, none])
  expect([...requireColumn(table, 'logg').valid!]).toEqual([1, 1, 0])
  expect(['teff', 'logg', 'fe_h_err', 'v_rad'].map((name) => requireColumn(table, name).unit)).toEqual([
    'K',
    'dex(cm s-2)',
    'dex',
    'km/s',
  ])
  expect(columnStrings(requireColumn(table, 'FLAG'))).toEqual(['nnnnn', 'nnngn', 'Nnnnn'])
})

test('columns are asked for by either name, and the identifiers always come', async () => {
  const table = await readSsppCatalog(await open(SSPP), 's', { columns: ['fe_h', 'TEFF_ADOP_N', 'teff_err'] })
  expect([...table.columns.keys()]).toEqual(['MJD', 'PLATE', 'FIBER', 'SPECOBJID', 'fe_h', 'TEFF_ADOP_N', 'teff_err'])
  const error = await rejection(readSsppCatalog(await open(SSPP), 'ssppOut.fits', { columns: ['mg_fe'] }))
  expect([error.code, error.message]).toEqual([
    'surveys/no-column',
    expect.stringMatching(/ssppOut.fits has no column mg_fe: expected one of MJD, PLATE, FIBER/),
  ])
})

test('files without the adopted labels, and without rows, are told', async () => {
  const error = await rejection(readSsppCatalog(await open(SSPP.slice(0, 6)), 'x.fits'))
  expect([error.code, error.message]).toEqual([
    'surveys/no-table',
    expect.stringMatching(/x.fits has no table of SSPP: got 0 PRIMARY \(image\)/),
  ])
  const empty = SSPP.map((column) => ({
    ...column,
    values: Array.isArray(column.values) ? [] : (column.values as Float32Array).slice(0, 0),
  }))
  expect((await rejection(readSsppCatalog(await open(empty), 'x.fits'))).code).toBe('surveys/empty-catalog')
})

test('a catalogue is told by its columns: ssppOut, and the parameter tables of DR8 and of DR7 as text', async () => {
  const fits = await readCatalog(write('ssppOut-dr12.fits', encode(SSPP)))
  expect(numbers(fits, 'teff')).toEqual([6500.5, Number.NaN, 8000])
  const dr8 = await readCatalog(
    write(
      'dr8.csv',
      'specobjid,plate,mjd,fiberid,TEFFADOP,TEFFADOPUNC,LOGGADOP,FEHADOP\n299497923312379904,266,51602,31,6500,-9999,-9.999,-1\n',
    ),
  )
  expect([numbers(dr8, 'teff'), numbers(dr8, 'teff_err'), numbers(dr8, 'logg'), numbers(dr8, 'fe_h')]).toEqual([
    [6500],
    [Number.NaN],
    [Number.NaN],
    [-1],
  ])
  expect(columnStrings(requireColumn(dr8, 'specobjid'))).toEqual(['299497923312379904'])
  const dr7 = await readCatalog(
    write('dr7.csv', 'specobjid,teffa,teffaerr,logga,feha,fehaerr\n1,6500,50,4,-1,-9.999\n'),
  )
  expect(['teff', 'teff_err', 'logg', 'fe_h', 'fe_h_err'].map((name) => numbers(dr7, name)[0])).toEqual([
    6500,
    50,
    4,
    -1,
    Number.NaN,
  ])
})

function specFile(name: string, fiber: number, specObjId: string): string {
  const flux = Float32Array.of(1, 2)
  const coadd: ColumnInput[] = [
    { name: 'flux', values: flux },
    { name: 'loglam', values: Float32Array.of(3.6, 3.6001) },
    { name: 'ivar', values: flux },
    { name: 'and_mask', values: new Int32Array(2) },
  ]
  const header = { PLATEID: 266, MJD: 51_602, FIBERID: fiber, VACUUM: true }
  const object: ColumnInput[] = [
    { name: 'SPECOBJID', values: [specObjId] },
    { name: 'CLASS', values: ['STAR'] },
    { name: 'Z', values: Float32Array.of(0) },
  ]
  return write(
    name,
    encodeFits([
      { kind: 'image', header },
      { kind: 'table', name: 'COADD', columns: coadd },
      { kind: 'table', name: 'SPECOBJ', columns: object },
    ]),
  )
}

test('spectra of SDSS find their labels by plate, MJD and fibre, or by SPECOBJID', async () => {
  const spectra = [
    specFile('spec-0266-51602-0031.fits', 31, '1'),
    specFile('spec-0266-51602-0032.fits', 32, '299497923312379904'),
    specFile('spec-0266-51602-0033.fits', 33, '299497923312379905'),
  ]
  const read = async (catalog: string): Promise<[number[], string[]]> => {
    const seen = warnings()
    const [batch] = await collect(readSurvey('sdss', spectra, { catalog, labels: ['logg'], ...seen }))
    return [numbers(batch!.catalog, 'logg'), seen.list.map(({ message }) => message)]
  }
  expect(await read(write('plates.fits', encode(SSPP)))).toEqual([
    [4.25, 3.5, Number.NaN],
    ['1 of 3 stars are not in the catalogue (matched by PLATE-MJD-FIBER)'],
  ])
  const withoutPlates = SSPP.filter(({ name }) => !['PLATE', 'MJD', 'FIBER'].includes(name))
  expect(await read(write('numbers.fits', encode(withoutPlates)))).toEqual([
    [Number.NaN, 4.25, 3.5],
    ['1 of 3 stars are not in the catalogue (matched by SPECOBJID)'],
  ])
})
