import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  logMarginalLikelihood,
  packHyperparameters,
  predictGaussianProcess,
  trainGaussianProcess,
} from '@astrolabel/models-classical'
import type { GpRows, GpShape, StationaryKernel, TrainingData } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'

interface Golden {
  readonly n: number
  readonly width: number
  readonly x: number[]
  readonly y: number[]
  readonly error: number[]
  readonly unseen: number[]
  readonly processes: {
    readonly kernel: StationaryKernel
    readonly lengths: number[]
    readonly alpha: number
    readonly variance: number
    readonly linear: number
    readonly noise: number
    readonly known: boolean
    readonly logLikelihood: number
    readonly values: number[]
    readonly errors: number[]
  }[]
}

const golden = JSON.parse(readFileSync(new URL('golden/linear.json', import.meta.url), 'utf8')) as Golden
const small: TrainingData = {
  n: golden.n,
  x: Float32Array.from(golden.x),
  width: golden.width,
  y: Float64Array.from(golden.y),
  labels: 1,
}

test.each(golden.processes)(
  '$kernel with $lengths.length lengths, linear $linear, label errors $known: scikit-learn’s labels, errors and likelihood',
  (wanted) => {
    const model = trainGaussianProcess(
      { ...small, ...(wanted.known ? { errors: Float64Array.from(golden.error) } : {}) },
      {
        kernel: wanted.kernel,
        lengths: wanted.lengths.length === 1 ? 'one' : 'each',
        linear: wanted.linear > 0,
        hyperparameters: [{ ...wanted, lengths: Float64Array.from(wanted.lengths) }],
        calibrate: false,
      },
    )
    const { values, errors } = predictGaussianProcess(model, Float32Array.from(golden.unseen), 12)
    for (let i = 0; i < 12; i++) {
      expect(values[i]).toBeCloseTo(wanted.values[i]!, 8)
      expect(errors[i]).toBeCloseTo(wanted.errors[i]!, 8)
    }
    expect(model.processes[0]!.logLikelihood).toBeCloseTo(wanted.logLikelihood, 8)
  },
)

test.each([
  { kernel: 'rbf', lengths: 1, linear: true },
  { kernel: 'matern32', lengths: 4, linear: true },
  { kernel: 'matern52', lengths: 4, linear: false },
  { kernel: 'rational-quadratic', lengths: 1, linear: true },
  { kernel: 'rational-quadratic', lengths: 4, linear: false },
] satisfies GpShape[])('the gradient of the likelihood is that of finite differences: %o', (shape: GpShape) => {
  const random = RandomStream.fromSeed(5)
  const n = 30
  const rows: GpRows = {
    n,
    width: 4,
    x: Float64Array.from({ length: 4 * n }, () => random.normal()),
    y: Float64Array.from({ length: n }, () => random.normal()),
    known: Float64Array.from({ length: n }, () => 0.1 * random.uniform()),
    noiseFactor: Float64Array.from({ length: n }, () => 0.5 + random.uniform()),
  }
  const theta = packHyperparameters(shape, {
    variance: 0.8,
    lengths: Float64Array.from({ length: shape.lengths }, (_, d) => 1 + 0.4 * d),
    alpha: 0.7,
    linear: 0.2,
    noise: 0.15,
  })
  const likelihood = logMarginalLikelihood(shape, rows)
  const { gradient } = likelihood(theta)
  const step = 1e-5
  theta.forEach((value, i) => {
    const slope =
      (likelihood(theta.with(i, value + step)).value - likelihood(theta.with(i, value - step)).value) / (2 * step)
    expect(gradient[i]).toBeCloseTo(slope, 6)
  })
})

/** Two labels of 3 features, the second of which does nothing. */
function simulated(n: number, seed: number, noise: number): TrainingData {
  const random = RandomStream.fromSeed(seed)
  const x = Float32Array.from({ length: 3 * n }, () => random.normal())
  const y = new Float64Array(2 * n)
  for (let i = 0; i < n; i++) {
    y[2 * i] = 5000 + 500 * (Math.sin(1.5 * x[3 * i]!) + noise * random.normal())
    y[2 * i + 1] = x[3 * i + 2]! - 0.5 * x[3 * i]! ** 2 + noise * random.normal()
  }
  return { n, x, width: 3, y, labels: 2 }
}

