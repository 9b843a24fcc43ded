import { readFileSync } from 'node:fs'
import type { BoostingOptions } from '@astrolabel/models-classical'
import { predictBoosting, trainBoosting } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

interface Golden {
  readonly x: number[]
  readonly y: number[]
  readonly weight: number[]
  readonly unseen: number[]
  readonly truth: number[]
  readonly squares: number[]
  readonly weighted: number[]
  readonly pinball: number
}

const golden = JSON.parse(readFileSync(new URL('golden/boosting.json', import.meta.url), 'utf8')) as Golden
const data = { n: 240, x: Float32Array.from(golden.x), width: 5, y: Float64Array.from(golden.y), labels: 1 }
const unseen = Float32Array.from(golden.unseen)

function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

test('boosted trees of squares are scikit-learn’s', () => {
  const predicted = predictBoosting(trainBoosting(data, { trees: 60, maxDepth: 3, minLeaf: 6 }), unseen, 400)
  expect(rms(golden.squares.map((label, i) => predicted[i]! - label))).toBeLessThan(1e-6)
})

test('boosted trees with weights are scikit-learn’s', () => {
  // By weight, scikit-learn counts rows: with leaves of any weight both mean the same.
  const options = { trees: 20, maxDepth: 3, minLeaf: 1e-9, weights: Float64Array.from(golden.weight) }
  const predicted = predictBoosting(trainBoosting(data, options), unseen, 400)
  expect(rms(golden.weighted.map((label, i) => predicted[i]! - label))).toBeLessThan(0.02)
})

test('a quantile is learnt as well as by scikit-learn', () => {
  const options: BoostingOptions = { trees: 60, maxDepth: 3, minLeaf: 6, loss: { quantile: 0.8 } }
  const predicted = predictBoosting(trainBoosting(data, options), unseen, 400)
  const pinball =
    golden.truth.reduce((sum, label, i) => {
      const left = label - predicted[i]!
      return sum + Math.max(0.8 * left, -0.2 * left)
    }, 0) / 400
  // Between data sets the ratio scatters by 0.05 about 0.975: leaves take another of two neighbouring values.
  expect(pinball / golden.pinball).toBeLessThan(1.05)
})

/** Two labels of four features, with noise. */
function stars(n: number, seed: number) {
  const random = RandomStream.fromSeed(seed)
  const x = Float32Array.from({ length: 4 * n }, () => random.normal())
  const y = new Float64Array(2 * n)
  for (let row = 0; row < n; row++) {
    y[2 * row] = x[4 * row]! + x[4 * row + 1]! ** 2 + 0.2 * random.normal()
    y[2 * row + 1] = Math.abs(x[4 * row + 2]!) + 0.2 * random.normal()
  }
  return { n, x, width: 4, y, labels: 2 }
}

function errors(options: BoostingOptions, y?: Float64Array): number[] {
  const train = stars(500, 1)
  const fresh = stars(500, 2)
  const model = trainBoosting(y === undefined ? train : { ...train, y }, options)
  const predicted = predictBoosting(model, fresh.x, fresh.n)
  return [0, 1].map((l) =>
    rms(Array.from({ length: 500 }, (_, row) => predicted[2 * row + l]! - fresh.y[2 * row + l]!)),
  )
}

test.each(['each', 'together'] as const)('labels learnt %s, by parts of the rows, with early stopping', (outputs) => {
  const [first, second] = errors({ outputs, subsample: 0.7, stopping: {}, trees: 400, seed: 3 }) as [number, number]
  // The noise alone is 0.2; scikit-learn gets 0.42 and 0.24 with 200 trees of each label.
  expect(first).toBeLessThan(0.46)
  expect(second).toBeLessThan(0.33)
})

test('early stopping ends before the noise is learnt, at the best round, and whole groups are held out', () => {
  const train = stars(300, 4)
  const groups = Array.from({ length: 300 }, (_, row) => Math.floor(row / 3))
  const options: BoostingOptions = {
    trees: 1000,
    learningRate: 0.3,
    maxDepth: 6,
    minLeaf: 1,
    stopping: { groups, part: 0.2 },
  }
  const stopped = trainBoosting(train, options)
  expect(Math.max(...stopped.rounds)).toBeLessThan(150)
  expect(stopped.roots).toHaveLength(stopped.rounds[0]! + stopped.rounds[1]! + 1)
})

test.each(['each', 'together'] as const)(
  'labels learnt %s: missing ones, and those of weight 0, are left out',
  (outputs) => {
    const { y } = stars(500, 1)
    const missing = y.map((label, i) => (i % 6 === 1 ? Number.NaN : label))
    const spoilt = y.map((label, i) => (i % 6 === 1 ? 1e3 : label))
    const weights = Float64Array.from({ length: y.length }, (_, i) => (i % 6 === 1 ? 0 : 1))
    const without = errors({ outputs, trees: 60 }, missing)
    expect(without[0]).toBeLessThan(0.46)
    const counted = errors({ outputs, weights, trees: 60 }, spoilt)
    counted.forEach((error, l) => expect(error).toBeCloseTo(without[l]!, 12))
  },
)

test('the seed decides, and nothing else', () => {
  const train = stars(200, 6)
  const options = { trees: 10, subsample: 0.5, maxFeatures: 0.5 }
  expect(trainBoosting(train, { ...options, seed: 2 })).toEqual(trainBoosting(train, { ...options, seed: 2 }))
  expect(trainBoosting(train, { ...options, seed: 2 }).value).not.toEqual(
    trainBoosting(train, { ...options, seed: 3 }).value,
  )
})

test.each<[string, BoostingOptions, RegExp]>([
  ['no trees', { trees: 0 }, /number of trees: got 0/],
  ['no learning', { learningRate: 0 }, /learning rate: got 0, expected above 0 up to 1/],
  ['a quantile that is none', { loss: { quantile: 1 } }, /quantile: got 1, expected between 0 and 1/],
  ['all held out', { stopping: { part: 1 } }, /held-out part: got 1/],
])('%s: an error in words', (_, options, message) => {
  expect(() => trainBoosting(data, options)).toThrow(message)
})
