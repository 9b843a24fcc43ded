import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { predictRidge, trainRidge } from '@astrolabel/models-classical'
import type { RidgeOptions, TrainingData } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'

interface Golden {
  readonly ridges: {
    readonly n: number
    readonly width: number
    readonly x: number[]
    readonly y: number[]
    readonly unseen: number[]
    readonly grid: number[]
    readonly chosen: number[]
    readonly leftOut: number[][][]
    readonly predicted: number[][]
    readonly coefficients: number[][]
    readonly intercept: number[]
  }[]
  readonly weighted: { readonly weights: number[]; readonly lambda: number; readonly predicted: number[] }
}

const golden = JSON.parse(readFileSync(new URL('golden/linear.json', import.meta.url), 'utf8')) as Golden

test.each(golden.ridges)('$n rows of $width features: scikit-learn’s Ridge and RidgeCV', (wanted) => {
  const { n, width, grid } = wanted
  const y = Float64Array.from(wanted.y)
  const data: TrainingData = { n, x: Float32Array.from(wanted.x), width, y, labels: 2 }
  const unseen = Float32Array.from(wanted.unseen)
  const rows = unseen.length / width
  grid.forEach((lambda, g) => {
    const model = trainRidge(data, { lambdas: [lambda] })
    const { values } = predictRidge(model, unseen, rows)
    values.forEach((value, i) => expect(value).toBeCloseTo(wanted.predicted[g]![i]!, 9))
    for (let row = 0; row < n; row++)
      for (let l = 0; l < 2; l++) {
        const square = (model.leftOut.values[2 * row + l]! - y[2 * row + l]!) ** 2
        expect(Math.abs(square / wanted.leftOut[row]![l]![g]! - 1)).toBeLessThan(1e-8)
      }
    if (g !== 2) return
    const labels = model.sets.flatMap((set) => set.labels)
    labels.forEach(({ label, coefficients, intercept }) => {
      expect(intercept).toBeCloseTo(wanted.intercept[label]!, 9)
      coefficients.forEach((value, d) => expect(value).toBeCloseTo(wanted.coefficients[label]![d]!, 9))
    })
  })
  const chosen = trainRidge(data, { lambdas: grid }).sets.flatMap((set) => set.labels)
  chosen.forEach(({ label, lambda }) => expect(lambda).toBe(wanted.chosen[label]))
})

test('weights of rows: scikit-learn’s Ridge', () => {
  const { x, y, unseen } = golden.ridges[1]!
  const { weights, lambda, predicted } = golden.weighted
  // Weights count by their ratios here: a λ for weights of mean 1 is one for those given over their mean.
  const mean = weights.reduce((sum, weight) => sum + weight / 30, 0)
  const model = trainRidge(
    {
      n: 30,
      x: Float32Array.from(x),
      width: 50,
      y: Float64Array.from({ length: 30 }, (_, row) => y[2 * row]!),
      labels: 1,
    },
    { weights: Float64Array.from(weights), lambdas: [lambda / mean] },
  )
  const { values } = predictRidge(model, Float32Array.from(unseen), 6)
  values.forEach((value, i) => expect(value).toBeCloseTo(predicted[i]!, 9))
})

/** Two labels that features 0 to 4 give, with noise that grows with `spread`. */
function simulated(n: number, width: number, seed: number, spread: (row: number) => number): TrainingData {
  const random = RandomStream.fromSeed(seed)
  const x = Float32Array.from({ length: n * width }, (_, i) => 3 + (1 + (i % 3)) * random.normal())
  const y = Float64Array.from({ length: 2 * n }, (_, i) => {
    const row = Math.floor(i / 2)
    let sum = i % 2 === 0 ? 5000 : -1
    for (let d = 0; d < 5; d++) sum += (i % 2 === 0 ? 100 : 0.2) * (d - 1) * x[row * width + d]!
    return sum + spread(row) * (i % 2 === 0 ? 100 : 0.2) * random.normal()
  })
  return { n, x, width, y, labels: 2 }
}

/** The rows of the data that are kept. */
function keep(data: TrainingData, kept: (row: number) => boolean): TrainingData {
  const rows = Array.from({ length: data.n }, (_, row) => row).filter((row) => kept(row))
  const pick = (values: Float32Array | Float64Array, width: number): number[] =>
    rows.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)])
  return {
    ...data,
    n: rows.length,
    x: Float32Array.from(pick(data.x, data.width)),
    y: Float64Array.from(pick(data.y, 2)),
  }
}

test.each([8, 60])('what a star is given without it is what a fit without it gives, %d features', (width) => {
  // Features as they are: a scale of their own would be learnt from the star too.
  const data = simulated(40, width, 1, () => 1)
  const options: RidgeOptions = { standardise: false, lambdas: [7] }
  for (const groups of [undefined, Int32Array.from({ length: 40 }, (_, row) => Math.floor(row / 3))]) {
    const { leftOut } = trainRidge({ ...data, groups }, options)
    for (const out of [0, 17, 39]) {
      const others = keep(data, (row) => (groups === undefined ? row !== out : groups[row] !== groups[out]))
      const alone = predictRidge(trainRidge(others, options), data.x.slice(out * width, (out + 1) * width), 1)
      for (let l = 0; l < 2; l++) expect(leftOut.values[2 * out + l]! / alone.values[l]!).toBeCloseTo(1, 7)
    }
  }
})

