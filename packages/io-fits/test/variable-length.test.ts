import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ByteSource, ColumnInput, FitsArray, FitsColumn } from '@astrolabel/io-fits'
import { bytesSource, encodeFits, FitsError, openFits } from '@astrolabel/io-fits'
import { answer, bytes, plain } from './golden-files.js'

interface Golden {
  dtype: string
  counts: number[]
  values: (number | string)[]
  valid?: number[]
}

const golden = answer('variable') as Record<string, Golden>
test.each(Object.keys(golden))('column %s of variable length, written by astropy', async (name) => {
  const { dtype, counts, values, valid } = golden[name] as Golden
  const hdu = (await openFits(bytes('variable'))).table('VARIABLE')
  const column = (await hdu.read({ columns: [name] })).column(name)
  expect(column.info).toMatchObject({ dtype, shape: [], variable: { descriptor: name.startsWith('Q') ? 'Q' : 'P' } })
  expect(plain(column.values)).toEqual(values)
  expect(column.valid && [...column.valid]).toEqual(valid)
  expect(countsOf(column)).toEqual(counts)
  const last = (await hdu.read({ columns: [name], rows: [1, 4] })).column(name)
  expect(countsOf(last)).toEqual(counts.slice(1))
  const perValue = dtype === 'c8' || dtype === 'c16' ? 2 : 1
  expect(plain(last.values)).toEqual(values.slice((counts[0] as number) * perValue))
})

test('variable and other columns come together by default', async () => {
  const table = await (await openFits(bytes('variable'))).table(1).read()
  expect([...table.columns.keys()]).toEqual([...Object.keys(golden).slice(0, -1), 'PA', 'FIXED'])
  expect(table.column('FIXED')).toMatchObject({ values: Int32Array.of(0, 1, 2, 3) })
  expect(table.column('FIXED').offsets).toBeUndefined()
})

function countsOf({ offsets = new Int32Array(1) }: FitsColumn): number[] {
  const ends: ArrayLike<number> = offsets.subarray(1)
  return Array.from(ends, (end, row) => end - (offsets[row] as number))
}

const offsetsOf = (counts: readonly number[]): Int32Array => {
  const offsets = new Int32Array(counts.length + 1)
  counts.forEach((count, row) => (offsets[row + 1] = (offsets[row] as number) + count))
  return offsets
}

const descriptorArb = fc.constantFrom('P' as const, 'Q' as const)
const columnArb = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 6 }), descriptorArb)
  .chain(([counts, descriptor]) => {
    const offsets = offsetsOf(counts)
    const n = offsets.at(-1) as number
    const size = { minLength: n, maxLength: n }
    const shared = { name: 'V', offsets, variable: { descriptor }, unit: 'adu' }
    const of = (values: FitsArray): ColumnInput => ({ ...shared, values })
    const flags = fc.uint8Array({ min: 0, max: 1, ...size })
    return fc.oneof(
      fc.uint8Array(size).map(of),
      fc.int8Array(size).map(of),
      fc.int16Array(size).map(of),
      fc.uint16Array(size).map(of),
      fc.int32Array(size).map(of),
      fc.uint32Array(size).map(of),
      fc.bigInt64Array(size).map(of),
      fc.bigUint64Array(size).map(of),
      fc.float32Array(size).map(of),
      fc.float64Array(size).map(of),
      flags.map((values): ColumnInput => ({ ...shared, values, dtype: 'bool' })),
      flags.map((values): ColumnInput => ({ ...shared, values, dtype: 'bit' })),
      fc
        .float32Array({ minLength: 2 * n, maxLength: 2 * n })
        .map((values): ColumnInput => ({ ...shared, values, dtype: 'c8' })),
      fc
        .float64Array({ minLength: 2 * n, maxLength: 2 * n })
        .map((values): ColumnInput => ({ ...shared, values, dtype: 'c16' })),
      fc.constant<ColumnInput>({
        ...shared,
        values: counts.map((count) => "Barnard's s".slice(0, count).trimEnd()),
        offsets: Int32Array.from({ length: counts.length + 1 }, (_, row) => row),
        dtype: 'str',
      }),
    )
  })

test('property: variable-length columns of every type come back, whole and by rows', async () => {
  await fc.assert(
    fc.asyncProperty(columnArb, fc.nat(), fc.nat(), async (column, a, b) => {
      const offsets = column.offsets as Int32Array
      const rows = offsets.length - 1
      const id = { name: 'ID', values: Int16Array.from({ length: rows }, (_, row) => row) }
      const file = await openFits(encodeFits([{ kind: 'table', columns: [id, column, { ...column, name: 'W' }] }]))
      expect(file.warnings).toEqual([])
      const hdu = file.table(1)
      const whole = await hdu.read()
      for (const name of ['V', 'W']) {
        expect(whole.column(name).values).toEqual(column.values)
        expect(whole.column(name).offsets).toEqual(offsets)
      }
      const { info } = whole.column('V')
      expect(info.format.slice(0, 2)).toBe(`1${column.variable?.descriptor}`)
      const [start, end] = [a % (rows + 1), b % (rows + 1)].toSorted((x, y) => x - y) as [number, number]
      const part = (await hdu.read({ columns: ['V'], rows: [start, end] })).column('V')
      const perValue = info.dtype === 'c8' || info.dtype === 'c16' ? 2 : 1
      const [from, to] = [offsets[start] as number, offsets[end] as number]
      expect(part.values).toEqual(column.values.slice(from * perValue, to * perValue))
      expect(part.offsets).toEqual(offsets.slice(start, end + 1).map((offset) => offset - from))
    }),
    { numRuns: 200 },
  )
})

