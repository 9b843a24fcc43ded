import { gemmF32, PackedRows } from '@astrolabel/kernels'
import { expect, test } from 'vitest'
import { randomArray } from './reference/random.mjs'

test.each([
  [1, 1, 1],
  [7, 5, 3],
  [260, 517, 16],
  [514, 1030, 9],
])('a packed matrix of %i x %i gives the products that gemmF32 gives', (m, k, n) => {
  const a = randomArray(Float32Array, m * k, 1)
  const packed = new PackedRows(m, k, a)
  for (const seed of [2, 3]) {
    const [b, q] = [randomArray(Float32Array, k * n, seed), randomArray(Float32Array, m * n, seed)]
    const [plain, back] = [new Float32Array(m * n), new Float32Array(k * n)]
    gemmF32(m, n, k, a, b, plain)
    gemmF32(k, n, m, a, q, back, { transA: true })
    expect(packed.times(n, b)).toEqual(plain)
    expect(packed.transposedTimes(n, q)).toEqual(back)
  }
})

test('matrices of other sizes: an error in words', () => {
  expect(() => new PackedRows(2, 2, new Float32Array(3))).toThrow(/length of a.*got 3, expected 4/)
  expect(() => new PackedRows(1, 2, new Float32Array(2)).times(2, new Float32Array(3))).toThrow(/got 3, expected 4/)
})
