import {
  ESTIMATORS,
  Pipeline,
  TRANSFORMERS,
  faultOfParameter,
  predictForest,
  principalComponents,
  project,
  takeTrainingRows,
  trainForest,
} from '@astrolabel/models-classical'
import type { TrainingData } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { lineSpectra } from './line-spectra.ts'

const WIDTH = 40
const data = lineSpectra({ n: 120, width: WIDTH, seed: 1 })
const unseen = lineSpectra({ n: 50, width: WIDTH, seed: 2 })
const steps = ['scale', 'pca', 'forest']
const small = { 'pca.components': 5, 'forest.trees': 20 }

/** Columns of mean 0 and standard deviation 1 over the first `n` rows, by the two-pass formula. */
function standardised(x: ArrayLike<number>, n: number, width: number, by: ArrayLike<number> = x): Float64Array {
  const out = Float64Array.from(x)
  for (let column = 0; column < width; column++) {
    const known = Array.from({ length: n }, (_, row) => by[row * width + column]!)
    const mean = known.reduce((sum, value) => sum + value, 0) / n
    const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n)
    for (let row = 0; row < x.length / width; row++)
      out[row * width + column] = (x[row * width + column]! - mean) / deviation
  }
  return out
}

test('a pipeline is its steps one after another', () => {
  const fitted = new Pipeline(steps, small).fit(data, { seed: 7 })
  const { values } = fitted.predict(unseen.x, unseen.n)
  const scaled = Float32Array.from(standardised(data.x, data.n, WIDTH))
  const pca = principalComponents(scaled, data.n, WIDTH, 5, { seed: 7 })
  const forest = trainForest(
    {
      n: data.n,
      x: project(pca, scaled, data.n),
      width: 5,
      y: standardised(data.y, data.n, 2),
      labels: 2,
    },
    { trees: 20, seed: 7 },
  )
  const other = Float32Array.from(standardised(unseen.x, data.n, WIDTH, data.x))
  const expected = predictForest(forest, project(pca, other, unseen.n), unseen.n)
  const scaledValues = standardised(values, data.n, 2, data.y)
  // The two scalings may round a feature to the other side of a threshold now and then.
  const differ = scaledValues.filter((value, i) => Math.abs(value - expected[i]!) > 1e-6)
  expect(differ.length).toBeLessThan(5)
})

test('parameters have nested names, defaults, and are changed in a copy alone', () => {
  const pipeline = new Pipeline(steps, small)
  expect(pipeline.parameters).toMatchObject({ 'pca.components': 5, 'forest.trees': 20, 'forest.maxDepth': null })
  const other = pipeline.withParameters({ 'forest.maxDepth': 3 })
  expect(other.parameters).toEqual({ ...pipeline.parameters, 'forest.maxDepth': 3 })
  expect(pipeline.parameters['forest.maxDepth']).toBeNull()
  expect(new Pipeline(other.spec().steps, other.spec().parameters).parameters).toEqual(other.parameters)
  expect(new Pipeline(['pca', 'pca', 'forest']).names).toEqual(['pca', 'pca2', 'forest'])
})

test.each([
  [['scale', 'pcaa', 'forest'], {}, 'There is no such step of a pipeline: got pcaa, expected scale, pca'],
  [['scale', 'pca'], {}, 'The last step of a pipeline has to give labels: got pca, expected forest'],
  [['forest', 'forest'], {}, 'The step forest gives labels: it can only be the last'],
  [[], {}, 'The last step of a pipeline has to give labels: got no step'],
  [steps, { 'pca.component': 3 }, 'The pipeline has no such parameter: got pca.component, expected scale.unit'],
  [steps, { 'forest.trees': 0 }, 'forest.trees cannot be that: got 0, expected a whole number, 1 or more'],
  [steps, { 'forest.trees': 2.5 }, 'forest.trees cannot be that: got 2.5'],
  [steps, { 'forest.maxFeatures': 'log' }, 'expected a number, above 0, up to 1, or sqrt'],
  [steps, { 'forest.bootstrap': 1 }, 'expected true or false'],
])('%s with %s is refused', (kinds, parameters, message) => {
  expect(() => new Pipeline(kinds, parameters)).toThrow(message)
})

