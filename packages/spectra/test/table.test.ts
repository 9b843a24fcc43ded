import {
  columnNumbers,
  columnStrings,
  concatTables,
  findColumn,
  makeTable,
  requireColumn,
  takeRows,
} from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caught } from './caught.js'
import { EVERY_COLUMN, everyColumn } from './example-spectra.js'

const column = (table: Table, name: string): Column => requireColumn(table, name)

test('columns of different lengths and of the same name are refused', () => {
  const short: Column = { name: 'short', values: Float64Array.of(1) }
  const error = caught(() => makeTable([{ name: 'long', values: ['a', 'b'] }, short]))
  expect(error.code).toBe('table/ragged')
  expect(error.message).toBe('Column short has another length than the table: got 1, expected 2')
  expect(caught(() => makeTable([short, short])).message).toBe('Two columns share a name: got short')
  expect(caught(() => makeTable([short], 2)).code).toBe('table/ragged')
  expect(caught(() => makeTable([{ ...short, width: 2 }])).message).toBe(
    'Column short does not have whole rows: got 1 values, expected 2 a row',
  )
  expect(caught(() => makeTable([{ ...short, valid: Uint8Array.of(1, 0) }])).message).toBe(
    'Column short has another length than the table: got 2 rows of validity, expected 1',
  )
  expect(makeTable([]).n).toBe(0)
  expect(makeTable([], 7).n).toBe(7)
})

test('columns are found exactly first, then in any case, in the order asked for', () => {
  const table = makeTable([
    { name: 'TEFF', values: [] },
    { name: 'teff', values: [] },
    { name: 'LOGG', values: [] },
  ])
  expect(findColumn(table, 'teff')?.name).toBe('teff')
  expect(findColumn(table, 'TEFF')?.name).toBe('TEFF')
  expect(findColumn(table, 'Teff')?.name).toBe('TEFF')
  expect(findColumn(table, 'nothing', 'logg')?.name).toBe('LOGG')
  expect(findColumn(table, 'logg', 'teff')?.name).toBe('teff')
  expect(findColumn(table, 'fe_h')).toBeUndefined()
})

test('a column that is not there: the message lists those that are, and 40 of them at most', () => {
  const error = caught(() => requireColumn(everyColumn, 'vrad', 'VHELIO_AVG'))
  expect(error.code).toBe('table/no-column')
  for (const { name } of EVERY_COLUMN) expect(error.message).toContain(name)
  expect(error.message).toMatch(/^The table has no column vrad or VHELIO_AVG: expected one of f8, f4, .* Name one of/)
  const many = makeTable(Array.from({ length: 50 }, (_, i) => ({ name: `c${i}`, values: [] })))
  expect(caught(() => requireColumn(many, 'x')).message).toContain('c38, c39, … (50). Name')
  expect(caught(() => requireColumn(makeTable([]), 'x')).message).toContain('(no columns)')
})

test('columns as numbers: missing is NaN, text is parsed', () => {
  expect([...columnNumbers(column(everyColumn, 'i4'))]).toEqual([-2147483648, 2147483647, Number.NaN])
  expect([...columnNumbers(column(everyColumn, 'truth with gaps'))]).toEqual([1, Number.NaN, 0])
  expect([...columnNumbers({ name: 'x', values: [' 5.5 ', '', 'nan', '-1e3'] })]).toEqual([
    5.5,
    Number.NaN,
    Number.NaN,
    -1000,
  ])
})

test('columns as numbers: what is no number is named with its row', () => {
  expect(caught(() => columnNumbers({ name: 'snr', values: ['1', 'high'] })).message).toBe(
    'Column snr is not numeric, row 1: got high, expected a number',
  )
  const error = caught(() => columnNumbers(column(everyColumn, 'vector')))
  expect(error.code).toBe('table/not-numeric')
  expect(error.message).toBe('Column vector holds vectors: got 2 values a row, expected one value a row')
})

