import { readFileSync } from 'node:fs'
import { mapDivergence, nearestNeighbours, principalMap, setMixing, trustworthiness, tsne } from '@astrolabel/metrics'
import type { Points } from '@astrolabel/metrics'
import { RandomStream } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QuadTree } from '../src/embedding/quad-tree.ts'

interface Golden {
  readonly points: number[]
  readonly index: number[]
  readonly distance: number[]
  readonly variance: number[]
  readonly explained: number
  readonly scores: number[]
  readonly map: number[]
  readonly divergence: number
  readonly trust: Record<string, number>
  readonly trustOfScores: number
}

const golden = JSON.parse(readFileSync(new URL('golden/tsne.json', import.meta.url), 'utf8')) as Golden
const data: Points = { n: 150, width: 6, values: Float64Array.from(golden.points) }
const asMap = (values: ArrayLike<number>): Points => ({ n: 150, width: 2, values: Float64Array.from(values) })

function cloud(n: number, width: number, seed: number, shift = 0): Points {
  const random = RandomStream.fromSeed(seed)
  return { n, width, values: Float64Array.from({ length: n * width }, () => random.normal() + shift) }
}

test("neighbours are scikit-learn's", () => {
  const { index, distance2 } = nearestNeighbours(data, 5)
  expect(Array.from(index)).toEqual(golden.index)
  golden.distance.forEach((distance, at) => expect(Math.sqrt(distance2[at]!)).toBeCloseTo(distance, 10))
})

test("principal components are scikit-learn's up to their signs", () => {
  const map = principalMap(data, 2)
  expect(map.explained).toBeCloseTo(golden.explained, 12)
  golden.variance.forEach((variance, c) => expect(map.variance[c]).toBeCloseTo(variance, 9))
  golden.scores.forEach((score, at) => expect(Math.abs(map.scores[at]!)).toBeCloseTo(score, 6))
})

test("trustworthiness is scikit-learn's", () => {
  for (const k of [3, 12]) expect(trustworthiness(data, asMap(golden.map), k)).toBeCloseTo(golden.trust[k]!, 12)
  expect(trustworthiness(data, asMap(principalMap(data, 2).scores), 12)).toBeCloseTo(golden.trustOfScores, 12)
  expect(trustworthiness(data, data, 12)).toBe(1)
  expect(trustworthiness(data, cloud(150, 2, 5), 12)).toBeLessThan(0.6)
})

test("t-SNE keeps neighbours as scikit-learn's does, and its divergence is as small", () => {
  const { map, divergence, iterations } = tsne(data, { perplexity: 10 })
  expect(iterations).toBe(1000)
  expect(divergence).toBeLessThan(golden.divergence + 0.02)
  expect(mapDivergence(data, map, 10)).toBeCloseTo(divergence, 1)
  expect(mapDivergence(data, Float64Array.from(golden.map), 10)).toBeCloseTo(golden.divergence, 1)
  expect(trustworthiness(data, asMap(map), 12)).toBeGreaterThan(golden.trust['12']! - 0.005)
  // The three clouds are 50 points each: hardly a neighbour in the map is of another.
  const { index } = nearestNeighbours(asMap(map), 5)
  const strays = index.filter((j, at) => Math.floor(j / 50) !== Math.floor(Math.floor(at / 5) / 50)).length
  expect(strays).toBeLessThan(10)
})

test('the same points and seed give the same map; another number of steps another', () => {
  const options = { perplexity: 5, iterations: 60 }
  expect(tsne(data, options)).toEqual(tsne(data, options))
  expect(tsne(data, { ...options, iterations: 61 }).map).not.toEqual(tsne(data, options).map)
})

test('property: the tree repels as all pairs do', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 120 }), fc.nat(1e6), fc.boolean(), (n, seed, coincide) => {
      const random = RandomStream.fromSeed(seed)
      const map = Float64Array.from({ length: 2 * n }, () => (coincide ? random.integer(4) : 10 * random.normal()))
      const tree = new QuadTree(n, 1e-6)
      const force = new Float64Array(2 * n)
      tree.build(map)
      const total = tree.repulsion(force)
      let expected = 0
      const pairs = new Float64Array(2 * n)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          if (i === j) continue
          const [dx, dy] = [map[2 * i]! - map[2 * j]!, map[2 * i + 1]! - map[2 * j + 1]!]
          const q = 1 / (1 + dx * dx + dy * dy)
          expected += q
          pairs[2 * i]! += q * q * dx
          pairs[2 * i + 1]! += q * q * dy
        }
      expect(total).toBeCloseTo(expected, 7)
      pairs.forEach((value, at) => expect(force[at]).toBeCloseTo(value, 7))
      const rough = new QuadTree(n, 0.5)
      rough.build(map)
      expect(Math.abs(rough.repulsion(force) - expected)).toBeLessThan(0.05 * expected + 1e-9)
    }),
    { numRuns: 40 },
  )
})

test('an abort ends it with its reason, progress counts steps', () => {
  expect(() => tsne(data, { signal: AbortSignal.abort(new Error('enough')) })).toThrow('enough')
  const steps: number[] = []
  tsne(data, { perplexity: 5, iterations: 3, onProgress: (done, total) => steps.push(done, total) })
  expect(steps).toEqual([1, 3, 2, 3, 3, 3])
})

test('misuse says what is wrong', () => {
  const code = (call: () => unknown): string => {
    try {
      call()
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`
    }
    return 'nothing'
  }
  expect(code(() => tsne(data, { perplexity: 60 }))).toBe(
    'embedding/neighbours A point cannot have so many neighbours: got 181, expected 1 to 149 of 150 points. ' +
      'Ask for fewer neighbours (or a lower perplexity), or give more points',
  )
  expect(code(() => tsne(data, { angle: 0.9 }))).toContain('embedding/options Bad angle for t-SNE: got 0.9')
  expect(code(() => tsne({ ...data, n: 149 }))).toContain('embedding/data')
  expect(code(() => tsne({ n: 2, width: 1, values: Float64Array.of(1, Number.NaN) }))).toContain(
    'Value 0 of point 1 is not a number',
  )
  expect(code(() => principalMap(data, 7))).toContain('embedding/components')
})

test('one cloud with two names has no gap, two clouds have one', () => {
  const names = Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 'observed' : 'synthetic'))
  const mixed = setMixing(cloud(200, 5, 3), names, { random: RandomStream.fromSeed(1) })
  expect(mixed.verdict).toBe('mixed')
  expect(mixed.mixing).toBeGreaterThan(0.8)
  expect(mixed.sets.map(({ name, n }) => [name, n])).toEqual([
    ['observed', 50],
    ['synthetic', 150],
  ])
  expect(mixed.sets[0]!.expected).toBeCloseTo(150 / 199, 12)
  const apart = cloud(200, 5, 3)
  const values = apart.values.map((value, at) => value + (names[Math.floor(at / 5)] === 'observed' ? 4 : 0))
  const gap = setMixing({ ...apart, values }, names, { random: RandomStream.fromSeed(1) })
  expect(gap.verdict).toBe('apart')
  expect(gap.p).toBeCloseTo(1 / 201, 12)
  expect(gap.text).toContain('The sets lie apart: a model trained on one is not to be trusted on the other')
  expect(gap.text).toContain('of the neighbours of synthetic are of another set (25 % if there were no gap)')
  expect(() => setMixing(cloud(3, 1, 1), ['a', 'a', 'a'], { random: RandomStream.fromSeed(1) })).toThrow(
    expect.objectContaining({ code: 'embedding/sets' }),
  )
})
