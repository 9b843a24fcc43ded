import { Pipeline, predictBest, trainBest } from '@astrolabel/models-classical'
import type { TrainingData } from '@astrolabel/models-classical'
import { AstrolabelError, RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

const LABELS = 2

/** Rows of four features with a label that is linear in them, and one that is not; both with noise of known size. */
function simulated(n: number, seed: number, noise = 0.1): TrainingData {
  const random = RandomStream.fromSeed(seed)
  const x = Float32Array.from({ length: 4 * n }, () => 3 * random.uniform() - 1.5)
  const y = new Float64Array(LABELS * n)
  for (let row = 0; row < n; row++) {
    const [a, b, c, d] = x.subarray(4 * row, 4 * row + 4) as unknown as [number, number, number, number]
    y[LABELS * row] = 0.6 * a - 0.5 * b + 0.4 * c + 0.3 * d + noise * random.normal()
    y[LABELS * row + 1] = Math.sin(2 * a) + 0.5 * Math.cos(2 * b) + noise * random.normal()
  }
  return { n, x, width: 4, y, labels: LABELS }
}

function absolute(values: Float64Array, y: Float64Array, l: number): number {
  const own = values.filter((_, i) => i % LABELS === l)
  return own.reduce((sum, value, row) => sum + Math.abs(value - y[LABELS * row + l]!) / own.length, 0)
}

test('a ridge is chosen for a label that is linear, something that bends for one that is not', () => {
  const best = trainBest(simulated(150, 1), { combine: 'choose' })
  const chosen = best.labels.map(({ weights }) => best.members[weights.indexOf(1)]!.name)
  expect(best.labels.map(({ weights }) => weights.reduce((sum, weight) => sum + weight, 0))).toEqual([1, 1])
  const { tried } = best.labels[1]!
  expect(tried[chosen[1]!]).toBe(Math.min(...Object.values(tried)))
  expect(tried['ridge']).toBeGreaterThan(2 * tried[chosen[1]!]!)
  expect(best.labels[0]!.tried[chosen[0]!]).toBeLessThan(0.09)
  // What neither label chose is not kept.
  expect(best.members.map(({ name }) => name)).toEqual([...new Set(best.members.map(({ name }) => name))])
  expect(new Set(best.members.map(({ name }) => name))).toEqual(new Set(chosen))
})

test('new stars get labels near the truth, and 68 % of them lie within their errors', () => {
  const best = trainBest(simulated(200, 2), { candidates: ['ridge', 'kernel-ridge', 'gp'] })
  const unseen = simulated(2000, 3)
  const { values, errors } = predictBest(best, unseen.x, unseen.n)
  for (let l = 0; l < LABELS; l++) {
    // The noise of the label alone has 0.08.
    expect(absolute(values, unseen.y, l)).toBeLessThan([0.09, 0.13][l]!)
    const inside = errors.filter((error, i) => i % LABELS === l && Math.abs(values[i]! - unseen.y[i]!) <= error).length
    expect(inside / unseen.n).toBeGreaterThan(0.62)
    expect(inside / unseen.n).toBeLessThan(0.75)
  }
})

test('a mean of models is no worse than the best of them, and its weights are none below 0 and 1 in all', () => {
  const data = simulated(150, 4, 0.4)
  const candidates = ['ridge', 'kernel-ridge', 'forest'] as const
  const chosen = trainBest(data, { candidates, combine: 'choose' })
  const stacked = trainBest(data, { candidates, combine: 'stack' })
  stacked.labels.forEach(({ weights, leftOutError }, l) => {
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
    expect(leftOutError).toBeLessThan(1.02 * chosen.labels[l]!.leftOutError)
  })
})

test('rows of one star are left out together: copies of a star tell nothing of it', () => {
  const random = RandomStream.fromSeed(5)
  const n = 60
  const once = Float32Array.from({ length: 3 * n }, () => random.normal())
  const labels = Float64Array.from({ length: n }, () => random.normal())
  const twice: TrainingData = {
    n: 2 * n,
    x: Float32Array.from([...once, ...once]),
    width: 3,
    y: Float64Array.from([...labels, ...labels]),
    labels: 1,
    groups: Int32Array.from({ length: 2 * n }, (_, row) => row % n),
  }
  const candidates = ['kernel-ridge', 'forest'] as const
  const spread = labels.reduce((sum, label) => sum + Math.abs(label) / n, 0)
  // Labels that are noise cannot be learnt, unless from a copy of the star itself.
  const { tried } = trainBest(twice, { candidates, combine: 'choose' }).labels[0]!
  for (const name of candidates) expect(tried[name]).toBeGreaterThan(0.9 * spread)
  const alone = trainBest({ ...twice, groups: undefined }, { candidates, combine: 'choose' })
  expect(alone.labels[0]!.tried['forest']).toBeLessThan(0.6 * spread)
})

test('as the last step of a pipeline: the same seed gives the same model, which says what it is made of', () => {
  const data = simulated(90, 6)
  const missing = data.y.slice()
  missing[3] = Number.NaN
  const pipeline = new Pipeline(['scale', 'best'], { 'best.gpStudent': false, 'best.combine': 'choose' })
  const [one, two] = [7, 7].map((seed) => pipeline.fit({ ...data, y: missing }, { seed }))
  expect(two!.estimator.toPart()).toEqual(one!.estimator.toPart())
  const { x, n } = simulated(20, 8)
  const wanted = one!.predict(x, n)
  const loaded = pipeline.estimator.load(one!.estimator.toPart())
  expect(loaded.predict(one!.transform(x, n), n)).toEqual(one!.estimator.predict(one!.transform(x, n), n))
  expect(wanted.errors.every((error) => error > 0)).toBe(true)
  const said = loaded.findings!(['teff', 'logg'])
  expect(said['teff is given by']).toMatch(/^(ridge|kernel-ridge|gp|forest) × 1\.00$/)
  expect(said['mean left-out difference of logg, in its spread']).toMatch(/^ridge 0\.\d+, .*together 0\.\d+$/)
})

test('no candidate is an error that says which there are', () => {
  const data = simulated(20, 9)
  expect(() => trainBest(data, { candidates: [] })).toThrow(AstrolabelError)
  expect(() => trainBest(data, { candidates: [] })).toThrow(/no model to choose from.*ridge, kernel-ridge, gp/s)
})
