import type { RecordBatch, Vector } from 'apache-arrow'
import { Table, tableFromIPC, tableToIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import type { ByteSource, FitsColumn, TableHdu } from '@astrolabel/io-fits'
import { bytesSource, encodeFits, openFits } from '@astrolabel/io-fits'
import { toArrow } from '@astrolabel/io-fits/arrow'
import type { ToArrowOptions } from '@astrolabel/io-fits/arrow'
import { bytes } from './golden-files.js'

async function batches(hdu: TableHdu, options?: ToArrowOptions): Promise<RecordBatch[]> {
  const all: RecordBatch[] = []
  for await (const batch of toArrow(hdu, options)) all.push(batch)
  return all
}

/** A cell as plain JavaScript: lists as arrays, null where Arrow has null. */
function plainCell(cell: unknown): unknown {
  const isList = typeof cell === 'object' && cell !== null && Symbol.iterator in cell
  return isList ? Array.from(cell as Iterable<unknown>, plainCell) : cell
}

const plainVector = (vector: Vector): unknown[] => Array.from(vector, plainCell)

/** The cells of a column as `read` gives them, in the form of `plainCell`. */
function wantedCells({ info, values, valid, offsets }: FitsColumn, rows: number): unknown[] {
  const isComplex = info.dtype === 'c8' || info.dtype === 'c16'
  const isTruth = info.dtype === 'bool' || info.dtype === 'bit'
  const one = (i: number): unknown => {
    if (valid?.[i] === 0) return null
    if (isComplex) return [values[2 * i], values[2 * i + 1]]
    return isTruth ? values[i] === 1 : values[i]
  }
  const count = info.shape.reduce((product, axis) => product * axis, 1)
  return Array.from({ length: rows }, (_, row) => {
    if (info.variable !== undefined && info.dtype !== 'str') {
      const [start, end] = [offsets![row]!, offsets![row + 1]!]
      return Array.from({ length: end - start }, (_unused, i) => one(start + i))
    }
    return info.shape.length === 0 ? one(row) : Array.from({ length: count }, (_unused, i) => one(row * count + i))
  })
}

test.each([
  ['table', 1],
  ['variable', 1],
  ['text', 1],
  ['groups', 0],
])('%s.fits streams as batches that Arrow writes and reads, cell for cell', async (name, index) => {
  const hdu = (await openFits(bytes(name))).table(index)
  const whole = await hdu.read()
  for (const batchRows of [1, 2, 1024]) {
    const all = await batches(hdu, { batchRows })
    expect(all.map(({ numRows }) => numRows)).toEqual(
      Array.from({ length: Math.ceil(hdu.rows / batchRows) }, (_, i) => Math.min(batchRows, hdu.rows - i * batchRows)),
    )
    const read = tableFromIPC(tableToIPC(new Table(all)))
    expect(read.schema.fields.map((field) => field.name)).toEqual([...whole.columns.keys()])
    for (const [column, wanted] of whole.columns) {
      expect([column, plainVector(read.getChild(column)!)]).toEqual([column, wantedCells(wanted, hdu.rows)])
    }
  }
})

test('types, units and shapes of the fields; the name of the table', async () => {
  const hdu = (await openFits(bytes('table'))).table(1)
  const [batch] = await batches(hdu)
  const types = Object.fromEntries(batch!.schema.fields.map((field) => [field.name, String(field.type)]))
  expect(types).toMatchObject({
    L: 'Bool',
    X: 'FixedSizeList[11]<Bool>',
    UI: 'Uint16',
    SB: 'Int8',
    K: 'Int64',
    UK: 'Uint64',
    D: 'FixedSizeList[6]<Float64>',
    C: 'FixedSizeList[2]<Float32>',
    A: 'Utf8',
    AA: 'FixedSizeList[3]<Utf8>',
    EMPTY: 'FixedSizeList[0]<Float32>',
    SCALED: 'Float64',
  })
  const field = (name: string) => batch!.schema.fields.find((found) => found.name === name)!
  expect(field('D').metadata.get('shape')).toBe('[2,3]')
  for (const { name, unit } of hdu.columns) expect(field(name).metadata.get('unit')).toBe(unit)
  expect(hdu.columns.some(({ unit }) => unit !== undefined)).toBe(true)
  expect(batch!.schema.metadata.get('name')).toBe(hdu.name)
  const variable = await batches((await openFits(bytes('variable'))).table(1))
  const list = variable[0]!.schema.fields
  expect(list.map(({ name, type }) => [name, String(type)])).toContainEqual(['PM', 'List<FixedSizeList[2]<Float64>>'])
  expect(list.map(({ name, type }) => [name, String(type)])).toContainEqual(['PA', 'Utf8'])
})

const ramp = Float32Array.from({ length: 100_000 }, (_, i) => i)
const long = encodeFits([
  {
    kind: 'table',
    name: 'LONG',
    columns: [
      { name: 'X', values: ramp, unit: 'km/s' },
      { name: 'Y', values: new Float64Array(200_000), shape: [2] },
      { name: 'ID', values: BigInt64Array.from(ramp, (x) => 2n ** 60n + BigInt(x)) },
    ],
  },
])

test('columns and rows chosen are those read; numbers stay on the memory they were read into', async () => {
  const hdu = (await openFits(long)).table('LONG')
  const all = await batches(hdu, { columns: ['id', 'x'], rows: [10, 3000], batchRows: 1000 })
  expect(all.map(({ numRows }) => numRows)).toEqual([1000, 1000, 990])
  expect(all[0]!.schema.fields.map(({ name }) => name)).toEqual(['ID', 'X'])
  expect(all[2]!.getChild('ID')!.get(989)).toBe(2n ** 60n + 2999n)
  const { values } = all[1]!.getChild('X')!.data[0]!
  expect([values.length, values[0], (values as Float32Array).byteOffset]).toEqual([1000, 1010, 0])
})

test('memory is that of two batches, and reading stops with the caller', async () => {
  const inner = bytesSource(long)
  let read = 0
  const source: ByteSource = {
    ...inner,
    read: (offset, length) => {
      read += length
      return inner.read(offset, length)
    },
  }
  const hdu = (await openFits(source)).table('LONG')
  read = 0
  for await (const batch of toArrow(hdu, { batchRows: 100 })) {
    expect(batch.numRows).toBe(100)
    break
  }
  expect(read).toBe(2 * 100 * 28)
})

test('a signal stops it, progress counts rows', async () => {
  const hdu = (await openFits(long)).table('LONG')
  const stop = new AbortController()
  const seen: [number, number][] = []
  const reading = batches(hdu, {
    batchRows: 40_000,
    signal: stop.signal,
    onProgress: (done, total) => {
      seen.push([done, total])
      if (done > 40_000) stop.abort()
    },
  })
  await expect(reading).rejects.toThrow('aborted')
  expect(seen).toEqual([
    [40_000, 100_000],
    [80_000, 100_000],
  ])
})

test('a table without rows gives its schema', async () => {
  const empty = encodeFits([{ kind: 'table', columns: [{ name: 'A', values: new Int16Array(0) }] }])
  const all = await batches((await openFits(empty)).table(1))
  expect(all.map(({ numRows, schema }) => [numRows, schema.fields.map(String)])).toEqual([[0, ['A: Int16']]])
})

test('what cannot be asked for', async () => {
  const hdu = (await openFits(long)).table('LONG')
  await expect(batches(hdu, { batchRows: 0 })).rejects.toMatchObject({ code: 'fits/bad-range' })
  await expect(batches(hdu, { columns: ['Z'] })).rejects.toMatchObject({ code: 'fits/no-column' })
  const empty = encodeFits([{ kind: 'table', columns: [{ name: 'E', values: [], shape: [0] }], rows: 3_000_000 }])
  const nothing = (await openFits(empty)).table(1)
  await expect(batches(nothing)).rejects.toThrow('got 3000000 rows of 0 bytes')
  expect((await batches(nothing, { rows: [0, 3] })).map(({ numRows }) => numRows)).toEqual([3])
  await expect(batches(hdu, { rows: [0, 1e9] })).rejects.toMatchObject({ code: 'fits/bad-range' })
})
