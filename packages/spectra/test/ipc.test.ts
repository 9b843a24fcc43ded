import {
  IpcEncoder,
  decodeIpc,
  encodeIpc,
  makeTable,
  tableFromRecordBatch,
  tableToRecordBatch,
} from '@astrolabel/spectra'
import type { RecordBatch as Batch } from 'apache-arrow'
import {
  Field,
  FixedSizeList,
  Float64,
  Int32,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Utf8,
  makeData,
} from 'apache-arrow'
import { expect, test } from 'vitest'
import { caught } from './caught.js'
import { everyColumn } from './example-spectra.js'

const numbered = (...values: number[]): Batch =>
  tableToRecordBatch(makeTable([{ name: 'i', values: Int32Array.from(values) }]))
const numbers = (batches: readonly Batch[]): number[][] => batches.map((batch) => [...batch.getChild('i')!])
const file = encodeIpc([numbered(1, 2), numbered(), numbered(3)])

test('batches come out as they went in, those of no rows included', () => {
  expect(numbers(decodeIpc(file))).toEqual([[1, 2], [], [3]])
})

test('a file of no batches holds its schema: one batch of no rows', () => {
  const { schema } = tableToRecordBatch(everyColumn)
  const batches = decodeIpc(encodeIpc([], schema))
  expect(batches).toHaveLength(1)
  const table = tableFromRecordBatch(batches[0]!)
  expect(table.n).toBe(0)
  expect([...table.columns.keys()]).toEqual([...everyColumn.columns.keys()])
  expect(caught(() => encodeIpc([])).message).toBe('No record batch to write. Give at least one, even of no rows')
})

test('streams are read too, and a file is a stream behind its magic bytes, as the format wants', () => {
  const stream = RecordBatchStreamWriter.writeAll([numbered(1, 2), numbered(3)]).toUint8Array(true)
  expect(numbers(decodeIpc(stream))).toEqual([[1, 2], [3]])
  expect(numbers(decodeIpc(file.slice(8)))).toEqual([[1, 2], [], [3]])
})

test('the encoder hands on each batch when it is written', () => {
  const sizes: number[] = []
  let size = 0
  const encoder = new IpcEncoder(numbered().schema, (bytes) => (size += bytes.length))
  for (let i = 0; i < 3; i++) {
    encoder.write(numbered(...new Array<number>(1000).fill(i)))
    sizes.push(size)
  }
  encoder.close()
  expect(sizes[0]).toBeGreaterThan(4000)
  expect(sizes[2]! - sizes[1]!).toBe(sizes[1]! - sizes[0]!)
})

test('a batch of other columns is refused', () => {
  const others = [
    tableToRecordBatch(makeTable([{ name: 'j', values: Int32Array.of(1) }])),
    tableToRecordBatch(makeTable([{ name: 'i', values: Float64Array.of(1) }])),
    tableToRecordBatch(makeTable([{ name: 'i', values: Int32Array.of(1, 2), width: 2 }])),
    tableToRecordBatch(makeTable([])),
  ]
  for (const other of others) expect(caught(() => encodeIpc([numbered(1), other])).code).toBe('arrow/schema-changed')
})

test.each([
  ['nothing', '', 'no bytes'],
  ['text', 'star_id,teff\n', '13 bytes that begin with "star_i"'],
  ['FITS', 'SIMPLE  =                    T', '30 bytes that begin with "SIMPLE"'],
  ['Parquet', 'PAR1....PAR1', '12 bytes that begin with "PAR1.."'],
  ['magic bytes only', 'ARROW1', '6 bytes without the end of an Arrow file'],
  ['zeros', '\0\0\0\0\0\0\0\0', '8 bytes that begin with "\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"'],
])('%s is no Arrow file', (_, text, got) => {
  const error = caught(() => decodeIpc(new TextEncoder().encode(text), 'labels.arrow'))
  expect(error.code).toBe('arrow/unreadable')
  expect(error.message).toBe(
    `labels.arrow is not a whole Arrow IPC file: got ${got}. ` +
      'Check that it was written to its end, and that it is the file you mean',
  )
})

test('a file or stream that ends before its schema or within a batch is refused', () => {
  for (let length = 0; length < file.length; length++) {
    expect(caught(() => decodeIpc(file.slice(0, length))).code).toBe('arrow/unreadable')
  }
  const stream = RecordBatchStreamWriter.writeAll([numbered(1, 2, 3, 4)]).toUint8Array(true)
  for (const length of [0, 4, 8, 20, 100, stream.length - 16]) {
    expect(caught(() => decodeIpc(stream.slice(0, length))).code).toBe('arrow/unreadable')
  }
})

test('a file whose footer points at something that is no batch is refused', () => {
  const damaged = file.slice()
  // The first message is the schema: its place stands where a batch is looked for.
  const view = new DataView(damaged.buffer)
  const footer = view.getUint32(damaged.length - 10, true)
  let replaced = 0
  for (let at = damaged.length - 10 - footer; at + 8 <= damaged.length - 10; at += 4) {
    const target = view.getUint32(at, true)
    const isBatch =
      target > 8 && target % 8 === 0 && target < file.length && view.getUint32(target, true) === 0xffffffff
    if (isBatch && view.getUint32(at + 4, true) === 0) {
      view.setUint32(at, 8, true)
      replaced++
    }
  }
  expect(replaced).toBeGreaterThanOrEqual(3)
  expect(caught(() => decodeIpc(damaged)).code).toBe('arrow/unreadable')
})

const float = { type: new Float64(), length: 1000, nullCount: 0, data: new Float64Array(3) }
const list = new FixedSizeList(500, new Field('item', new Float64(), false))
const text = { type: new Utf8(), length: 2, nullCount: 0, data: new Uint8Array(4) }

test.each([
  ['numbers', makeData(float)],
  ['matrices', makeData({ type: list, length: 2, nullCount: 0, child: makeData({ ...float, length: 3 }) } as never)],
  ['offsets of strings', makeData({ ...text, valueOffsets: Int32Array.of(0, 2, 9) })],
  ['falling offsets', makeData({ ...text, valueOffsets: Int32Array.of(0, 4, 2) })],
  [
    'nulls',
    makeData({ type: new Int32(), length: 3, nullCount: 9, nullBitmap: Uint8Array.of(1), data: new Int32Array(3) }),
  ],
])('a batch that has fewer %s than rows is refused, not followed into the void', (_, column) => {
  const field = new Field('x', column.type, true)
  const struct = makeData({ type: new Struct([field]), length: column.length, nullCount: 0, children: [column] })
  const bytes = encodeIpc([new RecordBatch(new Schema([field]), struct)])
  expect(caught(() => decodeIpc(bytes)).message).toMatch(/^The file is not a whole Arrow IPC file: got /)
})
