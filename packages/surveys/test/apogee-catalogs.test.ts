import { encodeFits, openFits } from '@astrolabel/io-fits'
import type { ColumnInput, HduInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import type { Table } from '@astrolabel/spectra'
import { APOGEE_ASPCAPFLAG, APOGEE_EXTRATARG, isApogeeCatalog, readApogeeCatalog } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { rejection, warnings } from './memory-source.js'

const f4 = (...values: number[]): Float32Array => Float32Array.from(values)
const open = (...hdus: HduInput[]): ReturnType<typeof openFits> => openFits(encodeFits([{ kind: 'image' }, ...hdus]))
const table = (columns: ColumnInput[], instrument?: string): HduInput => ({
  kind: 'table',
  columns,
  ...(instrument === undefined ? {} : { header: { INSTRMNT: instrument } }),
})
const numbers = (of: Table, name: string): number[] => [...columnNumbers(requireColumn(of, name))]

const dr17: ColumnInput[] = [
  { name: 'APOGEE_ID', values: ['2M01', '2M02', '2M01', '2M03', '2M01'] },
  { name: 'SNR', values: f4(50, 80, 120, Number.NaN, Number.NaN) },
  { name: 'TEFF', values: f4(1, 2, 3, 4, 5) },
  { name: 'MG_FE', values: f4(0.1, 0.2, 0.3, 0.4, Number.NaN) },
  { name: 'MG_FE_ERR', values: f4(0.01, 0.01, 0.01, 0.01, Number.NaN) },
  { name: 'MG_FE_FLAG', values: Int32Array.of(0, 1, 256, 0, 0) },
  { name: 'ASPCAPFLAG', values: BigInt64Array.of(1n << 40n, 0n, (1n << 41n) | (1n << 23n), -1n, 0n) },
  { name: 'ASPCAPFLAGS', values: ['PROBLEM_TARGET', '', 'STAR_BAD', '', ''] },
  { name: 'STARFLAG', values: BigInt64Array.of(0n, 0n, 4n, 0n, 0n) },
  { name: 'EXTRATARG', values: Int16Array.of(0, 0, 16, 0, -32_768) },
]

test('duplicates: the row of highest signal to noise, the lowest on request, and how many stars there are', async () => {
  const read = async (duplicates?: 'best' | 'lowest' | 'all'): Promise<[number[], string[]]> => {
    const seen = warnings()
    const stars = await readApogeeCatalog(await open(table(dr17)), 'allStar.fits', { duplicates, ...seen })
    return [numbers(stars, 'teff'), seen.list.map(({ message }) => message)]
  }
  const words = (which: string): string =>
    `2 of 5 rows repeat a star (1 star): the row of ${which} SNR of each APOGEE_ID is kept`
  expect(await read()).toEqual([[2, 3, 4], [words('highest')]])
  expect(await read('best')).toEqual(await read())
  // Without a signal to noise a row loses to any, either way.
  expect(await read('lowest')).toEqual([[1, 2, 4], [words('lowest')]])
  expect(await read('all')).toEqual([[1, 2, 3, 4, 5], []])
})

test('flags of 64 bits keep every bit, those of labels come with them', async () => {
  const stars = await readApogeeCatalog(await open(table(dr17)), 'a', { duplicates: 'all' })
  const flags = requireColumn(stars, 'ASPCAPFLAG').values as BigUint64Array
  expect(Array.from(flags, (bits) => APOGEE_ASPCAPFLAG.names(bits)).slice(0, 3)).toEqual([
    ['PROBLEM_TARGET'],
    [],
    ['STAR_BAD', 'MULTIPLE_SUSPECT'],
  ])
  expect(flags[3]).toBe(2n ** 64n - 1n)
  expect([...stars.columns.keys()]).toEqual(
    'APOGEE_ID SNR teff mg_fe mg_fe_err MG_FE_FLAG ASPCAPFLAG STARFLAG EXTRATARG'.split(' '),
  )
  const targets = requireColumn(stars, 'EXTRATARG').values as Uint16Array
  expect(Array.from(targets, (bits) => APOGEE_EXTRATARG.names(bits))).toEqual([[], [], ['DUPLICATE'], [], ['bit 15']])
})

// No astraAllStarASPCAP file is among the shared data: this one has the names of astra's models.
const dr19 = (rows: number): ColumnInput[] => {
  const pick = (...values: number[]): Float32Array => Float32Array.from(values.slice(0, rows))
  return [
    { name: 'sdss_id', values: BigInt64Array.of(54_321n, 54_322n, 54_321n).slice(0, rows) },
    { name: 'sdss4_apogee_id', values: ['2M01', '', '2M01'].slice(0, rows), width: 18 },
    { name: 'ra', values: Float64Array.of(1, 2, 1).slice(0, rows) },
    { name: 'dec', values: Float64Array.of(-1, -2, -1).slice(0, rows) },
    { name: 'j_mag', values: pick(9, 99.99, 9) },
    { name: 'telescope', values: ['apo25m', 'lco25m', 'lco25m'].slice(0, rows), width: 6 },
    { name: 'v_rad', values: pick(-10, 20, -10.5) },
    { name: 'e_v_rad', values: pick(0.1, 0.2, 0.1) },
    { name: 'snr', values: pick(100, 50, 150) },
    { name: 'teff', values: pick(4800, Number.NaN, 4810) },
    { name: 'e_teff', values: pick(10, Number.NaN, 11) },
    { name: 'm_h_atm', values: pick(-0.25, 0, -0.5) },
    { name: 'e_m_h_atm', values: pick(0.0625, 0, 0.125) },
    { name: 'alpha_m_atm', values: pick(0.25, 0, 0.5) },
    { name: 'c_1_h', values: pick(0.5, 0, 1) },
    { name: 'e_c_1_h', values: pick(0.5, 0, 0.25) },
    { name: 'ti_2_h', values: pick(0.5, 0, 1.5) },
    { name: 'mg_h', values: pick(0.5, 0, 0.75) },
    { name: 'e_mg_h', values: pick(0.5, 0, 0.5) },
    { name: 'mg_h_flags', values: BigInt64Array.of(0n, 0n, 1n << 33n).slice(0, rows) },
    { name: 'raw_teff', values: pick(4700, 5000, 4710) },
    { name: 'result_flags', values: BigInt64Array.of(0n, 1n, 0n).slice(0, rows) },
    { name: 'flag_bad', values: Uint8Array.of(0, 1, 0).slice(0, rows), dtype: 'bool' },
    { name: 'spectrum_pk', values: BigInt64Array.of(1n, 2n, 3n).slice(0, rows) },
  ]
}

test('DR19: HDU 2 beside an empty HDU of BOSS, lower-case names, x_h and _atm, one row a star by sdss_id', async () => {
  const file = await open(table(dr19(0), 'BOSS'), table(dr19(3), 'APOGEE'))
  expect(isApogeeCatalog(file)).toBe(true)
  const seen = warnings()
  const stars = await readApogeeCatalog(file, 'astraAllStarASPCAP-0.6.0.fits', seen)
  expect([...stars.columns.keys()].join(' ')).toBe(
    'sdss_id sdss4_apogee_id ra dec j_mag telescope v_rad v_rad_err snr teff teff_err ' +
      'm_h m_h_err alpha_m ci_h ci_h_err tiii_h mg_h mg_h_err mg_h_flags result_flags flag_bad',
  )
  expect(columnStrings(requireColumn(stars, 'sdss_id'))).toEqual(['54322', '54321'])
  expect([numbers(stars, 'teff'), numbers(stars, 'teff_err')]).toEqual([
    [Number.NaN, 4810],
    [Number.NaN, 11],
  ])
  expect([numbers(stars, 'm_h'), numbers(stars, 'm_h_err'), numbers(stars, 'mg_h')]).toEqual([
    [0, -0.5],
    [0, 0.125],
    [0, 0.75],
  ])
  expect([numbers(stars, 'ci_h')[1], numbers(stars, 'tiii_h')[1], numbers(stars, 'j_mag')]).toEqual([
    1,
    1.5,
    [Number.NaN, 9],
  ])
  expect(requireColumn(stars, 'mg_h_flags').values).toEqual(BigUint64Array.of(0n, 1n << 33n))
  expect(seen.list.map(({ code, message }) => [code, message])).toEqual([
    ['surveys/duplicates', '1 of 3 rows repeat a star (1 star): the row of highest SNR of each sdss_id is kept'],
  ])
})

test('DR19: raw values and others by name, besides both identifiers', async () => {
  const file = await open(table(dr19(0), 'BOSS'), table(dr19(3), 'APOGEE'))
  const stars = await readApogeeCatalog(file, 'a', { columns: ['raw_teff', 'm_h', 'ci_h'], duplicates: 'all' })
  expect([...stars.columns.keys()]).toEqual(['sdss_id', 'sdss4_apogee_id', 'raw_teff', 'm_h', 'ci_h'])
  expect(numbers(stars, 'raw_teff')).toEqual([4700, 5000, 4710])
  const missing = await rejection(readApogeeCatalog(file, 'astra.fits', { columns: ['fe_h'] }))
  expect([missing.code, missing.message]).toEqual([
    'surveys/no-column',
    expect.stringMatching(/astra.fits has no column fe_h: expected one of sdss_id, sdss4_apogee_id/),
  ])
  const empty = await open(table(dr19(0), 'BOSS'), table(dr19(0), 'APOGEE'))
  expect((await rejection(readApogeeCatalog(empty, 'astra.fits'))).code).toBe('surveys/empty-catalog')
})
