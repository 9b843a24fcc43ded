import { distanceToHull } from '@astrolabel/cannon'
import { RandomStream } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isNearHull } from '../src/training-hull.ts'

const at = (...values: number[]): Float64Array => Float64Array.of(...values)

/** The 2^dim corners of the box [-1, 1]. */
const box = (dim: number): Float64Array =>
  Float64Array.from({ length: dim * 2 ** dim }, (_, k) => ((Math.floor(k / dim) >> (k % dim)) & 1 ? 1 : -1))

test.each([1, 2, 3, 4, 5, 6])('distance to a box of %i dimensions', (dim) => {
  const random = RandomStream.fromSeed(dim)
  for (let k = 0; k < 40; k++) {
    const query = Float64Array.from({ length: dim }, () => 4 * random.uniform() - 2)
    const beyond = query.reduce((sum, x) => sum + Math.max(0, Math.abs(x) - 1) ** 2, 0)
    expect(distanceToHull(box(dim), dim, query)).toBeCloseTo(beyond, 8)
  }
})

test('distance to a simplex: faces, edges and corners', () => {
  const simplex = at(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1)
  expect(distanceToHull(simplex, 3, at(0.2, 0.2, 0.2))).toBe(0)
  expect(distanceToHull(simplex, 3, at(1, 1, 1))).toBeCloseTo(4 / 3, 12)
  expect(distanceToHull(simplex, 3, at(1, 1, 0))).toBeCloseTo(0.5, 12)
  expect(distanceToHull(simplex, 3, at(3, 0, 0))).toBeCloseTo(4, 12)
  expect(distanceToHull(simplex, 3, at(-1, -2, -3))).toBeCloseTo(14, 12)
})

test('flat and repeated points', () => {
  const segment = at(0, 0, 1, 1, 2, 2, 1, 1, 0, 0)
  expect(distanceToHull(segment, 2, at(0.5, 0.5))).toBeLessThan(1e-9)
  expect(distanceToHull(segment, 2, at(1, 0))).toBeCloseTo(0.5, 12)
  expect(distanceToHull(segment, 2, at(3, 3))).toBeCloseTo(2, 12)
  const single = at(1, 2, 3, 1, 2, 3)
  expect(distanceToHull(single, 3, at(1, 2, 3))).toBe(0)
  expect(distanceToHull(single, 3, at(1, 2, 5))).toBe(4)
  expect(distanceToHull(new Float64Array(0), 2, at(0, 0))).toBe(Number.POSITIVE_INFINITY)
})

const cloud = fc
  .record({
    dim: fc.integer({ min: 1, max: 6 }),
    n: fc.integer({ min: 1, max: 60 }),
    seed: fc.integer(),
    scale: fc.constantFrom(1, 5000, 1e-9, 1e9),
  })
  .map(({ dim, n, seed, scale }) => {
    const random = RandomStream.fromSeed(seed)
    const points = Float64Array.from({ length: n * dim }, () => scale * random.normal())
    const extent2 = Math.max(...points.map(Math.abs)) ** 2 * dim
    return { dim, n, random, points, extent2 }
  })

test('convex combinations are inside', () => {
  fc.assert(
    fc.property(cloud, ({ dim, n, random, points, extent2 }) => {
      const weights = Float64Array.from({ length: n }, () => random.uniform() ** 4)
      const sum = weights.reduce((total, weight) => total + weight, 0)
      const query = new Float64Array(dim)
      for (let i = 0; i < n; i++) for (let d = 0; d < dim; d++) query[d]! += (weights[i]! / sum) * points[i * dim + d]!
      expect(distanceToHull(points, dim, query)).toBeLessThanOrEqual(1e-8 * extent2)
      expect(isNearHull(points, dim, query, 1e-8 * extent2)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('points beyond the farthest in a direction are outside, by at least that much', () => {
  fc.assert(
    fc.property(cloud, ({ dim, n, random, points, extent2 }) => {
      const direction = Float64Array.from({ length: dim }, () => random.normal())
      const length = Math.hypot(...direction)
      let most = Number.NEGATIVE_INFINITY
      let farthest = 0
      for (let i = 0; i < n; i++) {
        const along = direction.reduce((sum, value, d) => sum + (value / length) * points[i * dim + d]!, 0)
        if (along <= most) continue
        most = along
        farthest = i
      }
      const beyond = 0.3 * Math.sqrt(extent2)
      const query = direction.map((value, d) => points[farthest * dim + d]! + (beyond * value) / length)
      // The supporting point is the nearest of the hull: the distance is known.
      expect(Math.abs(distanceToHull(points, dim, query) / beyond ** 2 - 1)).toBeLessThan(1e-6)
      expect(isNearHull(points, dim, query, 0.99 * beyond ** 2)).toBe(false)
      expect(isNearHull(points, dim, query, 1.01 * beyond ** 2)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('near and distance agree', () => {
  fc.assert(
    fc.property(cloud, fc.double({ min: 0.01, max: 1, noNaN: true }), ({ dim, random, points, extent2 }, part) => {
      const query = Float64Array.from({ length: dim }, () => 0.5 * Math.sqrt(extent2) * random.normal())
      const distance = distanceToHull(points, dim, query)
      const tolerance2 = part * extent2
      fc.pre(Math.abs(distance - tolerance2) > 1e-6 * extent2)
      expect(isNearHull(points, dim, query, tolerance2)).toBe(distance <= tolerance2)
    }),
    { numRuns: 300 },
  )
})