function within(data: TrainingData, l: number, values: Float64Array, errors: Float64Array): number {
  let count = 0
  for (let i = 0; i < data.n; i++) {
    const at = data.labels * i + l
    if (Math.abs(values[at]! - data.y[at]!) <= errors[at]!) count++
  }
  return count / data.n
}

test('hyperparameters that are found say how noisy labels are, and 68 % of new labels lie within their errors', () => {
  const data = simulated(150, 1, 0.2)
  const unseen = simulated(400, 2, 0.2)
  for (const options of [{}, { calibrate: false }, { lengths: 'each', noise: 'student' }] as const) {
    const model = trainGaussianProcess(data, { ...options, kernel: 'rbf' })
    const { values, errors } = predictGaussianProcess(model, unseen.x, unseen.n)
    for (let l = 0; l < 2; l++) {
      expect(model.processes[l]!.converged).toBe(true)
      // Three standard errors of a part of 400, and as much again for what the 150 leave open.
      expect(Math.abs(within(unseen, l, values, errors) - 0.68)).toBeLessThan(0.1)
      let square = 0
      for (let i = 0; i < unseen.n; i++) square += (values[2 * i + l]! - unseen.y[2 * i + l]!) ** 2 / unseen.n
      expect(Math.sqrt(square) / (l === 0 ? 500 : 1)).toBeLessThan(0.3)
    }
    const { noise } = model.processes[1]!.hyperparameters
    if (!('noise' in options)) expect(Math.sqrt(noise) * model.processes[1]!.deviation).toBeCloseTo(0.2, 1)
  }
})

test('length scales of their own: a feature that does nothing gets a long one', () => {
  const model = trainGaussianProcess(simulated(120, 3, 0.1), { kernel: 'rbf', lengths: 'each', linear: false })
  const { lengths } = model.processes[0]!.hyperparameters
  expect(lengths[1]! / lengths[0]!).toBeGreaterThan(10)
})

test('what a star is given without itself is what a process trained without it gives, alone and by groups', () => {
  const data = simulated(40, 4, 0.2)
  const hyperparameters = [0, 1].map(() => ({
    variance: 0.9,
    lengths: Float64Array.of(1.5),
    alpha: 1,
    linear: 0.1,
    noise: 0.05,
  }))
  const y = data.y.slice()
  y[2 * 7] = Number.NaN
  for (const groups of [undefined, Int32Array.from({ length: 40 }, (_, i) => Math.floor(i / 3))]) {
    const options = { kernel: 'matern32', hyperparameters, calibrate: false } as const
    const { leftOut, processes, mean } = trainGaussianProcess({ ...data, y, groups }, options)
    const left = (row: number): boolean => (groups === undefined ? row === 5 : groups[row] === groups[5])
    const kept = Array.from({ length: 40 }, (_, i) => i).filter((row) => !left(row) && row !== 7)
    // The centre, mean and deviation stay those of all rows, as in the closed form.
    const { mean: middle, deviation } = processes[0]!
    const solved = reference(
      kept.map((row) => Array.from(data.x.subarray(3 * row, 3 * row + 3), (v, d) => v - mean[d]!)),
      kept.map((row) => (y[2 * row]! - middle) / deviation),
      Array.from(data.x.subarray(15, 18), (v, d) => v - mean[d]!),
    )
    expect(leftOut.values[10]).toBeCloseTo(middle + deviation * solved.value, 6)
    expect(leftOut.errors[10]).toBeCloseTo(deviation * solved.error, 6)
    expect(leftOut.values[14]).toBeNaN()
  }
})

/** A process with the hyperparameters of the test above, by plain elimination. */
function reference(x: number[][], y: number[], at: number[]): { value: number; error: number } {
  const k = (a: number[], b: number[]): number => {
    const r = (Math.sqrt(3) * Math.hypot(...a.map((v, d) => v - b[d]!))) / 1.5
    return 0.9 * (1 + r) * Math.exp(-r) + 0.1 * a.reduce((sum, v, d) => sum + v * b[d]!, 0)
  }
  const rows = x.map((a, i) => [...x.map((b, j) => k(a, b) + (i === j ? 0.05 : 0)), y[i]!, k(a, at)])
  const n = x.length
  for (let p = 0; p < n; p++)
    for (let i = 0; i < n; i++) {
      if (i === p) continue
      const factor = rows[i]![p]! / rows[p]![p]!
      rows[i] = rows[i]!.map((v, j) => v - factor * rows[p]![j]!)
    }
  const solve = (column: number): number[] => rows.map((row, i) => row[column]! / row[i]!)
  const cross = x.map((a) => k(a, at))
  const dot = (a: number[]): number => a.reduce((sum, v, i) => sum + v * cross[i]!, 0)
  return { value: dot(solve(n)), error: Math.sqrt(k(at, at) + 0.05 - dot(solve(n + 1))) }
}