test('a variable-length column that was read can be written as it is', async () => {
  const hdu = (await openFits(bytes('variable'))).table(1)
  const table = await hdu.read({ columns: ['PJ', 'QE', 'PA', 'PL', 'PC', 'UI'] })
  const columns = [...table.columns.values()].map((column) => ({ ...column.info, ...column }))
  const again = await (await openFits(encodeFits([{ kind: 'table', columns }]))).table(1).read()
  for (const [name, { values, valid, offsets }] of table.columns) {
    expect(again.column(name)).toMatchObject({ values, offsets })
    expect(again.column(name).valid).toEqual(valid)
  }
})

/** A source that notes what was read. */
function notingSource(from: Uint8Array): ByteSource & { reads: [number, number][] } {
  const inner = bytesSource(from)
  const reads: [number, number][] = []
  return {
    ...inner,
    reads,
    read: (offset, length) => {
      reads.push([offset, length])
      return inner.read(offset, length)
    },
  }
}

test('of the heap only the bytes of the wanted columns and rows are read', async () => {
  const rows = 10
  const per = 50_000
  const offsets = offsetsOf(Array.from({ length: rows }, () => per))
  const spectrum = (name: string, from: number): ColumnInput => ({
    name,
    values: Float32Array.from({ length: rows * per }, (_, i) => from + i),
    offsets,
  })
  const source = notingSource(encodeFits([{ kind: 'table', columns: [spectrum('A', 0), spectrum('B', 1)] }]))
  const hdu = (await openFits(source)).table(1)
  source.reads.length = 0
  const { values } = (await hdu.read({ columns: ['B'], rows: [3, 5] })).column('B')
  expect(values).toEqual(Float32Array.from({ length: 2 * per }, (_, i) => 1 + 3 * per + i))
  const heap = hdu.dataOffset + rows * 16
  expect(source.reads.slice(1)).toEqual([[heap + (rows + 3) * per * 4, 2 * per * 4]])
  expect(source.reads[0]?.[1]).toBeLessThan(100)
})

/** A table of one P or Q column of f4 with these descriptors, and a heap of 8 values behind a gap. */
function handMade(descriptors: readonly (readonly [number, number])[], gap = 0, wide = false): Uint8Array {
  const values = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7)
  const rows = descriptors.length
  const counts = [8, ...new Array<number>(rows - 1).fill(0)]
  const descriptor = wide ? 'Q' : 'P'
  const whole = encodeFits([
    { kind: 'table', columns: [{ name: 'V', values, offsets: offsetsOf(counts), variable: { descriptor } }] },
  ])
  const header = new TextDecoder().decode(whole.subarray(2880, 5760))
  const card = (key: string, value: number): string => `${key.padEnd(8)}= ${String(value).padStart(20)}`
  const rowsSize = rows * (wide ? 16 : 8)
  const patched = header
    .replace(/PCOUNT {2}= {2,}\d+/, card('PCOUNT', 32 + gap))
    .replace(/END {77}/, `${card('THEAP', rowsSize + gap).padEnd(80)}END`.padEnd(160).slice(0, 80 + 3))
    .padEnd(2880)
    .slice(0, 2880)
  const data = new Uint8Array(2880)
  const view = new DataView(data.buffer)
  descriptors.forEach(([count, start], row) => {
    if (wide) {
      view.setBigInt64(row * 16, BigInt(count))
      view.setBigInt64(row * 16 + 8, BigInt(start))
    } else {
      view.setInt32(row * 8, count)
      view.setInt32(row * 8 + 4, start)
    }
  })
  values.forEach((value, i) => view.setFloat32(rowsSize + gap + 4 * i, value))
  return Buffer.concat([whole.subarray(0, 2880), new TextEncoder().encode(patched), data])
}

test.each([false, true])('rows out of order, overlapping, empty, behind a gap (64-bit: %s)', async (wide) => {
  const descriptors = [
    [2, 24],
    [0, 1e9],
    [3, 0],
    [4, 4],
    [8, 0],
  ] as const
  const hdu = (await openFits(handMade(descriptors, 100, wide))).table(1)
  const { values, offsets } = (await hdu.read()).column('V')
  expect([...values]).toEqual([6, 7, 0, 1, 2, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 7])
  expect(offsets).toEqual(Int32Array.of(0, 2, 2, 5, 9, 17))
})