test('every parameter of every step has a default that it can take, and words of help', () => {
  for (const step of [...TRANSFORMERS, ...ESTIMATORS]) {
    expect(step.summary).not.toBe('')
    for (const spec of step.parameters) {
      expect(faultOfParameter(spec, spec.default), `${step.kind}.${spec.name}`).toBeUndefined()
      expect(spec.help).toMatch(/\.$/)
    }
  }
  for (const { kind, before, usualSearch } of ESTIMATORS) {
    const pipeline = new Pipeline([...before, kind])
    for (const [name, values] of Object.entries(usualSearch))
      for (const value of values) expect(pipeline.withParameters({ [name]: value }).parameters[name]).toBe(value)
  }
})

test.each(['forest', 'extra-trees'])('%s: labels in other units give the same predictions in those units', (kind) => {
  const pipeline = new Pipeline(['scale', 'pca', kind], { 'pca.components': 5, [`${kind}.trees`]: 20 })
  const plain = pipeline.fit(data).predict(unseen.x, unseen.n)
  // A power of two and no offset: doubles change in their exponents alone.
  const scaled = pipeline.fit({ ...data, y: data.y.map((value, i) => (i % 2 === 0 ? 1024 * value : value)) })
  const other = scaled.predict(unseen.x, unseen.n)
  expect(other.values.map((value, i) => (i % 2 === 0 ? value / 1024 : value))).toEqual(plain.values)
  expect(other.errors.map((error, i) => (i % 2 === 0 ? error / 1024 : error))).toEqual(plain.errors)
})

test('short gaps of bad pixels are bridged, long ones become the mean', () => {
  const scale = new Pipeline(['scale', 'forest'], { 'scale.gap': 3 }).fit(data).transformers[0]!
  const row = unseen.x.slice(0, WIDTH)
  const whole = scale.transform(row, 1)
  const gappy = row.slice()
  for (const pixel of [0, 1, 10, 11, 12, 20, 21, 22, 23]) gappy[pixel] = Number.NaN
  const filled = scale.transform(gappy, 1)
  for (const k of [1, 2, 3]) expect(filled[9 + k]).toBeCloseTo(whole[9]! + ((whole[13]! - whole[9]!) * k) / 4, 5)
  for (const pixel of [0, 1, 20, 21, 22, 23]) expect(filled[pixel]).toBe(0)
  for (const pixel of [2, 9, 13, 19, 24]) expect(filled[pixel]).toBe(whole[pixel])
})

test('the mean and spread of a pixel are those of the stars in which it is good', () => {
  const x = Float32Array.of(1, 5, Number.NaN, 5, 3, 5, 8, Number.NaN)
  const rows: TrainingData = { n: 4, x, width: 2, y: Float64Array.of(1, 2, 3, 4), labels: 1 }
  const scale = new Pipeline(['scale', 'forest'], { 'forest.trees': 1 }).fit(rows).transformers[0]!
  const [mean, deviation] = [4, Math.sqrt(26 / 3)]
  const scaled = scale.transform(x, 4)
  ;[1, 4, 3, 8].forEach((value, row) => expect(scaled[2 * row]).toBeCloseTo((value - mean) / deviation, 6))
  // The same in all stars: it says nothing.
  expect([1, 3, 5, 7].map((at) => scaled[at])).toEqual([0, 0, 0, 0])
})

