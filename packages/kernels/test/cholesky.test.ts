import { readFileSync } from 'node:fs'
import { choleskyInversePacked, choleskySolvePacked } from '@astrolabel/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as reference from './reference/cholesky.mjs'
import { randomArray, randomPositiveDefinite } from './reference/random.mjs'

const { cholesky: oracle } = JSON.parse(readFileSync(new URL('fixtures/oracle.json', import.meta.url), 'utf8')) as {
  cholesky: { t: number; packed: number[]; rhs: number[]; solution: number[]; inverse: number[] }
}

function expectClose(got: Float64Array, wanted: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(wanted.length)
  for (let i = 0; i < got.length; i++) {
    expect(Math.abs(got[i]! - wanted[i]!)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(wanted[i]!)))
  }
}

test('solution and inverse are those of scipy', () => {
  const out = new Float64Array(6)
  const packed = Float64Array.from(oracle.packed)
  expect([...choleskySolvePacked(1, 6, packed, Float64Array.from(oracle.rhs), out)]).toEqual([0])
  expectClose(out, oracle.solution, 1e-12)
  const inverse = new Float64Array(21)
  expect([...choleskyInversePacked(1, 6, packed, inverse)]).toEqual([0])
  expectClose(inverse, oracle.inverse, 1e-12)
})

const size = fc.record({ batch: fc.integer({ min: 0, max: 7 }), t: fc.integer({ min: 0, max: 23 }), seed: fc.nat() })

test('batches of every small size agree with one system at a time', () => {
  fc.assert(
    fc.property(size, ({ batch, t, seed }) => {
      const packed = randomPositiveDefinite(batch, t, seed)
      const rhs = randomArray(Float64Array, batch * t, seed + 1)
      const got = new Float64Array(batch * t)
      const wanted = new Float64Array(batch * t)
      const jitter = (seed % 2) * 0.01
      expect(choleskySolvePacked(batch, t, packed, rhs, got, { jitter })).toEqual(
        reference.choleskySolvePacked(batch, t, packed, rhs, wanted, { jitter }),
      )
      expectClose(got, wanted, 1e-10)
      const inverse = new Float64Array(packed.length)
      const wantedInverse = new Float64Array(packed.length)
      expect(choleskyInversePacked(batch, t, packed, inverse)).toEqual(
        reference.choleskyInversePacked(batch, t, packed, wantedInverse),
      )
      expectClose(inverse, wantedInverse, 1e-10)
    }),
    { numRuns: 60 },
  )
})

test('a matrix that is not positive definite is flagged and leaves its neighbours alone, to the bit', () => {
  const [batch, t] = [5, 8]
  const packed = randomPositiveDefinite(batch, t, 3)
  const rhs = randomArray(Float64Array, batch * t, 4)
  const good = new Float64Array(batch * t)
  choleskySolvePacked(batch, t, packed, rhs, good)
  const width = packed.length / batch
  packed[width] = -1
  packed[2 * width + 3] = NaN
  const out = new Float64Array(batch * t)
  expect([...choleskySolvePacked(batch, t, packed, rhs, out)]).toEqual([0, 1, 1, 0, 0])
  for (let s = 0; s < batch; s++) {
    const row = out.slice(s * t, (s + 1) * t)
    expect(row).toEqual(s === 1 || s === 2 ? new Float64Array(t).fill(NaN) : good.slice(s * t, (s + 1) * t))
  }
  const inverse = new Float64Array(packed.length)
  expect([...choleskyInversePacked(batch, t, packed, inverse)]).toEqual([0, 1, 1, 0, 0])
  expect(inverse.subarray(width, 3 * width).every(Number.isNaN)).toBe(true)
})

test('a singular matrix is not positive definite; jitter makes it so', () => {
  // Outer product of (1, 1/3, 1/7): rank 1, its later pivots are rounding noise of either sign.
  const v = [1, 1 / 3, 1 / 7]
  const packed = new Float64Array(6)
  for (let i = 0, at = 0; i < 3; i++) for (let j = i; j < 3; j++) packed[at++] = v[i]! * v[j]!
  const out = new Float64Array(3)
  expect([...choleskySolvePacked(1, 3, packed, Float64Array.of(1, 1, 1), out)]).toEqual([1])
  expect([...choleskySolvePacked(1, 3, packed, Float64Array.of(1, 1, 1), out, { jitter: 1e-6 })]).toEqual([0])
  expect(out.every(Number.isFinite)).toBe(true)
  expect([...choleskySolvePacked(1, 3, new Float64Array(6), new Float64Array(3), out)]).toEqual([1])
})

test('batches larger than what is staged at once', () => {
  const [batch, t] = [700, 40]
  const one = randomPositiveDefinite(1, t, 5)
  const packed = new Float64Array(batch * one.length)
  for (let s = 0; s < batch; s++)
    packed.set(
      one.map((value) => value * (1 + s)),
      s * one.length,
    )
  const rhs = new Float64Array(batch * t).fill(1)
  const out = new Float64Array(batch * t)
  expect(choleskySolvePacked(batch, t, packed, rhs, out)).toEqual(new Uint8Array(batch))
  for (const s of [1, 638, 639, 640, 699]) {
    expectClose(
      out.slice(s * t, (s + 1) * t),
      out.slice(0, t).map((value) => value / (1 + s)),
      1e-12,
    )
  }
})

test('misuse throws with the length that was expected', () => {
  expect(() => choleskySolvePacked(2, 3, new Float64Array(9), new Float64Array(6), new Float64Array(6))).toThrow(
    'choleskySolvePacked: length of packed: got 9, expected 12 (batch x t (t + 1) / 2).',
  )
  expect(() =>
    choleskySolvePacked(1, 1, Float64Array.of(1), Float64Array.of(1), new Float64Array(1), { jitter: -1 }),
  ).toThrow('choleskySolvePacked: option jitter: got -1, expected a finite number, 0 or more.')
})
