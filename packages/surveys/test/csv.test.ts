import { columnNumbers, columnStrings, makeTable, requireColumn } from '@astrolabel/spectra'
import { canonicalColumns, canonicalName, missingToNull, tableFromCsv, tableToCsv } from '@astrolabel/surveys'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

const strings = (text: string, name: string): string[] => columnStrings(requireColumn(tableFromCsv(text), name))
const numbers = (text: string, name: string): number[] => [...columnNumbers(requireColumn(tableFromCsv(text), name))]

test('columns get the type that all their values have', () => {
  const text =
    '# made by hand\nstar_id,targetid,TEFF,ok,code\nx,39633297352951412,4800,true,007\n"a, b",-1,nan,FALSE,010\r\n\n,,4.5e3,,\n'
  const table = tableFromCsv(text)
  expect(table.n).toBe(3)
  expect(requireColumn(table, 'targetid').values).toEqual(BigInt64Array.of(39633297352951412n, -1n, 0n))
  expect(numbers(text, 'TEFF')).toEqual([4800, Number.NaN, 4500])
  expect(requireColumn(table, 'ok')).toEqual({
    name: 'ok',
    values: Uint8Array.of(1, 0, 0),
    boolean: true,
    valid: Uint8Array.of(1, 1, 0),
  })
  expect(strings(text, 'star_id')).toEqual(['x', 'a, b', ''])
  expect(strings(text, 'code')).toEqual(['007', '010', ''])
})

test('separators follow the header', () => {
  expect(numbers('id\tteff\n1\t5000\n', 'teff')).toEqual([5000])
  expect(numbers('id;teff\n1;5000', 'teff')).toEqual([5000])
  expect(numbers('id   teff  \n  1   5000\n  2   4000  \n', 'teff')).toEqual([5000, 4000])
  expect(strings('name\nHD 1\nHD 2\n', 'name')).toEqual(['HD 1', 'HD 2'])
})

test('quotes mark strings unless everything is quoted', () => {
  expect(tableFromCsv('"a","b"\n"1","x"\n').columns.get('a')!.values).toEqual(Float64Array.of(1))
  expect(tableFromCsv('a,b\n"1",2\n').columns.get('a')!.values).toEqual(['1'])
})

test('what does not fit says which line', () => {
  expect(() => tableFromCsv('a,b\n1,2\n"x\ny",3\n1\n', 'labels.csv')).toThrow(
    /labels.csv, line 5, does not fit its header: got 1 fields, expected 2 \(a, b\)/,
  )
  expect(() => tableFromCsv('a,a\n1,2\n')).toThrow(/names two columns alike: got a/)
  expect(() => tableFromCsv('# nothing\n\n', 'x.csv')).toThrow(/x.csv is empty/)
})

test('a table survives a round trip', () => {
  const number = fc
    .oneof(fc.double({ noDefaultInfinity: true }), fc.integer(), fc.constant(Number.NaN))
    .map((x) => (Object.is(x, -0) ? 0 : x))
  const header = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text === text.trim())
  const table = fc
    .record({
      names: fc.uniqueArray(header, { minLength: 3, maxLength: 3 }),
      rows: fc.array(fc.tuple(number, fc.string({ unit: 'binary' }), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)), {
        minLength: 1,
      }),
    })
    .map(({ names, rows }) =>
      makeTable([
        { name: names[0]!, values: Float64Array.from(rows, (row) => row[0]) },
        { name: names[1]!, values: rows.map((row) => row[1]) },
        { name: names[2]!, values: BigInt64Array.from(rows, (row) => row[2]) },
      ]),
    )
  fc.assert(
    fc.property(table, (original) => {
      const back = tableFromCsv(tableToCsv(original))
      expect([...back.columns.keys()]).toEqual([...original.columns.keys()])
      for (const [name, column] of original.columns) {
        const again = back.columns.get(name)!
        if (column.values instanceof Float64Array) expect(columnNumbers(again)).toEqual(column.values)
        else if (column.values instanceof BigInt64Array) expect(columnStrings(again)).toEqual(columnStrings(column))
        else expect(again.values).toEqual(column.values)
      }
    }),
  )
})

test('missing rows of a single column are rows', () => {
  const table = makeTable([{ name: 'x', values: Float64Array.of(1, Number.NaN, 3) }])
  expect([...columnNumbers(requireColumn(tableFromCsv(tableToCsv(table)), 'x'))]).toEqual([1, Number.NaN, 3])
})

test('fills become missing only when they match exactly', () => {
  const table = makeTable([
    { name: 'f4', values: Float32Array.of(-9999, -9998.9, -9999.99, Infinity) },
    { name: 'i4', values: Int32Array.of(-9999, 9999, 0, 1) },
    { name: 'vector', width: 2, values: Float64Array.of(-9999, 1, -9999, -9999, 1, 2, Number.NaN, Number.NaN) },
    { name: 'id', values: BigInt64Array.of(-9999n, 1n, 2n, 3n) },
  ])
  const { columns } = missingToNull(table)
  expect([...columns.get('f4')!.valid!]).toEqual([0, 1, 0, 0])
  expect(columns.get('f4')!.values[1]).toBeCloseTo(-9998.9, 3)
  expect([...columns.get('i4')!.valid!]).toEqual([0, 1, 1, 1])
  expect([...columns.get('vector')!.valid!]).toEqual([1, 0, 1, 0])
  expect(columns.get('vector')!.values[0]).toBeNaN()
  expect(columns.get('id')!.valid).toBeUndefined()
  expect([...missingToNull(table, { fills: [9999] }).columns.get('i4')!.valid!]).toEqual([0, 0, 1, 1])
  expect(table.columns.get('f4')!.values[0]).toBe(-9999)
})

test('labels and their errors get canonical names', () => {
  const names = {
    TEFF_ADOP: 'teff',
    FEH: 'fe_h',
    '[Mg/Fe]': 'mg_fe',
    PARAM_M_H: 'm_h',
    FEH_ERR: 'fe_h_err',
    e_teff: 'teff_err',
    TEFF_ADOP_UNC: 'teff_err',
    VRAD_ERR: 'v_rad_err',
    SNR: undefined,
    e_Plx: undefined,
  }
  for (const [name, canonical] of Object.entries(names)) expect(canonicalName(name), name).toBe(canonical)
  const column = (name: string): { name: string; values: Float64Array } => ({ name, values: Float64Array.of(1) })
  const table = canonicalColumns(makeTable(['TEFF_SPEC', 'TEFF', 'LOGG', 'LOGG_SPEC'].map(column)))
  expect([...table.columns.keys()]).toEqual(['TEFF_SPEC', 'teff', 'logg', 'LOGG_SPEC'])
  expect(table.columns.get('teff')!.unit).toBe('K')
})