test('in units of the signal a pixel of nothing but noise hardly counts', () => {
  const random = RandomStream.fromSeed(4)
  const x = Float32Array.from({ length: 2 * 500 }, (_, i) => (i % 2 === 0 ? 3 : 1) * random.normal())
  const y = Float64Array.from({ length: 500 }, (_, row) => x[2 * row]!)
  const ivar = new Float32Array(1000).fill(1)
  const slopes = (unit: string): Float64Array =>
    new Pipeline(['scale', 'forest'], { 'scale.unit': unit, 'forest.trees': 1 }).fit({
      n: 500,
      x,
      width: 2,
      y,
      labels: 1,
      ivar,
    }).transformers[0]!.slope!
  const [signal, deviation] = [slopes('signal'), slopes('deviation')]
  // Of a variance of 9 + 0 with noise 1, 8/9 is signal; of 1, nothing.
  expect(signal[0]! / deviation[0]!).toBeCloseTo(Math.sqrt(8 / 9), 1)
  expect(signal[1]! / deviation[1]!).toBeLessThan(0.35)
  expect([...slopes('none')]).toEqual([1, 1])
  expect(() =>
    new Pipeline(['scale', 'forest'], { 'scale.unit': 'signal' }).fit({ n: 500, x, width: 2, y, labels: 1 }),
  ).toThrow('The unit signal needs spectra with errors')
})

test('rows without any label teach nothing, and too few with one are refused', () => {
  const rows = Array.from({ length: 60 }, (_, i) => i)
  const some = { ...data, y: data.y.map((value, i) => (i < 120 ? value : Number.NaN)) }
  const pipeline = new Pipeline(steps, small)
  expect(pipeline.fit(some).predict(unseen.x, unseen.n)).toEqual(
    pipeline.fit(takeTrainingRows(data, rows)).predict(unseen.x, unseen.n),
  )
  expect(() => pipeline.fit({ ...data, y: data.y.map(() => Number.NaN) })).toThrow('too few rows with a label')
  expect(() => pipeline.fit({ ...data, x: data.x.subarray(1) })).toThrow('There are not as many features as rows')
})

test('labels with large errors count less when they are asked to', () => {
  const random = RandomStream.fromSeed(9)
  const spoiled = data.y.map((value, i) => (i % 6 < 2 ? value + 3 * random.normal() : value))
  const errors = data.y.map((_, i) => (i % 6 < 2 ? 3 : 0.01))
  // In a leaf of one star its weight changes nothing.
  const rmse = (weights: string): number => {
    const { values } = new Pipeline(steps, { ...small, 'forest.minLeaf': 8, 'forest.weights': weights })
      .fit({ ...data, y: spoiled, errors })
      .predict(unseen.x, unseen.n)
    return Math.sqrt(values.reduce((sum, value, i) => sum + (value - unseen.y[i]!) ** 2, 0) / values.length)
  }
  expect(rmse('errors')).toBeLessThan(0.7 * rmse('none'))
})

test('out of the bag, errors of a forest cover the truth of rows that it has not seen', () => {
  const many = lineSpectra({ n: 600, width: WIDTH, seed: 3, noise: 0.05 })
  const other = lineSpectra({ n: 1000, width: WIDTH, seed: 4, noise: 0.05 })
  const { values, errors } = new Pipeline(steps, { 'pca.components': 5, 'forest.trees': 60 })
    .fit(many)
    .predict(other.x, other.n)
  const inside = values.filter((value, i) => Math.abs(value - other.y[i]!) <= errors[i]!).length / values.length
  // 2000 labels: three binomial standard deviations are 0.03, and the quantile of 600 rows is as uncertain again.
  expect(Math.abs(inside - 0.6827)).toBeLessThan(0.06)
})

test('importances add up to 1 over the pixels, and are largest where a label shows', () => {
  const importance = new Pipeline(steps, small).fit(data).importance()!
  expect(importance).toHaveLength(WIDTH)
  expect(importance.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 4)
  // Pixels 0 to 19 have lines, the others none.
  expect(importance.slice(0, 20).reduce((sum, part) => sum + part, 0)).toBeGreaterThan(0.7)
})
