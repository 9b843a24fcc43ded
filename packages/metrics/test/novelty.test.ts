import type { NoveltyStars } from '@astrolabel/metrics'
import { chiSquareTail, fitNovelty, reconstructSpectra, scoreNovelty } from '@astrolabel/metrics'
import { RandomStream } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hullDistance } from '../src/novelty/hull-distance.ts'

/** scipy.stats.chi2.sf */
const CHI2_TAILS = [
  [3.84, 1, 0.05004352124870519],
  [0.5, 3, 0.9188914116546758],
  [120, 100, 0.08440668109369177],
  [7600, 7214, 0.0007794779986295756],
  [7000, 7214, 0.963590709723679],
  [9000, 7214, 1.2960789634797617e-43],
  [0.001, 1, 0.9747728793699604],
  [400, 10, 9.413291991183437e-80],
] as const

test("the tail of χ² is scipy's, to 1e-9 of it", () => {
  for (const [chi2, dof, tail] of CHI2_TAILS) expect(chiSquareTail(chi2, dof) / tail).toBeCloseTo(1, 9)
  expect([chiSquareTail(0, 4), chiSquareTail(Number.POSITIVE_INFINITY, 4)]).toEqual([1, 0])
  expect(() => chiSquareTail(-1, 4)).toThrow(expect.objectContaining({ code: 'novelty/chi2' }))
})

test('distance from a hull: 0 inside, that of its nearest face, edge or corner outside', () => {
  const square = Float64Array.of(-1, -1, 1, -1, 1, 1, -1, 1, 0.3, 0.2)
  const from = (x: number, y: number): number => hullDistance(square, 2, Float64Array.of(x, y), 1e-3)
  expect([from(0, 0), from(0.9, -0.7), from(1, 1)]).toEqual([0, 0, 0])
  expect(from(3, 0.4)).toBeCloseTo(2, 2)
  expect(from(4, -5)).toBeCloseTo(5, 2)
})

test('property: no combination of the points is outside of their hull', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(1e6), (width, seed) => {
      const random = RandomStream.fromSeed(seed)
      const points = Float64Array.from({ length: 30 * width }, () => random.normal())
      const weights = Float64Array.from({ length: 30 }, () => random.uniform() ** 4)
      const sum = weights.reduce((total, weight) => total + weight, 0)
      const at = new Float64Array(width)
      weights.forEach((weight, i) => {
        for (let d = 0; d < width; d++) at[d]! += (weight / sum) * points[i * width + d]!
      })
      expect(hullDistance(points, width, at, 0.02)).toBe(0)
      at[0]! += 20
      let right = Number.NEGATIVE_INFINITY
      for (let i = 0; i < 30; i++) right = Math.max(right, points[i * width]!)
      expect(hullDistance(points, width, at, 0.02)).toBeGreaterThan(0.999 * (at[0]! - right))
    }),
    { numRuns: 50 },
  )
})

test('spectra are reconstructed by their good pixels alone', () => {
  const components = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0)
  const mean = Float64Array.of(0, 0, 2, 3)
  const flux = Float32Array.of(5, 6, 3, 3, 5, 99, 2, 3)
  const ivar = Float32Array.of(1, 1, 4, 1, 1, 0, 4, 1)
  const found = reconstructSpectra({ n: 2, nPix: 4, flux, ivar }, components, mean)
  expect(Array.from(found.scores.subarray(0, 2))).toEqual([5, 6])
  expect(found.chi2[0]).toBe(4)
  expect(found.dof[0]).toBe(2)
  // Of the second star one component has no good pixel: nothing can be said.
  expect([found.dof[1], found.chi2[1]]).toEqual([0, 0])
})

const DOF = 200