test.each([6, 120])('the λ that is found leaves out as well as any beside it, %d features', (width) => {
  const data = simulated(60, width, 2, () => 2)
  const missed = (options: RidgeOptions, l: number): number =>
    trainRidge(data, options).leftOut.values.reduce((sum, v, i) => sum + (i % 2 === l ? (v - data.y[i]!) ** 2 : 0), 0)
  for (const { label, lambda } of trainRidge(data).sets.flatMap((set) => set.labels))
    for (const factor of [0.1, 0.5, 0.8, 1.25, 2, 10])
      expect(missed({ lambdas: [lambda * factor] }, label)).toBeGreaterThan(missed({}, label) * (1 - 1e-3))
})

test.each([5, 100])('errors of new rows: 68 % within one, larger far from the training rows, %d features', (width) => {
  // What 68 % of 400 left-out labels lie within is known to 2.3 %, of 80 to 5 %.
  const data = simulated(width === 5 ? 400 : 80, width, 3, () => 1)
  const unseen = simulated(600, width, 4, () => 1)
  const model = trainRidge(data)
  const { values, errors } = predictRidge(model, unseen.x, unseen.n)
  for (let l = 0; l < 2; l++) {
    let within = 0
    for (let i = l; i < 1200; i += 2) if (Math.abs(values[i]! - unseen.y[i]!) <= errors[i]!) within++
    expect(Math.abs(within / 600 - 0.6827)).toBeLessThan(width === 5 ? 0.07 : 0.15)
  }
  const far = predictRidge(
    model,
    unseen.x.slice(0, width).map((value) => 3 + 20 * (value - 3)),
    1,
  )
  expect(far.errors[0]!).toBeGreaterThan(2 * errors[0]!)
  const flat = predictRidge(trainRidge(data, { leverage: false }), unseen.x, unseen.n)
  expect(flat.errors[0]).toBe(flat.errors[2])
  expect(flat.values[0]! / values[0]!).toBeCloseTo(1, 12)
})

test('labels that are missing are left out of their own fit alone', () => {
  const data = simulated(50, 6, 5, () => 1)
  const y = data.y.slice()
  for (let row = 0; row < 10; row++) y[2 * row] = Number.NaN
  const whole = trainRidge(data, { lambdas: [2] })
  const gaps = trainRidge({ ...data, y }, { lambdas: [2] })
  const rest = trainRidge(
    keep(data, (row) => row >= 10),
    { lambdas: [2] },
  )
  const probe = data.x.slice(0, 6)
  expect(predictRidge(gaps, probe, 1).values[0]).toBeCloseTo(predictRidge(rest, probe, 1).values[0]!, 9)
  expect(predictRidge(gaps, probe, 1).values[1]).toBeCloseTo(predictRidge(whole, probe, 1).values[1]!, 9)
  expect(gaps.leftOut.values[0]).toBeNaN()
  expect(gaps.leftOut.values[1]).toBeCloseTo(whole.leftOut.values[1]!, 9)
})

test('labels of known errors: the uncertain ones count less, and those without an error as the middle', () => {
  const spread = (row: number): number => (row % 2 === 0 ? 0.2 : 6)
  const data = simulated(120, 20, 6, spread)
  const errors = Float64Array.from({ length: 240 }, (_, i) => spread(Math.floor(i / 2)) * (i % 2 === 0 ? 100 : 0.2))
  errors[0] = Number.NaN
  const clean = simulated(300, 20, 7, () => 0)
  const miss = (change: Partial<TrainingData>): number => {
    const { values } = predictRidge(trainRidge({ ...data, ...change }), clean.x, 300)
    return values.reduce((sum, value, i) => sum + (i % 2 === 0 ? (value - clean.y[i]!) ** 2 : 0), 0)
  }
  expect(miss({ errors })).toBeLessThan(0.3 * miss({}))
})

test('a feature that does not vary, and stars with the same features, change nothing and break nothing', () => {
  const data = simulated(30, 4, 8, () => 1)
  const x = Float32Array.from({ length: 150 }, (_, i) => (i % 5 === 4 ? 0.1 : data.x[Math.floor(i / 5) * 4 + (i % 5)]!))
  const options = { lambdas: [3] }
  const more = trainRidge({ ...data, x, width: 5 }, options)
  const probe = x.slice(0, 5)
  expect(
    predictRidge(more, probe, 1).values[0]! / predictRidge(trainRidge(data, options), probe.slice(0, 4), 1).values[0]!,
  ).toBeCloseTo(1, 9)
  const same = trainRidge({ ...data, x: new Float32Array(120).fill(2) })
  expect([...predictRidge(same, new Float32Array(4).fill(2), 1).errors].every(Number.isFinite)).toBe(true)
})

test('misuse is told in words', () => {
  const data = simulated(10, 3, 9, () => 1)
  expect(() => trainRidge(data, { lambdas: [1, 0] })).toThrow(
    'Penalties λ cannot be used: got 0, expected numbers above 0',
  )
  expect(() => trainRidge(data, { weights: new Float64Array(20) })).toThrow(
    'got 0 of label 0 in row 0, expected 10 × 2',
  )
  expect(() => trainRidge(data, { weights: new Float64Array(19).fill(1) })).toThrow('got 19 numbers')
  expect(() => predictRidge(trainRidge(data), new Float32Array(5), 2)).toThrow('got 5 numbers, expected 2 rows of 3')
  expect(() => trainRidge({ ...data, y: new Float64Array(20).fill(Number.NaN) })).toThrow('got 0 rows that have it')
})
