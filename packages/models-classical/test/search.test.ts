import type {
  FoldScore,
  ParameterValues,
  SearchExecutor,
  SearchMethod,
  SearchSplit,
} from '@astrolabel/models-classical'
import {
  Pipeline,
  foldFeatures,
  hereExecutor,
  searchCandidates,
  searchPipeline,
  takeTrainingRows,
} from '@astrolabel/models-classical'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { halvingRounds, thinSplits } from '../dist/search/halving.js'
import { planFits } from '../dist/search/plan-fits.js'
import { lineSpectra } from './line-spectra.ts'

const data = lineSpectra({ n: 90, width: 30, seed: 1, noise: 0.1 })
const rows = Array.from({ length: data.n }, (_, i) => i)
const splits: SearchSplit[] = [0, 1, 2].map((fold) => ({
  train: Int32Array.from(rows.filter((row) => row % 3 !== fold)),
  test: Int32Array.from(rows.filter((row) => row % 3 === fold)),
}))
const pipeline = new Pipeline(['scale', 'pca', 'forest'], { 'pca.components': 6, 'forest.trees': 8 })
const grid: SearchMethod = {
  method: 'grid',
  space: { 'pca.components': [3, 6], 'forest.trees': [4, 8], 'forest.maxDepth': [2, null] },
}

/** An executor that counts what it is asked. */
function counting(): { executor: SearchExecutor; features: number; fits: number } {
  const here = hereExecutor(pipeline, data, 5)
  const counts = {
    features: 0,
    fits: 0,
    executor: {
      lanes: 1,
      features: (...args: Parameters<SearchExecutor['features']>) => {
        counts.features++
        return here.features(...args)
      },
      errors: (...args: Parameters<SearchExecutor['errors']>) => {
        counts.fits++
        return here.errors(...args)
      },
    },
  }
  return counts
}

/** Score of parameters by fitting whole pipelines, nothing shared. */
function scoreAlone(parameters: ParameterValues): number {
  const spread = [0, 1].map((l) => {
    const known = rows.map((row) => data.y[2 * row + l]!)
    const mean = known.reduce((sum, value) => sum + value, 0) / data.n
    return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.n)
  })
  const folds = splits.map(({ train, test: tested }) => {
    const fitted = pipeline.withParameters(parameters).fit(takeTrainingRows(data, train), { seed: 5 })
    const held = takeTrainingRows(data, tested)
    const { values } = fitted.predict(held.x, held.n)
    const errors = [0, 1].map((l) => {
      let sum = 0
      for (let row = 0; row < held.n; row++) sum += (values[2 * row + l]! - held.y[2 * row + l]!) ** 2
      return Math.sqrt(sum / held.n) / spread[l]!
    })
    return (errors[0]! + errors[1]!) / 2
  })
  return folds.reduce((sum, score) => sum + score, 0) / folds.length
}

test('a grid finds what whole pipelines would, from one PCA a fold and one forest for several sizes', async () => {
  const counts = counting()
  const { best, ranked } = await searchPipeline(pipeline, data, splits, grid, { seed: 5, executor: counts.executor })
  expect(ranked).toHaveLength(8)
  // Two sizes of the PCA and two depths: 4 forests a fold, each of which gives two candidates.
  expect(counts).toMatchObject({ features: 3, fits: 12 })
  for (const { parameters, score } of ranked) {
    // A PCA of more components finds the first of them a little more exactly: the same but for a split or two.
    expect(Math.abs(score / scoreAlone(parameters) - 1)).toBeLessThan(parameters['pca.components'] === 6 ? 1e-9 : 0.03)
  }
  expect(ranked.map(({ score }) => score)).toEqual(ranked.map(({ score }) => score).toSorted((a, b) => a - b))
  expect(ranked[0]).toMatchObject({ rank: 1, parameters: best, rows: 60 })
  expect(ranked[0]!.folds).toHaveLength(3)
  expect(best['forest.maxDepth']).toBeNull()
})