/** Stars of 3 components and 2 labels that follow the first two; `odd` changes what one is like. */
function stars(n: number, seed: number, odd: { chi2?: number; score?: number; label?: number } = {}): NoveltyStars {
  const random = RandomStream.fromSeed(seed)
  const scores = Float64Array.from(
    { length: 3 * n },
    (_, at) => (at % 3 === 2 ? (odd.score ?? 0) : 0) + random.normal(),
  )
  const chi2 = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    // Errors of a survey are a tenth wrong, now this way, now that.
    const scale = (odd.chi2 ?? 1) * Math.exp(0.1 * random.normal())
    for (let d = 0; d < DOF; d++) chi2[i]! += scale * random.normal() ** 2
  }
  const labels = Float64Array.from(
    { length: 2 * n },
    (_, at) => 100 * (scores[3 * (at >> 1) + (at % 2)]! + (odd.label ?? 0)),
  )
  return { n, chi2, dof: new Float64Array(n).fill(DOF), scores, width: 3, labels }
}

const scale = fitNovelty(stars(600, 1), stars(300, 2))

test('about one clean star in a hundred is called out, one in twenty is not in', () => {
  const scored = scoreNovelty(scale, stars(2000, 3))
  const share = (verdict: string): number => scored.filter((one) => one.verdict === verdict).length / 2000
  expect(share('out')).toBeGreaterThan(0.002)
  expect(share('out')).toBeLessThan(0.025)
  expect(share('out') + share('edge')).toBeGreaterThan(0.02)
  expect(share('out') + share('edge')).toBeLessThan(0.09)
  expect(scored.filter(({ verdict }) => verdict === 'in').every(({ reasons }) => reasons.length === 0)).toBe(true)
})

test.each([
  [
    'a spectrum that the components cannot say',
    { chi2: 3 },
    /^its spectrum is reconstructed with χ² .* a degree of freedom, as fewer than 0.1 % of known stars are/,
  ],
  [
    'a star far from all among the components',
    { score: 9 },
    /^it lies .* spreads from its nearest training stars, as fewer than 0.1 %/,
  ],
  ['labels beyond those trained on', { label: 6 }, /^its labels lie .* spreads outside those of the training stars/],
] as const)('%s is called out for what it is', (_, odd, reason) => {
  const scored = scoreNovelty(scale, stars(40, 4, odd))
  expect(scored.filter(({ verdict }) => verdict === 'out').length).toBeGreaterThan(37)
  for (const one of scored) expect(one.reasons[0]).toMatch(reason)
})

test('a score says where its parts come from', () => {
  const usual = stars(1, 7)
  const [one] = scoreNovelty(scale, { ...usual, chi2: Float64Array.of(220), labels: Float64Array.of(900, 0) })
  expect(one!.residual.chi2Reduced).toBeCloseTo(1.1, 12)
  expect(one!.residual.chi2P).toBeCloseTo(chiSquareTail(220, 200), 12)
  expect(one!.hull).toMatchObject({ position: 'outside' })
  const [missing] = scoreNovelty(scale, { ...usual, labels: Float64Array.of(Number.NaN, 0) })
  expect(missing!.hull).toBeNull()
  expect(missing!.p).toBeGreaterThan(0)
})

test('misuse says what is wrong', () => {
  expect(() => fitNovelty(stars(600, 1), stars(20, 2))).toThrow(
    'Too few stars tell what is usual: got 600 training and 20 held-out stars, expected more than 10 and at least 50. ' +
      'Hold out more stars of the training set',
  )
  const some = stars(3, 1)
  expect(() => scoreNovelty(scale, { ...some, dof: new Float64Array(3) })).toThrow(
    expect.objectContaining({ code: 'novelty/shape' }),
  )
  expect(() => scoreNovelty(scale, { ...some, width: 9 })).toThrow(expect.objectContaining({ code: 'novelty/shape' }))
  expect(() => scoreNovelty(scale, { ...some, labels: new Float64Array(9) })).toThrow(
    'The stars have other components or labels than the scale: got 3 components, 3 labels, expected 3 components, 2 labels',
  )
})
