import { gemmF32, gemmF32F64, gemmF64, syrkF32, syrkF64 } from '@astrolabel/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gemm, syrk } from './reference/gemm.mjs'
import { randomArray } from './reference/random.mjs'

type Real = Float32Array | Float64Array

/** Largest |got - wanted| over the rounding bound k eps max|a| max|b|: below 1 if only the order of sums differs. */
function worstError(got: Real, wanted: Real, k: number, eps: number): number {
  let worst = 0
  for (let i = 0; i < wanted.length; i++) worst = Math.max(worst, Math.abs(got[i]! - wanted[i]!))
  return worst / (2 * (k + 3) * eps)
}

const F32_EPS = 2 ** -23

const shape = fc.record({
  m: fc.integer({ min: 0, max: 21 }),
  n: fc.integer({ min: 0, max: 21 }),
  k: fc.integer({ min: 0, max: 21 }),
  transA: fc.boolean(),
  transB: fc.boolean(),
  alpha: fc.constantFrom(1, 0, -0.5, 3),
  beta: fc.constantFrom(0, 1, 0.25),
  seed: fc.nat(),
})

test('products of every small shape, transpose, alpha and beta agree with plain loops', () => {
  fc.assert(
    fc.property(shape, ({ m, n, k, seed, ...options }) => {
      const a = randomArray(Float64Array, m * k, seed)
      const b = randomArray(Float64Array, k * n, seed + 1)
      const c = randomArray(Float64Array, m * n, seed + 2)
      const a32 = Float32Array.from(a)
      const b32 = Float32Array.from(b)

      const double = c.slice()
      gemmF64(m, n, k, a, b, double, options)
      const wanted = c.slice()
      gemm(m, n, k, a, b, wanted, options)
      expect(worstError(double, wanted, 3 * k, Number.EPSILON)).toBeLessThan(1)

      const mixed = c.slice()
      gemmF32F64(m, n, k, a32, b, mixed, options)
      const wantedMixed = c.slice()
      gemm(m, n, k, a32, b, wantedMixed, options)
      expect(worstError(mixed, wantedMixed, 3 * k, Number.EPSILON)).toBeLessThan(1)

      const single = Float32Array.from(c)
      gemmF32(m, n, k, a32, b32, single, options)
      const wantedSingle = Float64Array.from(Float32Array.from(c))
      gemm(m, n, k, a32, b32, wantedSingle, options)
      expect(worstError(single, wantedSingle, 3 * k, F32_EPS)).toBeLessThan(1)
    }),
    { numRuns: 200 },
  )
})

test.each([
  [961, 13, 30, true, false],
  [13, 1030, 20, false, true],
  [97, 9, 513, false, false],
  [30, 17, 257, true, true],
])('shapes across the limits of the blocks: %i x %i x %i, transA %s, transB %s', (m, n, k, transA, transB) => {
  const a = randomArray(Float64Array, m * k, 1)
  const b = randomArray(Float64Array, k * n, 2)
  const got = randomArray(Float64Array, m * n, 3)
  const wanted = got.slice()
  gemmF64(m, n, k, a, b, got, { transA, transB, beta: 0.5 })
  gemm(m, n, k, a, b, wanted, { transA, transB, beta: 0.5 })
  expect(worstError(got, wanted, k, Number.EPSILON)).toBeLessThan(1)
  const got32 = new Float32Array(m * n)
  const wanted32 = new Float64Array(m * n)
  gemmF32(m, n, k, Float32Array.from(a), Float32Array.from(b), got32, { transA, transB })
  gemm(m, n, k, Float32Array.from(a), Float32Array.from(b), wanted32, { transA, transB })
  expect(worstError(got32, wanted32, k, F32_EPS)).toBeLessThan(1)
})

test('whole numbers multiply exactly, so the identity returns the matrix', () => {
  const n = 37
  const identity = Float64Array.from({ length: n * n }, (_, e) => (e % (n + 1) === 0 ? 1 : 0))
  const b = Float64Array.from({ length: n * 5 }, (_, e) => e - 90)
  const c = new Float64Array(n * 5)
  gemmF64(n, 5, n, identity, b, c)
  expect(c).toEqual(b)
})