test('columns as strings: integers beyond 2^53 keep every digit', () => {
  expect(columnStrings(column(everyColumn, 'i8'))).toEqual([
    '9007199254740993',
    '-9223372036854775808',
    '39633321640788488',
  ])
  expect(columnStrings(column(everyColumn, 'u8'))).toEqual(['18446744073709551615', '0', ''])
  expect(columnStrings({ name: 'id', values: [' 2M00 ', 'x'], valid: Uint8Array.of(1, 0) })).toEqual(['2M00', ''])
  expect(caught(() => columnStrings(column(everyColumn, 'words'))).code).toBe('table/not-scalar')
})

test('rows are taken in the order asked for, -1 gives a missing row', () => {
  const taken = takeRows(everyColumn, [2, -1, 0, 2])
  expect(taken.n).toBe(4)
  expect(column(taken, 'f8')).toEqual({
    name: 'f8',
    values: Float64Array.of(1e300, Number.NaN, 1.5, 1e300),
    unit: 'km/s',
    valid: Uint8Array.of(1, 0, 1, 1),
  })
  expect(columnStrings(column(taken, 'i8'))).toEqual(['39633321640788488', '', '9007199254740993', '39633321640788488'])
  expect(column(taken, 'u8').valid).toEqual(Uint8Array.of(0, 0, 1, 0))
  expect(columnStrings(column(taken, 'text'))).toEqual(['🔭 2M00', '', '', '🔭 2M00'])
  expect(column(taken, 'vector').values).toEqual(Float32Array.of(5, 6, Number.NaN, Number.NaN, 1, 2, 5, 6))
  expect(column(taken, 'words').values).toEqual(['e', 'ü', '', '', 'a', 'b', 'e', 'ü'])
  expect(column(taken, 'truth')).toMatchObject({ boolean: true, values: Uint8Array.of(1, 0, 1, 1) })
})

test('taking all rows in order gives the table, and a row without a gap needs no bitmap', () => {
  expect(takeRows(everyColumn, [0, 1, 2])).toEqual(everyColumn)
  expect(column(takeRows(everyColumn, [0, 2]), 'f4').valid).toBeUndefined()
  expect(takeRows(everyColumn, []).n).toBe(0)
})

test('a row behind the last is refused', () => {
  expect(caught(() => takeRows(everyColumn, [0, 3])).message).toBe(
    'The table has no such row: got 3, expected fewer than 3',
  )
  expect(caught(() => takeRows(everyColumn, [Number.NaN])).code).toBe('table/no-row')
})

test('taking twice is taking once by the composed rows', () => {
  const index = fc.integer({ min: -1, max: 2 })
  fc.assert(
    fc.property(fc.array(index, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(5), { maxLength: 6 }), (a, picks) => {
      const b = picks.map((pick) => pick % a.length)
      const composed = b.map((row) => a[row]!)
      expect(takeRows(takeRows(everyColumn, a), b)).toEqual(takeRows(everyColumn, composed))
    }),
  )
})

test('tables are put one under another, gaps in some of them included', () => {
  const parts = [takeRows(everyColumn, [0]), takeRows(everyColumn, [1, -1]), takeRows(everyColumn, []), everyColumn]
  expect(concatTables(parts)).toEqual(takeRows(everyColumn, [0, 1, -1, 0, 1, 2]))
  expect(concatTables([takeRows(everyColumn, [0]), takeRows(everyColumn, [1, 2])])).toEqual(everyColumn)
  expect(concatTables([everyColumn])).toBe(everyColumn)
  expect(concatTables([])).toEqual({ n: 0, columns: new Map() })
})

test.each([
  ['of another type', [{ name: 'x', values: Float32Array.of(1, 2) }]],
  ['of another width', [{ name: 'x', values: Float64Array.of(1, 2), width: 2 }]],
  ['that is not there', []],
  [
    'that only the second has',
    [
      { name: 'x', values: Float64Array.of(1, 2) },
      { name: 'y', values: ['a', 'b'] },
    ],
  ],
])('putting tables together, a column %s is refused', (_, columns) => {
  const error = caught(() => concatTables([makeTable([{ name: 'x', values: Float64Array.of(1) }]), makeTable(columns)]))
  expect(error.code).toBe('table/columns-differ')
  expect(error.message).toMatch(/^Column [xy] is not the same in all tables. Read files of one kind at a time$/)
})
