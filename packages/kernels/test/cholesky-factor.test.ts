import { choleskyFactor, choleskyFactorInverse, choleskyFactorSolve } from '@astrolabel/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomArray } from './reference/random.mjs'

/** B B^T / n + I of a random B: eigenvalues from 1 to some 5. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const b = randomArray(Float64Array, n * n, seed)
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0
      for (let k = 0; k < n; k++) sum += (b[i * n + k]! * b[j * n + k]!) / n
      a[i * n + j] = sum
      a[j * n + i] = sum
    }
  return a
}

/** Largest difference between A B and C, all n x n but B and C n x m. */
function residual(n: number, m: number, a: Float64Array, b: Float64Array, c: ArrayLike<number>): number {
  let worst = 0
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      let sum = -c[i * m + j]!
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[k * m + j]!
      worst = Math.max(worst, Math.abs(sum))
    }
  return worst
}

test('factor, solution and inverse by hand', () => {
  const a = Float64Array.of(4, 2, 2, 5)
  const u = new Float64Array(4)
  expect(choleskyFactor(2, a, u)).toBe(true)
  expect([...u]).toEqual([2, 1, 0, 2])
  expect([...choleskyFactorSolve(2, 1, u, Float64Array.of(8, 12))]).toEqual([1, 2])
  expect([...choleskyFactorSolve(2, 1, u, Float64Array.of(8, 12), { whole: false })]).toEqual([4, 4])
  expect([...choleskyFactorInverse(2, u)]).toEqual([5 / 16, -1 / 8, -1 / 8, 1 / 4])
})

test('sizes below, at and across the blocks: U^T U = A, A X = B, A A^-1 = I', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 31, 32, 33, 63, 64, 65, 97, 150), fc.nat(), (n, seed) => {
      const a = positiveDefinite(n, seed)
      const u = new Float64Array(n * n).fill(Number.NaN)
      expect(choleskyFactor(n, a, u)).toBe(true)
      const transposed = u.map((_, at) => u[(at % n) * n + Math.floor(at / n)]!)
      expect(residual(n, n, transposed, u, a)).toBeLessThan(1e-12)
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) expect(u[i * n + j]).toBe(0)
      const b = randomArray(Float64Array, n * 3, seed + 1)
      expect(residual(n, 3, a, choleskyFactorSolve(n, 3, u, b), b)).toBeLessThan(1e-12)
      expect(residual(n, 3, transposed, choleskyFactorSolve(n, 3, u, b, { whole: false }), b)).toBeLessThan(1e-12)
      const inverse = choleskyFactorInverse(n, u)
      const identity = Float64Array.from({ length: n * n }, (_, at) => (at % n === Math.floor(at / n) ? 1 : 0))
      expect(residual(n, n, a, inverse, identity)).toBeLessThan(1e-12)
      const inPlace = a.slice()
      choleskyFactor(n, inPlace, inPlace)
      expect(inPlace).toEqual(u)
    }),
    { numRuns: 20 },
  )
})

test('a matrix that is not positive definite, singular, or not a number has no factor', () => {
  const a = positiveDefinite(80, 2)
  const u = new Float64Array(6400)
  for (const bad of [0, -1, Number.NaN, Infinity]) {
    const broken = a.slice()
    broken[70 * 81] = bad
    expect(choleskyFactor(80, broken, u)).toBe(false)
  }
  expect(choleskyFactor(3, new Float64Array(9).fill(1), new Float64Array(9))).toBe(false)
  expect(() => choleskyFactorSolve(2, 1, new Float64Array(4), new Float64Array(2))).toThrow(
    'choleskyFactorSolve: diagonal element 0 of factor: got 0, expected a number above 0.',
  )
  expect(() => choleskyFactor(3, new Float64Array(8), new Float64Array(9))).toThrow('got 8, expected 9 (n x n)')
})
