import { tridiagonalise } from '@astrolabel/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomArray } from './reference/random.mjs'

/** Q T Q^T, by the reflections one after another from the last on both sides of T. */
function assemble({ size, diagonal, off, reflections }: ReturnType<typeof tridiagonalise>): Float64Array {
  const a = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    a[i * size + i] = diagonal[i]!
    if (i === 0) continue
    a[i * size + i - 1] = off[i]!
    a[(i - 1) * size + i] = off[i]!
  }
  for (let k = size - 1; k >= 0; k--) {
    const v = reflections.subarray(k * size, (k + 1) * size)
    for (const [step, stride] of [
      [1, size],
      [size, 1],
    ] as const)
      for (let line = 0; line < size; line++) {
        let along = 0
        for (let j = 0; j < size; j++) along += v[j]! * a[line * stride + j * step]!
        for (let j = 0; j < size; j++) a[line * stride + j * step]! -= 2 * along * v[j]!
      }
  }
  return a
}

test('reflections and T give the matrix back; vectors are units and lie where they should', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 24 }), fc.nat(), fc.boolean(), (n, seed, sparse) => {
      const half = randomArray(Float64Array, n * n, seed)
      const a = half.map((_, at) => {
        const [i, j] = [Math.floor(at / n), at % n]
        // Whole rows of zeros beside the diagonal: nothing to reflect.
        return sparse && i !== j && (i + j) % 3 !== 0 ? 0 : half[Math.min(i, j) * n + Math.max(i, j)]!
      })
      const lower = a.map((value, at) => (at % n < Math.floor(at / n) ? Number.NaN : value))
      const found = tridiagonalise(n, lower)
      assemble(found).forEach((value, at) => expect(value).toBeCloseTo(a[at]!, 12))
      for (let k = 0; k < n; k++) {
        const v = found.reflections.subarray(k * n, (k + 1) * n)
        expect(v.subarray(0, k + 1).every((value) => value === 0)).toBe(true)
        const square = v.reduce((sum, value) => sum + value * value, 0)
        if (square !== 0) expect(square).toBeCloseTo(1, 12)
      }
    }),
    { numRuns: 60 },
  )
})

test('values far from 1 neither overflow nor vanish', () => {
  for (const scale of [1e-200, 1e200]) {
    const { diagonal, off } = tridiagonalise(
      3,
      Float64Array.of(2, 3, 4, 0, 1, 0, 0, 0, 1).map((value) => value * scale),
    )
    expect(off[1]! / scale).toBeCloseTo(-5, 12)
    expect((diagonal[0]! + diagonal[1]! + diagonal[2]!) / scale).toBeCloseTo(4, 12)
  }
})

test('a matrix of another size is told', () => {
  expect(() => tridiagonalise(2, new Float64Array(3))).toThrow('tridiagonalise: length of a: got 3, expected 4 (n x n)')
})