test('what a fold holds out reaches neither its scaling nor its components', () => {
  const [split] = splits
  const [{ prefixes }] = planFits(pipeline, [{}]) as [ReturnType<typeof planFits>[number]]
  const features = (x: Float32Array) => foldFeatures(pipeline, { ...data, x }, split!, { prefixes }, { seed: 1 })[0]!
  const honest = features(data.x)
  const spoiled = data.x.slice()
  for (const row of split!.test) spoiled.fill(1e6, row * data.width, (row + 1) * data.width)
  const other = features(spoiled)
  expect(other.train.x).toEqual(honest.train.x)
  expect(other.test).not.toEqual(honest.test)
  // A change to a training row is noticed, so the comparison means something.
  const noticed = data.x.slice()
  noticed[split!.train[0]! * data.width] = 3
  expect(features(noticed).train.x).not.toEqual(honest.train.x)
})

test('scores that are known are not computed again, whichever they are', async () => {
  const kept: FoldScore[] = []
  const whole = await searchPipeline(pipeline, data, splits, grid, {
    seed: 5,
    onScored: (_, __, scores) => kept.push(...scores),
  })
  expect(kept).toHaveLength(24)
  await fc.assert(
    fc.asyncProperty(fc.subarray(kept), async (known) => {
      const counts = counting()
      const again = await searchPipeline(pipeline, data, splits, grid, {
        seed: 5,
        executor: counts.executor,
        known: () => known,
      })
      const bare = ({ ranked }: typeof again) => ranked.map((one) => ({ ...one, seconds: 0 }))
      expect(bare(again)).toEqual(bare(whole))
      if (known.length === 24) expect(counts).toMatchObject({ features: 0, fits: 0 })
    }),
    { numRuns: 6 },
  )
})

test('candidates that share steps are fitted together, and none is lost', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          'scale.gap': fc.constantFrom(0, 8),
          'pca.components': fc.constantFrom(3, 6, null),
          'scale.unit': fc.constantFrom('deviation', 'none'),
          'forest.trees': fc.constantFrom(4, 8),
          'forest.minLeaf': fc.constantFrom(1, 2),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      (candidates) => {
        const heads = planFits(pipeline, candidates)
        const found: number[] = []
        for (const { prefixes } of heads)
          for (const { parameters, tails } of prefixes)
            for (const tail of tails)
              for (const { candidate, first } of tail.members) {
                const own = candidates[candidate]!
                found.push(candidate)
                expect(parameters['scale.gap']).toBe(own['scale.gap'])
                expect(parameters['scale.unit']).toBe(own['scale.unit'])
                expect(tail.columns ?? null).toBe(own['pca.components'])
                expect(Number(parameters['pca.components'])).toBeGreaterThanOrEqual(Number(own['pca.components']))
                expect(tail.parameters['forest.minLeaf']).toBe(own['forest.minLeaf'])
                expect(first).toBe(own['forest.trees'])
                expect(tail.parameters['forest.trees']).toBeGreaterThanOrEqual(own['forest.trees'])
              }
        expect(found.toSorted((a, b) => a - b)).toEqual(candidates.map((_, i) => i))
        expect(heads).toHaveLength(new Set(candidates.map((one) => `${one['scale.gap']} ${one['scale.unit']}`)).size)
      },
    ),
  )
})

