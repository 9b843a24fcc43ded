import { readFileSync } from 'node:fs'
import { RandomStream } from '@astrolabel/spectra'
import { kFold, splitByStar } from '@astrolabel/metrics'
import type { Split } from '@astrolabel/metrics'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const stars = fc.array(
  fc.integer({ min: 0, max: 25 }).map((i) => `star${i}`),
  { minLength: 2, maxLength: 80 },
)

function expectPartition({ train, test: tested }: Split, groups: readonly string[]): void {
  expect([...train, ...tested].sort((a, b) => a - b)).toEqual(groups.map((_, i) => i))
  const trained = new Set(Array.from(train, (row) => groups[row]))
  for (const row of tested) expect(trained.has(groups[row])).toBe(false)
}

test('no star is on both sides, every row is tested once, folds differ by at most the largest star', () => {
  fc.assert(
    fc.property(stars, fc.integer({ min: 2, max: 6 }), fc.integer(), (groups, k, seed) => {
      fc.pre(new Set(groups).size >= k)
      const folds = kFold(groups, k, RandomStream.fromSeed(seed))
      expect(folds).toHaveLength(k)
      for (const fold of folds) expectPartition(fold, groups)
      expect(folds.flatMap((fold) => [...fold.test]).sort((a, b) => a - b)).toEqual(groups.map((_, i) => i))
      const sizes = folds.map((fold) => fold.test.length)
      const largest = Math.max(...groups.map((g) => groups.filter((other) => other === g).length))
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largest)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
    }),
    { numRuns: 80 },
  )
})

test("fold sizes are those of scikit-learn's GroupKFold", () => {
  const { groups, foldSizes } = JSON.parse(
    readFileSync(new URL('golden/label-statistics.json', import.meta.url), 'utf8'),
  ) as { groups: string[]; foldSizes: number[] }
  const sizes = kFold(groups, 5, RandomStream.fromSeed(4)).map((fold) => fold.test.length)
  expect(sizes.sort((a, b) => a - b)).toEqual(foldSizes)
})

test('one split keeps stars together and takes the asked share of them', () => {
  fc.assert(
    fc.property(stars, fc.double({ min: 0.05, max: 0.95, noNaN: true }), fc.integer(), (groups, fraction, seed) => {
      const count = new Set(groups).size
      fc.pre(count >= 2)
      const split = splitByStar(groups, fraction, RandomStream.fromSeed(seed))
      expectPartition(split, groups)
      const tested = new Set(Array.from(split.test, (row) => groups[row])).size
      expect(tested).toBe(Math.min(count - 1, Math.max(1, Math.round(fraction * count))))
    }),
    { numRuns: 80 },
  )
})

test('splits follow the seed', () => {
  const groups = Array.from({ length: 40 }, (_, i) => `s${i}`)
  const run = (seed: number): number[] => [...splitByStar(groups, 0.25, RandomStream.fromSeed(seed)).test]
  expect(run(1)).toEqual(run(1))
  expect(run(1)).not.toEqual(run(2))
  expect(run(1)).toHaveLength(10)
})

test('misuse says what is wrong', () => {
  const random = RandomStream.fromSeed(0)
  expect(() => kFold(['a', 'a', 'b'], 3, random)).toThrow(
    'There are fewer stars than folds: got 2 stars, expected at least 3. Use fewer folds or more stars',
  )
  expect(() => kFold(['a', 'b'], 1, random)).toThrow(expect.objectContaining({ code: 'metrics/folds' }))
  expect(() => splitByStar(['a', 'a'], 0.5, random)).toThrow(
    expect.objectContaining({ code: 'metrics/too-few-groups' }),
  )
  expect(() => splitByStar(['a', 'b'], 1, random)).toThrow(expect.objectContaining({ code: 'metrics/fraction' }))
})
