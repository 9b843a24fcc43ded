import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ColumnInput, FitsArray } from '@astrolabel/io-fits'
import { encodeFits, encodeFitsChunks, openFits } from '@astrolabel/io-fits'
import { arrays, dtypes } from './number-arrays.js'

const dtypeArb = fc.constantFrom(...dtypes)
const shapeArb = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
const size = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1)

const bitsOf = ({ buffer, byteOffset, byteLength }: FitsArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

test('property: images of every type and shape come back bit by bit', async () => {
  const input = fc
    .tuple(dtypeArb, fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }))
    .chain(([dtype, shape]) => arrays[dtype](size(shape)).map((data) => ({ dtype, shape, data })))
  await fc.assert(
    fc.asyncProperty(input, async ({ dtype, shape, data }) => {
      const bytes = encodeFits([{ kind: 'image' }, { kind: 'image', name: 'X', shape, data }])
      expect(bytes.length % 2880).toBe(0)
      const hdu = (await openFits(bytes)).image('X')
      const image = await hdu.read()
      expect([image.dtype, image.shape, hdu.dtype]).toEqual([dtype, shape, dtype])
      expect(bitsOf(image.data)).toEqual(bitsOf(data))
      expect(image.valid).toBeUndefined()
    }),
    { numRuns: 150 },
  )
})

const stringArb = fc
  .string({ unit: fc.constantFrom(...Array.from(` !'09AZaz~`)), maxLength: 12 })
  .map((text) => text.trimEnd())

function columnArb(name: string, rows: number): fc.Arbitrary<ColumnInput> {
  return shapeArb.chain((shape) => {
    const n = rows * size(shape)
    const flags = fc.uint8Array({ min: 0, max: 1, minLength: n, maxLength: n })
    return fc.oneof(
      { weight: 6, arbitrary: dtypeArb.chain((dtype) => arrays[dtype](n)).map((values) => ({ name, shape, values })) },
      flags.map((values) => ({ name, shape, values, dtype: 'bit' as const })),
      flags.map((values) => ({ name, shape, values, dtype: 'bool' as const })),
      arrays.f4(2 * n).map((values) => ({ name, shape, values, dtype: 'c8' as const })),
      arrays.f8(2 * n).map((values) => ({ name, shape, values, dtype: 'c16' as const })),
      fc.array(stringArb, { minLength: n, maxLength: n }).map((values) => ({ name, shape, values, unit: 'mag' })),
    )
  })
}

const tableArb = fc.integer({ min: 0, max: 7 }).chain((rows) =>
  fc
    .integer({ min: 0, max: 6 })
    .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => columnArb(`c${i}`, rows))))
    .map((columns) => ({ rows, columns })),
)

test('property: tables of every column type come back, whole and by rows', async () => {
  await fc.assert(
    fc.asyncProperty(tableArb, fc.nat(), fc.nat(), async ({ rows, columns }, a, b) => {
      const file = await openFits(encodeFits([{ kind: 'table', name: 'T', columns, rows }]))
      expect(file.warnings).toEqual([])
      const hdu = file.table('T')
      expect(hdu.rows).toBe(rows)
      const [start, end] = [a % (rows + 1), b % (rows + 1)].toSorted((x, y) => x - y) as [number, number]
      const whole = await hdu.read()
      const part = await hdu.read({ rows: [start, end] })
      for (const column of columns) {
        const shape = column.shape ?? []
        const read = whole.column(column.name)
        const isText = Array.isArray(column.values)
        // Strings of an empty shape take no bytes, so neither their shape nor their number can be stored.
        if (isText && size(shape) === 0) continue
        expect(read.info.shape).toEqual(shape)
        expect(read.info.unit).toBe(column.unit)
        if (column.dtype !== undefined) expect(read.info.dtype).toBe(column.dtype)
        expect(read.values).toEqual(column.values)
        const perRow = rows === 0 ? 0 : column.values.length / rows
        expect(part.column(column.name).values).toEqual(read.values.slice(start * perRow, end * perRow))
      }
    }),
    { numRuns: 200 },
  )
})

test('property: missing values come back missing, the others untouched', async () => {
  const input = dtypeArb.chain((dtype) =>
    fc.tuple(fc.constant(dtype), arrays[dtype](6), fc.uint8Array({ min: 0, max: 1, minLength: 6, maxLength: 6 })),
  )
  await fc.assert(
    fc.asyncProperty(input, async ([dtype, values, valid]) => {
      const lowest = [-(2 ** 15), -(2 ** 31), -(2n ** 63n), -128]
      const highest = [255, 2 ** 16 - 1, 2 ** 32 - 1, 2n ** 64n - 1n]
      const marked = new Set<number | bigint>([...lowest, ...highest])
      fc.pre(values.every((value: number | bigint) => !marked.has(value)))
      const file = await openFits(
        encodeFits([
          { kind: 'image', data: values, valid },
          { kind: 'table', columns: [{ name: 'v', values, valid }] },
        ]),
      )
      const column = (await file.table(1).read()).column('v')
      const image = await file.image(0).read()
      const float = dtype === 'f4' || dtype === 'f8'
      const mask = valid.includes(0) && !float ? valid : undefined
      expect([column.valid, image.valid]).toEqual([mask, mask])
      const meant = Array.from<number | bigint, number | bigint | null>(values, (value, i) =>
        valid[i] === 1 ? value : null,
      )
      for (const data of [column.values, image.data]) {
        const missing = (value: unknown, i: number): boolean => (float ? Number.isNaN(value) : valid[i] === 0)
        // A NaN that is a value is written as one, so floats are compared where they are numbers.
        const wanted = meant.map((value) => (Number.isNaN(value) ? null : value))
        expect(Array.from<unknown, unknown>(data, (value, i) => (missing(value, i) ? null : value))).toEqual(wanted)
      }
    }),
    { numRuns: 150 },
  )
})

