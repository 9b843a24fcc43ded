import {
  columnStrings,
  decodeIpc,
  encodeIpc,
  makeTable,
  requireColumn,
  tableFromRecordBatch,
  tableToRecordBatch,
  takeRows,
} from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import type { DataType } from 'apache-arrow'
import {
  Binary,
  DateDay,
  Decimal,
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int32,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  Vector,
  makeData,
  vectorFromArray,
} from 'apache-arrow'
import { expect, test } from 'vitest'
import { caught } from './caught.js'
import { EVERY_COLUMN, everyColumn } from './example-spectra.js'

/** A table through the bytes of an Arrow file and back. */
function roundTrip(table: Table): Table {
  return tableFromRecordBatch(decodeIpc(encodeIpc([tableToRecordBatch(table)]))[0]!)
}

/** A table of one column as another program would have made it. */
function foreignTable(vector: Vector): Table {
  const field = new Field('x', vector.type as DataType, true)
  const type = new Struct([field])
  const data = makeData({ type, length: vector.length, nullCount: 0, children: [vector.data[0]!] })
  return tableFromRecordBatch(decodeIpc(encodeIpc([new RecordBatch(new Schema([field]), data)]))[0]!)
}

const foreign = (vector: Vector): Column => requireColumn(foreignTable(vector), 'x')

test.each(EVERY_COLUMN.map((column) => [column.name, column] as const))('%s: there and back again', (name, column) => {
  const { unit, ...rest } = column
  const expected = unit === '' || unit === undefined ? rest : { ...rest, unit }
  expect(requireColumn(roundTrip(makeTable([column])), name)).toEqual(expected)
})

test('all of them in one table, and parts of it', () => {
  const names = EVERY_COLUMN.map(({ name }) => name)
  const back = roundTrip(everyColumn)
  expect([...back.columns.keys()]).toEqual(names)
  expect(back.n).toBe(3)
  expect(columnStrings(requireColumn(back, 'i8'))).toEqual(columnStrings(requireColumn(everyColumn, 'i8')))
  const parts = takeRows(everyColumn, [-1, 2, -1, -1, 0, 1, -1, 2, 2])
  const partsBack = roundTrip(parts)
  for (const name of names) {
    const { values, valid } = requireColumn(parts, name)
    expect(requireColumn(partsBack, name)).toMatchObject({ values, valid: valid! })
  }
})

test('tables of no rows and of no columns', () => {
  const none = roundTrip(takeRows(everyColumn, []))
  expect(none.n).toBe(0)
  for (const column of EVERY_COLUMN) {
    const { values, width, boolean } = requireColumn(none, column.name)
    expect(values).toHaveLength(0)
    expect([values.constructor, width, boolean]).toEqual([column.values.constructor, column.width, column.boolean])
  }
  expect(roundTrip(makeTable([], 0))).toEqual({ n: 0, columns: new Map() })
})

test('numbers are not copied, there or back', () => {
  for (const column of EVERY_COLUMN) {
    if (Array.isArray(column.values) || column.boolean === true) continue
    const back = tableFromRecordBatch(tableToRecordBatch(makeTable([column])))
    expect((requireColumn(back, column.name).values as Float64Array).buffer).toBe(
      (column.values as Float64Array).buffer,
    )
  }
  const batch = decodeIpc(encodeIpc([tableToRecordBatch(everyColumn)]))[0]!
  const once = tableFromRecordBatch(batch)
  const twice = tableFromRecordBatch(batch)
  for (const name of ['f8', 'f4', 'i8', 'vector', 'vector with gaps']) {
    expect((requireColumn(once, name).values as Float64Array).buffer).toBe(
      (requireColumn(twice, name).values as Float64Array).buffer,
    )
  }
})

test('a column may have gaps in one batch and none in the next: both are of one schema', () => {
  const whole = tableToRecordBatch(takeRows(everyColumn, [0, 2]))
  const gaps = tableToRecordBatch(takeRows(everyColumn, [-1, 1]))
  const batches = decodeIpc(encodeIpc([whole, gaps]))
  expect(batches.map(tableFromRecordBatch)).toMatchObject([{ n: 2 }, { n: 2 }])
  expect(requireColumn(tableFromRecordBatch(batches[1]!), 'i2').valid).toEqual(Uint8Array.of(0, 1))
})