test.each<[string, readonly [number, number], boolean]>([
  ['a pointer past the end', [1, 32], false],
  ['an array that ends past the end', [8, 4], false],
  ['a count of 2^31 - 1', [2 ** 31 - 1, 0], false],
  ['a negative count', [-1, 0], false],
  ['a negative pointer', [1, -4], false],
  ['a 64-bit count of 2^53', [2 ** 53, 0], true],
  ['a negative 64-bit count', [-1, 0], true],
  ['a negative 64-bit pointer', [1, -4], true],
  ['a 64-bit pointer of 2^62', [1, 2 ** 62], true],
])('%s: an error that names column and row, and the other rows read', async (_, bad, wide) => {
  const hdu = (await openFits(handMade([[2, 0], bad, [1, 28]], 0, wide))).table(1)
  const error = await hdu.read().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(FitsError)
  expect((error as FitsError).code).toBe('fits/bad-table')
  expect((error as FitsError).message).toMatch(/^column V of HDU 1 points out of the heap in row 1: got .* from byte/)
  await expect(hdu.read({ rows: [1, 2] })).rejects.toThrow('in row 1')
  expect((await hdu.read({ rows: [0, 1] })).column('V').values).toEqual(Float32Array.of(0, 1))
  expect((await hdu.read({ rows: [2, 3] })).column('V').values).toEqual(Float32Array.of(7))
})

test('a THEAP that cannot be leaves a heap of no bytes', async () => {
  const text = Buffer.from(handMade([[2, 0]]))
  const at = text.indexOf('THEAP')
  text.write('-99'.padStart(20), at + 10, 'latin1')
  const hdu = (await openFits(text)).table(1)
  await expect(hdu.read()).rejects.toThrow('a place among the 0 bytes of the heap')
})

test('a file cut in its heap: rows before the cut read', async () => {
  const counts = [1000, 1000]
  const column = { name: 'V', values: Float64Array.from({ length: 2000 }, (_, i) => i), offsets: offsetsOf(counts) }
  const whole = encodeFits([{ kind: 'table', columns: [column] }])
  const hdu = (await openFits(whole.subarray(0, 5760 + 16 + 8000))).table(1)
  expect((await hdu.read({ rows: [0, 1] })).column('V').values[999]).toBe(999)
  await expect(hdu.read()).rejects.toMatchObject({ code: 'fits/truncated' })
})

test('many rows that share the same large array are refused, some of them read', async () => {
  const rows = 2000
  const values = new Float64Array(100_000)
  const counts = Array.from({ length: rows }, (_, row) => (row === 0 ? values.length : 0))
  const shared = encodeFits([{ kind: 'table', columns: [{ name: 'V', values, offsets: offsetsOf(counts) }] }])
  const view = new DataView(shared.buffer, 5760)
  for (let row = 0; row < rows; row++) {
    view.setUint32(row * 8, values.length)
    view.setUint32(row * 8 + 4, 0)
  }
  const hdu = (await openFits(shared)).table(1)
  await expect(hdu.read()).rejects.toThrow('rows of column V of HDU 1 share heap bytes too often: got 1600000000 bytes')
  expect((await hdu.read({ rows: [1990, 2000] })).column('V').values).toHaveLength(1_000_000)
})

test.each<[string, Partial<ColumnInput>, string]>([
  ['offsets that fall', { offsets: Int32Array.of(0, 3, 2, 4) }, '0 first, never falling, 4 last'],
  ['offsets that start late', { offsets: Int32Array.of(1, 4) }, 'never falling'],
  ['offsets that end early', { offsets: Int32Array.of(0, 3) }, '2 offsets from 0 to 3'],
  ['no offsets at all', { offsets: new Int32Array(0) }, 'never falling'],
  ['a cell shape', { offsets: Int32Array.of(0, 4), shape: [2] }, 'both offsets and a cell shape'],
  ['strings in pieces', { values: ['a', 'b', 'c', 'd'], offsets: Int32Array.of(0, 4) }, 'one string a row'],
])('refuses %s', (_, change, message) => {
  const column = { name: 'V', values: new Float32Array(4), ...change }
  expect(() => encodeFits([{ kind: 'table', columns: [column] }])).toThrow(message)
})

test('TDIM of a variable-length column is told as the shape of its arrays', async () => {
  const column = { name: 'V', values: new Float32Array(6), offsets: Int32Array.of(0, 6, 6) }
  const text = Buffer.from(encodeFits([{ kind: 'table', header: { XDIM1: '(3,2)' }, columns: [column] }]))
  text.write('TDIM1', text.indexOf('XDIM1'))
  const hdu = (await openFits(new Uint8Array(text))).table(1)
  expect(hdu.columns[0]).toMatchObject({ shape: [], variable: { descriptor: 'P', shape: [2, 3] } })
  expect((await hdu.read()).column('V').offsets).toEqual(Int32Array.of(0, 6, 6))
})