test('floats stored as scaled integers come back within half a step, missing ones as missing', async () => {
  const values = Float64Array.of(-1.5, 0, 0.26, NaN, 2.004)
  const numbers = { stored: 'i2', scale: 0.01, zero: 1 } as const
  const file = await openFits(
    encodeFits([
      { kind: 'image', data: values, ...numbers },
      { kind: 'table', columns: [{ name: 'v', values, ...numbers }] },
    ]),
  )
  const image = await file.image(0).read()
  const { values: read, valid, info } = (await file.table(1).read()).column('v')
  expect([image.dtype, info.dtype, info.format, info.scale, info.zero]).toEqual(['f4', 'f8', '1I', 0.01, 1])
  for (const data of [image.data, read]) {
    for (const i of [0, 1, 2, 4]) expect(Math.abs(Number(data[i]) - (values[i] as number))).toBeLessThan(0.005001)
    expect(data[3]).toBeNaN()
  }
  expect([image.valid, valid]).toEqual([Uint8Array.of(1, 1, 1, 0, 1), Uint8Array.of(1, 1, 1, 0, 1)])
})

test('a column that was read can be written as it is', async () => {
  const valid = Uint8Array.of(1, 0, 1)
  const columns: ColumnInput[] = [
    { name: 'id', values: BigInt64Array.of(1n, 2n, 3n), valid, unit: 'n' },
    { name: 'name', values: ['a', 'bcd', ''] },
    { name: 'z', values: Float32Array.of(1, 2, 3, 4, 5, 6), dtype: 'c8' },
    { name: 'ok', values: [true, false, true], valid },
  ]
  const first = encodeFits([{ kind: 'table', name: 'T', columns }])
  const table = await (await openFits(first)).table('T').read()
  expect(table.column('ok')).toMatchObject({ values: Uint8Array.of(1, 0, 1), valid })
  const again = [...table.columns.values()].map((column) => ({ ...column.info, ...column }))
  expect(encodeFits([{ kind: 'table', name: 'T', columns: again }])).toEqual(first)
})

test('same input, same bytes; chunks are the whole in pieces', () => {
  const hdus = [
    { kind: 'image', data: Float32Array.from({ length: 700_000 }, (_, i) => i) },
    { kind: 'table', columns: [{ name: 'x', values: Float64Array.from({ length: 200_000 }, (_, i) => i) }] },
  ] as const
  const whole = encodeFits(hdus)
  const chunks = [...encodeFitsChunks(hdus)]
  expect(chunks.length).toBeGreaterThan(4)
  expect(Buffer.concat(chunks).equals(whole)).toBe(true)
  expect(Buffer.compare(encodeFits(hdus), whole)).toBe(0)
})

test.each<[string, () => unknown, string]>([
  [
    'columns of different lengths',
    () => [
      { name: 'a', values: new Int16Array(2) },
      { name: 'b', values: new Int16Array(3) },
    ],
    '3 rows in b',
  ],
  [
    'two columns of one name',
    () => [
      { name: 'a', values: new Int16Array(2) },
      { name: 'a', values: new Int16Array(2) },
    ],
    'distinct names',
  ],
  ['values that do not fill cells', () => [{ name: 'a', values: new Int16Array(5), shape: [2] }], 'a multiple of 2'],
  ['plain numbers', () => [{ name: 'a', values: [1, 2] }], 'Numbers need a typed array'],
  ['text outside ASCII', () => [{ name: 'a', values: ['é'] }], 'printable ASCII'],
  ['a string beyond its width', () => [{ name: 'a', values: ['abc'], width: 2 }], 'width 2'],
  [
    'a null value that a value has',
    () => [{ name: 'a', values: Int16Array.of(1, 2), valid: Uint8Array.of(0, 1), null: 2 }],
    'equals its null value',
  ],
  ['a value out of range', () => [{ name: 'a', values: Float64Array.of(1e6), stored: 'i2' }], 'i2 cannot hold'],
  [
    'a mask of another length',
    () => [{ name: 'a', values: new Int16Array(2), valid: new Uint8Array(1) }],
    'one a value',
  ],
])('refuses %s', (_, columns, message) => {
  expect(() => encodeFits([{ kind: 'table', columns: columns() as ColumnInput[] }])).toThrow(message)
})

test('refuses an image whose shape is not its size', () => {
  expect(() => encodeFits([{ kind: 'image', data: new Float32Array(5), shape: [2, 3] }])).toThrow('6 for shape [2, 3]')
})

test('missing values far into a long scaled column and image are marked where they are', async () => {
  const length = 1_300_000
  const values = Float64Array.from({ length }, (_, i) => (i % 400_003 === 5 ? NaN : i % 100))
  const holes = [5, 400_008, 800_011, 1_200_014]
  const numbers = { stored: 'i2', scale: 0.5 } as const
  const file = await openFits(
    encodeFits([
      { kind: 'image', data: values, ...numbers },
      { kind: 'table', columns: [{ name: 'v', values, ...numbers }] },
    ]),
  )
  const image = await file.image(0).read()
  const column = (await file.table(1).read()).column('v')
  for (const [data, valid] of [
    [image.data, image.valid],
    [column.values, column.valid],
  ] as const) {
    expect(Array.from(data.keys()).filter((i) => Number.isNaN(data[i]))).toEqual(holes)
    expect(Array.from((valid ?? []).keys()).filter((i) => valid?.[i] === 0)).toEqual(holes)
  }
  expect(values.every((value, i) => Object.is(value, column.values[i]))).toBe(true)
})