test('Student’s noise: a tenth of labels that are wrong by ten times their scatter bend the fit less', () => {
  const data = simulated(150, 6, 0.1)
  const y = data.y.map((value, i) => (i % 20 < 2 ? value + (i % 2 === 0 ? 2500 : 4) : value))
  const clean = simulated(200, 7, 0)
  const miss = (noise: 'normal' | 'student'): number => {
    const { values } = predictGaussianProcess(trainGaussianProcess({ ...data, y }, { noise }), clean.x, clean.n)
    return values.reduce((sum, value, i) => sum + Math.abs(value - clean.y[i]!) / (i % 2 === 0 ? 500 : 1), 0) / 400
  }
  expect(miss('student')).toBeLessThan(0.6 * miss('normal'))
})

test('the same seed gives the same bits; more starts never give less likelihood; rows to search on are drawn', () => {
  const data = simulated(60, 8, 0.3)
  const once = trainGaussianProcess(data, { seed: 3 })
  expect(trainGaussianProcess(data, { seed: 3 })).toEqual(once)
  const more = trainGaussianProcess(data, { seed: 3, starts: 3 })
  more.processes.forEach((process, l) =>
    expect(process.logLikelihood).toBeGreaterThanOrEqual(once.processes[l]!.logLikelihood - 1e-9),
  )
  const part = trainGaussianProcess(data, { searchRows: 40 })
  expect(part.processes[0]!.hyperparameters.noise).not.toBe(once.processes[0]!.hyperparameters.noise)
  expect(part.processes[0]!.rows).toHaveLength(60)
})

test('many rows are labelled as each alone', () => {
  const model = trainGaussianProcess(simulated(40, 9, 0.3), { steps: 5 })
  const many = simulated(600, 10, 0)
  const all = predictGaussianProcess(model, many.x, 600)
  for (const row of [0, 511, 512, 599]) {
    const one = predictGaussianProcess(model, many.x.slice(3 * row, 3 * row + 3), 1)
    for (let l = 0; l < 2; l++) {
      expect(one.values[l]! / all.values[2 * row + l]!).toBeCloseTo(1, 10)
      expect(one.errors[l]! / all.errors[2 * row + l]!).toBeCloseTo(1, 10)
    }
  }
})

test('misuse is told in words', () => {
  const data = simulated(10, 11, 0)
  const train = (change: Partial<TrainingData>, options = {}) => trainGaussianProcess({ ...data, ...change }, options)
  expect(() => train({ n: 9 })).toThrow('Features do not have the size that was said: got 30, expected 9 × 3')
  expect(() => train({ x: data.x.with(4, Number.NaN) })).toThrow('Feature 1 of row 1 is not a number: got NaN')
  expect(() => train({ y: data.y.with(3, Infinity) })).toThrow('Label 1 of row 1 is infinite')
  expect(() => train({ errors: new Float64Array(20).fill(-1) })).toThrow('The error of label 0 of row 0')
  expect(() => train({ y: data.y.map((v, i) => (i % 2 === 1 && i > 4 ? Number.NaN : v)) })).toThrow(
    'Label 1 cannot be learnt: got 2 rows that have it, expected 3 rows or more',
  )
  expect(() => train({ y: data.y.map((v, i) => (i % 2 === 1 ? 1 : v)) })).toThrow('got the value 1 in all rows')
  expect(() => train({}, { starts: 0 })).toThrow('Option starts of the Gaussian process: got 0')
  expect(() => train({}, { hyperparameters: [] })).toThrow('got those of 0 labels, expected 2 labels with 1 lengths')
  const n = 3001
  const many = { n, x: new Float32Array(n), width: 1, y: new Float64Array(n), labels: 1 }
  expect(() => trainGaussianProcess(many)).toThrow('cannot learn from so many rows: got 3001, expected 3000 or fewer')
  expect(() => predictGaussianProcess(train({}, { steps: 2 }), new Float32Array(4), 1)).toThrow('got 4 numbers')
  const aborted = AbortSignal.abort()
  expect(() => train({}, { signal: aborted })).toThrow(/abort/i)
})