test('beta 0 does not read C, alpha 0 does not read A and B', () => {
  const ones = new Float64Array(4).fill(1)
  const nan = new Float64Array(4).fill(NaN)
  const c = nan.slice()
  gemmF64(2, 2, 2, ones, ones, c)
  expect([...c]).toEqual([2, 2, 2, 2])
  gemmF64(2, 2, 2, nan, nan, c, { alpha: 0, beta: 2 })
  expect([...c]).toEqual([4, 4, 4, 4])
})

test('a NaN reaches its row of the product and no other', () => {
  const m = 9
  const a = new Float32Array(m * 3).fill(1)
  a[4 * 3 + 1] = NaN
  const c = new Float32Array(m * 2)
  gemmF32(m, 2, 3, a, new Float32Array(6).fill(1), c)
  for (let i = 0; i < m; i++) expect([c[2 * i], c[2 * i + 1]]).toEqual(i === 4 ? [NaN, NaN] : [3, 3])
})

test('no sum depends on the other rows or columns of the product', () => {
  const [m, n, k] = [29, 19, 300]
  const a = randomArray(Float32Array, m * k, 5)
  const b = randomArray(Float32Array, k * n, 6)
  const whole = new Float32Array(m * n)
  gemmF32(m, n, k, a, b, whole)
  for (const row of [0, 14, 28]) {
    const alone = new Float32Array(n)
    gemmF32(1, n, k, a.subarray(row * k, (row + 1) * k), b, alone)
    expect(alone).toEqual(whole.slice(row * n, (row + 1) * n))
  }
})

test('inputs stay as they were, and may lie on shared memory', () => {
  const a = new Float64Array(new SharedArrayBuffer(48))
  a.set([1, 2, 3, 4, 5, 6])
  const b = Float64Array.of(1, 0, 1)
  const c = new Float64Array(new SharedArrayBuffer(16))
  gemmF64(2, 1, 3, a, b, c)
  expect([...c]).toEqual([4, 10])
  expect([...a, ...b]).toEqual([1, 2, 3, 4, 5, 6, 1, 0, 1])
})

test('symmetric products agree with plain loops and are symmetric to the bit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), fc.nat(), (n, k, seed) => {
      const a = randomArray(Float64Array, k * n, seed)
      const got = new Float64Array(n * n).fill(NaN)
      const wanted = new Float64Array(n * n)
      syrkF64(n, k, a, got)
      syrk(n, k, a, wanted)
      expect(worstError(got, wanted, k, Number.EPSILON)).toBeLessThan(1)
      const product = new Float64Array(n * n)
      gemmF64(n, n, k, a, a, product, { transA: true })
      for (let i = 0; i < n; i++) {
        for (let j = i; j < n; j++)
          expect([got[i * n + j], got[j * n + i]]).toEqual([product[i * n + j], product[i * n + j]])
      }
    }),
    { numRuns: 60 },
  )
})

test('a symmetric product wider than a block, in single precision and added to C', () => {
  const [n, k] = [1100, 6]
  const a = randomArray(Float32Array, k * n, 8)
  const got = new Float32Array(n * n).fill(1)
  syrkF32(n, k, a, got, { alpha: 2, beta: 3 })
  const wanted = new Float64Array(n * n)
  syrk(n, k, a, wanted)
  for (let e = 0; e < wanted.length; e++) wanted[e] = 2 * wanted[e]! + 3
  expect(worstError(got, wanted, 3 * k, F32_EPS)).toBeLessThan(1)
})

test('misuse says what was got, expected and what to do', () => {
  const four = new Float64Array(4)
  expect(() => gemmF64(2, 2, 2, four, new Float64Array(3), four.slice())).toThrow(
    'gemmF64: length of b: got 3, expected 4 (k x n). Check the sizes, or pass b.subarray(…) of a larger buffer.',
  )
  expect(() => gemmF64(2.5, 2, 2, four, four, four.slice())).toThrow(
    expect.objectContaining({ name: 'KernelError', code: 'bad-size', got: '2.5' }),
  )
  expect(() => gemmF64(2, 2, 2, four, four, four.slice(), { alpha: NaN })).toThrow(
    expect.objectContaining({ code: 'bad-option' }),
  )
  expect(() => syrkF64(3, 2, four, four.slice())).toThrow(expect.objectContaining({ code: 'bad-length' }))
})