test('more rows than a bitmap has bits in a word', () => {
  const n = 131
  const valid = Uint8Array.from({ length: n }, (_, i) => (i % 7 === 0 ? 0 : 1))
  const truth = Uint8Array.from({ length: n }, (_, i) => (i % 3 === 1 && valid[i] === 1 ? 1 : 0))
  const table = makeTable([
    { name: 'truth', values: truth, boolean: true, valid },
    { name: 'count', values: Int32Array.from({ length: n }, (_, i) => i), valid },
  ])
  expect(roundTrip(table)).toEqual(table)
  expect(tableFromRecordBatch(tableToRecordBatch(table).slice(66, 130))).toEqual(
    takeRows(
      table,
      Array.from({ length: 64 }, (_, i) => 66 + i),
    ),
  )
})

test('a unit and metadata travel with the table', () => {
  const batch = tableToRecordBatch(everyColumn, new Map([['source', 'allStar']]))
  const back = decodeIpc(encodeIpc([batch]))[0]!
  expect(back.schema.metadata.get('source')).toBe('allStar')
  expect(requireColumn(tableFromRecordBatch(back), 'f8').unit).toBe('km/s')
})

test('nulls of other programs: what lies under them is not read', () => {
  const under = (type: Float64 | Float32 | Int32, data: Float64Array | Float32Array | Int32Array): Vector =>
    new Vector([makeData({ type, length: 3, nullCount: 1, nullBitmap: Uint8Array.of(0b101), data } as never)])
  const valid = Uint8Array.of(1, 0, 1)
  const f8 = Float64Array.of(1, -9999, 3)
  expect(foreign(under(new Float64(), f8))).toEqual({ name: 'x', values: Float64Array.of(1, Number.NaN, 3), valid })
  expect(f8[1]).toBe(-9999)
  expect(foreign(under(new Float32(), Float32Array.of(1, 0, 3))).values).toEqual(Float32Array.of(1, Number.NaN, 3))
  expect(foreign(under(new Int32(), Int32Array.of(1, 0, 3)))).toMatchObject({ valid })
  const pairs = new FixedSizeList(3, new Field('item', new Float64(), true))
  const gaps = under(new Float64(), f8).data[0]!
  const lists = makeData({ type: pairs, length: 1, nullCount: 0, child: gaps } as never)
  expect(foreign(new Vector([lists]))).toEqual({
    name: 'x',
    values: Float64Array.of(1, Number.NaN, 3),
    width: 3,
  })
})

test('dictionaries of strings, as pandas writes categories', () => {
  expect(foreign(vectorFromArray(['giant', 'dwarf', null, 'giant']))).toEqual({
    name: 'x',
    values: ['giant', 'dwarf', '', 'giant'],
    valid: Uint8Array.of(1, 1, 0, 1),
  })
})

test.each([
  ['Float16', vectorFromArray([1, 2], new Float16())],
  ['Date', vectorFromArray([new Date(0)], new DateDay())],
  ['Timestamp', vectorFromArray([0], new TimestampMillisecond())],
  ['Binary', vectorFromArray([Uint8Array.of(1)], new Binary())],
  ['Decimal', new Vector([makeData({ type: new Decimal(2, 10), length: 1, data: new Uint32Array(4) } as never)])],
  ['Struct', vectorFromArray([{ a: 1 }])],
])('%s is refused by name instead of read as the numbers that it is stored in', (name, vector) => {
  const error = caught(() => foreign(vector as Vector))
  expect(error.code).toBe('arrow/unsupported-type')
  expect(error.message).toMatch(new RegExp(`^Column x has a type that is not read: got ${name}`))
  expect(error.message).toMatch(/expected numbers of 8 to 64 bits, .*\. Convert the column or leave it out$/)
})
