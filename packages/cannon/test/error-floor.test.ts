import { errorFloor } from '@astrolabel/cannon'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

const none = (n: number): Float64Array => new Float64Array(n).fill(Number.NaN)

test('residuals that spread more than their errors: the floor is what is missing, in quadrature', () => {
  const n = 20_000
  const random = RandomStream.fromSeed(1)
  const residual = Float64Array.from({ length: n }, () => 5 * random.normal())
  const floor = errorFloor(residual, new Float64Array(n).fill(9), none(n))
  // 4 = √(5² - 3²); the 68.3 % quantile of r² is good to 1.3 % for 20 000 stars, three times that allowed.
  expect(Math.abs((floor ** 2 + 9) / 25 - 1)).toBeLessThan(0.04)
  const covered = residual.filter((r) => Math.abs(r) <= Math.sqrt(9 + floor ** 2)).length / n
  expect(covered).toBeCloseTo(0.6827, 3)
  const withTruth = errorFloor(residual, new Float64Array(n).fill(5), new Float64Array(n).fill(4))
  expect(withTruth).toBeCloseTo(floor, 12)
})

test('errors of different sizes: each star is covered from its own threshold on', () => {
  const residual = Float64Array.of(1, 2, 3, 4, 5)
  const formal2 = Float64Array.of(1, 1, 1, 1, 1)
  // Thresholds 0, 3, 8, 15, 24; 0.6827 of the way from the first to the last is 8 + 0.7308 × 7.
  expect(errorFloor(residual, formal2, none(5)) ** 2).toBeCloseTo(8 + (4 * 0.6826894921370859 - 2) * 7, 12)
})

test('no floor where errors are large enough, or nothing is known', () => {
  expect(errorFloor(Float64Array.of(1, -1, 0.5), Float64Array.of(4, 4, 4), none(3))).toBe(0)
  expect(errorFloor(new Float64Array(0), new Float64Array(0), new Float64Array(0))).toBe(0)
  expect(errorFloor(none(3), Float64Array.of(1, 1, 1), none(3))).toBe(0)
  expect(errorFloor(Float64Array.of(2, Number.NaN), Float64Array.of(0, 1), none(2))).toBe(2)
  expect(errorFloor(Float64Array.of(2, 9), Float64Array.of(0, Number.NaN), none(2))).toBe(2)
})
