import { expect, test } from 'vitest'
import { principalComponents, project, reconstruct } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'

/** Rows that lie in `rank` directions, with standard deviations 10, 5, 10/3, … */
function lowRank(n: number, width: number, rank: number): Float32Array {
  const random = RandomStream.fromSeed(11)
  const directions = Float64Array.from({ length: rank * width }, () => random.normal() / Math.sqrt(width))
  const x = new Float32Array(n * width).fill(2)
  for (let row = 0; row < n; row++)
    for (let c = 0; c < rank; c++) {
      const z = (10 * random.normal()) / (c + 1)
      for (let i = 0; i < width; i++) x[row * width + i]! += z * directions[c * width + i]!
    }
  return x
}

test('rows of rank 6 are given back by six components, and explained whole', () => {
  const [n, width] = [300, 80]
  const x = lowRank(n, width, 6)
  const pca = principalComponents(x, n, width, 6)
  expect(pca.explained.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 5)
  const back = reconstruct(pca, project(pca, x, n), n)
  back.forEach((value, i) => expect(Math.abs(value - x[i]!)).toBeLessThan(2e-4))
  for (let a = 0; a < 6; a++)
    for (let b = 0; b <= a; b++) {
      let dot = 0
      for (let i = 0; i < width; i++) dot += pca.components[a * width + i]! * pca.components[b * width + i]!
      expect(dot).toBeCloseTo(a === b ? 1 : 0, 5)
    }
  for (let c = 1; c < 6; c++) expect(pca.variance[c]).toBeLessThanOrEqual(pca.variance[c - 1]!)
})

test('more components than the rows have directions: the rest explain nothing', () => {
  const pca = principalComponents(lowRank(50, 20, 2), 50, 20, 5)
  expect(pca.explained[2]).toBeLessThan(1e-9)
  expect(pca.components.every(Number.isFinite)).toBe(true)
})

test('too many components, or a pixel that is no number: an error in words', () => {
  const x = lowRank(10, 20, 2)
  expect(() => principalComponents(x, 10, 20, 10)).toThrow(/got 10, expected 1 to 9 of 10 rows of 20/)
  expect(() => principalComponents(x.with(25, Number.NaN), 10, 20, 3)).toThrow(/Pixel 5 of row 1 is not a number/)
})