test('a random search draws each candidate once, in its ranges, by its seed', () => {
  const method: SearchMethod = {
    method: 'random',
    candidates: 12,
    space: {
      'forest.minLeaf': { from: 1, to: 4 },
      'forest.maxFeatures': { from: 0.01, to: 1, scale: 'log' },
      'pca.components': [3, 6],
    },
  }
  const drawn = searchCandidates(pipeline, method, 3)
  expect(drawn).toHaveLength(12)
  expect(new Set(drawn.map((one) => JSON.stringify(one))).size).toBe(12)
  expect(searchCandidates(pipeline, method, 3)).toEqual(drawn)
  expect(searchCandidates(pipeline, method, 4)).not.toEqual(drawn)
  for (const one of drawn) {
    expect([1, 2, 3, 4]).toContain(one['forest.minLeaf'])
    expect(one['forest.maxFeatures']).toBeGreaterThanOrEqual(0.01)
    expect(one['forest.maxFeatures']).toBeLessThanOrEqual(1)
  }
  const few = { ...method, space: { 'pca.components': [3, 6] } }
  expect(searchCandidates(pipeline, few, 3)).toHaveLength(2)
})

test.each([
  [{}, 'The search has nothing to try'],
  [{ 'pca.component': [3] }, 'The pipeline has no such parameter to search: got pca.component'],
  [{ 'pca.components': [] }, 'The search has no values of pca.components to try'],
  [{ 'pca.components': [3, 0] }, 'pca.components cannot be that: got 0'],
  [{ 'pca.components': { from: 3, to: 9 } }, 'A grid needs values, not a range'],
  [{ 'forest.bootstrap': { from: 0, to: 1 } }, 'The search cannot draw forest.bootstrap from that range'],
  [{ 'pca.components': { from: 9, to: 3 } }, 'The search cannot draw pca.components from that range'],
])('a search of %j is refused', (space, message) => {
  expect(() => searchCandidates(pipeline, { method: 'grid', space: space as SearchMethod['space'] }, 1)).toThrow(
    message,
  )
})

test('a halving keeps one in so many on so many times the rows', () => {
  expect(halvingRounds(9, 3)).toEqual([
    { candidates: 9, share: 1 / 9 },
    { candidates: 3, share: 1 / 3 },
    { candidates: 1, share: 1 },
  ])
  expect(halvingRounds(8, 2).map(({ candidates }) => candidates)).toEqual([8, 4, 2, 1])
  expect(halvingRounds(1, 3)).toEqual([{ candidates: 1, share: 1 }])
  expect(() => halvingRounds(5, 1)).toThrow('A halving keeps one in')
})

test('rows of a small share are among those of a larger, and none is tested', () => {
  const [third, half] = [1 / 3, 1 / 2].map((share) => thinSplits(splits, share, 2, 4))
  third!.forEach(({ train, test: tested }, fold) => {
    expect(train).toHaveLength(20)
    expect(half![fold]!.train).toHaveLength(30)
    for (const row of train) expect(half![fold]!.train).toContain(row)
    for (const row of half![fold]!.train) expect(splits[fold]!.train).toContain(row)
    expect(tested).toEqual(splits[fold]!.test)
  })
  expect(thinSplits(splits, 0.01, 9, 4)[0]!.train).toHaveLength(9)
})

test('a halving ends with all rows, and ranks those that it dropped behind', async () => {
  const method: SearchMethod = {
    method: 'halving',
    factor: 2,
    space: { 'forest.maxDepth': [1, 2, 4, null], 'pca.components': [3, 6] },
  }
  const { best, ranked } = await searchPipeline(pipeline, data, splits, method, { seed: 5 })
  expect(ranked.map((one) => one.rows)).toEqual([60, 30, 15, 15, 8, 8, 8, 8])
  expect(ranked[0]!.parameters).toEqual(best)
  expect(ranked.map((one) => one.rank)[0]).toBe(1)
  expect(new Set(ranked.map((one) => one.candidate)).size).toBe(8)
  // Two labels that each need a split of their own: a stump is not among the best.
  expect(best['forest.maxDepth']).not.toBe(1)
})

test('an abort ends a search between fits', async () => {
  const controller = new AbortController()
  const search = searchPipeline(pipeline, data, splits, grid, {
    signal: controller.signal,
    onScored: () => controller.abort(new Error('enough')),
  })
  await expect(search).rejects.toThrow('enough')
})
