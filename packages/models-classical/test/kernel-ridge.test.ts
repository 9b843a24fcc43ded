import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { predictKernelRidge, predictRidge, trainKernelRidge, trainRidge } from '@astrolabel/models-classical'
import type { RidgeKernel, TrainingData } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'

interface Golden {
  readonly n: number
  readonly width: number
  readonly x: number[]
  readonly y: number[]
  readonly unseen: number[]
  readonly kernels: {
    readonly kernel: RidgeKernel
    readonly length: number
    readonly lambda: number
    readonly predicted: number[]
  }[]
}

const golden = JSON.parse(readFileSync(new URL('golden/linear.json', import.meta.url), 'utf8')) as Golden

test.each(golden.kernels)(
  '$kernel: scikit-learn’s KernelRidge on a centred kernel',
  ({ kernel, length, lambda, predicted }) => {
    const data: TrainingData = {
      n: golden.n,
      x: Float32Array.from(golden.x),
      width: golden.width,
      y: Float64Array.from(golden.y),
      labels: 1,
    }
    const model = trainKernelRidge(data, { kernel, lengths: [length], lambdas: [lambda] })
    const { values } = predictKernelRidge(model, Float32Array.from(golden.unseen), 12)
    values.forEach((value, i) => expect(value).toBeCloseTo(predicted[i]!, 9))
  },
)

/** A label that bends and one that does not, of 3 features. */
function simulated(n: number, seed: number, noise: number): TrainingData {
  const random = RandomStream.fromSeed(seed)
  const x = Float32Array.from({ length: 3 * n }, () => 10 * random.normal())
  const y = Float64Array.from({ length: 2 * n }, (_, i) => {
    const [a, b, c] = x.subarray(3 * Math.floor(i / 2)) as unknown as [number, number, number]
    return (
      (i % 2 === 0 ? 5000 + 300 * Math.sin(a / 6) * Math.cos(b / 8) : 2 + 0.1 * c) +
      noise * (i % 2 === 0 ? 300 : 1) * random.normal()
    )
  })
  return { n, x, width: 3, y, labels: 2 }
}

function within({ n, y }: TrainingData, l: number, values: Float64Array, errors: Float64Array): number {
  let count = 0
  for (let i = l; i < 2 * n; i += 2) if (Math.abs(values[i]! - y[i]!) <= errors[i]!) count++
  return count / n
}

test.each(['rbf', 'matern32', 'matern52', 'rational-quadratic', 'polynomial'] as const)(
  '%s: length and λ are found, 68 % of new labels lie within their errors, and far away nothing is known',
  (kernel) => {
    const unseen = simulated(400, 2, 0.15)
    const model = trainKernelRidge(simulated(150, 1, 0.15), { kernel })
    const { values, errors } = predictKernelRidge(model, unseen.x, unseen.n)
    // Rows at the rim have larger errors than the middle, so that rather more than 68 % lie within.
    for (let l = 0; l < 2; l++) expect(Math.abs(within(unseen, l, values, errors) - 0.7)).toBeLessThan(0.15)
    let square = 0
    for (let i = 0; i < 800; i += 2) square += (values[i]! - unseen.y[i]!) ** 2 / 400
    // The label itself varies by 150 K and more about its mean.
    expect(Math.sqrt(square)).toBeLessThan(kernel === 'polynomial' ? 130 : 75)
    const far = predictKernelRidge(model, Float32Array.of(90, -90, 90), 1)
    expect(far.errors[0]!).toBeGreaterThan(1.5 * errors[0]!)
  },
)

test('the linear kernel is ridge regression: labels, errors, and what is left out', () => {
  const data = simulated(40, 3, 0.3)
  const length = 2
  const kernel = trainKernelRidge(data, { kernel: 'linear', lengths: [length], lambdas: [5] })
  const ridge = trainRidge(data, { standardise: false, lambdas: [5 * length ** 2] })
  const probe = simulated(5, 4, 0).x
  const [a, b] = [predictKernelRidge(kernel, probe, 5), predictRidge(ridge, probe, 5)]
  a.values.forEach((value, i) => expect(value / b.values[i]!).toBeCloseTo(1, 9))
  a.errors.forEach((value, i) => expect(value / b.errors[i]!).toBeCloseTo(1, 5))
  kernel.leftOut.values.forEach((value, i) => expect(value / ridge.leftOut.values[i]!).toBeCloseTo(1, 9))
})

test('what a star is given without its group is what a fit without it gives', () => {
  const data = simulated(30, 5, 0.3)
  const groups = Int32Array.from({ length: 30 }, (_, row) => Math.floor(row / 2))
  const options = { kernel: 'rbf', lengths: [15], lambdas: [0.1] } as const
  const { leftOut } = trainKernelRidge({ ...data, groups }, options)
  const kept = { n: 28, width: 3, labels: 2, x: data.x.slice(6), y: data.y.slice(4) }
  const alone = predictKernelRidge(trainKernelRidge(kept, options), data.x.slice(0, 6), 2)
  alone.values.forEach((value, i) => expect(leftOut.values[i]! / value).toBeCloseTo(1, 8))
})

test('labels that are missing, and labels of known errors', () => {
  const data = simulated(80, 6, 0.05)
  const random = RandomStream.fromSeed(7)
  const y = data.y.map((value, i) => (i % 4 === 0 ? value + 900 * random.normal() : value))
  const errors = y.map((_, i) => (i % 4 === 0 ? 900 : i % 2 === 0 ? 15 : 0.05))
  y[1] = Number.NaN
  const clean = simulated(200, 8, 0)
  const miss = (change: Partial<TrainingData>): number => {
    const { values } = predictKernelRidge(trainKernelRidge({ ...data, y, ...change }), clean.x, 200)
    return values.reduce((sum, value, i) => sum + (i % 2 === 0 ? (value - clean.y[i]!) ** 2 : 0), 0)
  }
  expect(miss({ errors })).toBeLessThan(0.6 * miss({}))
  expect(trainKernelRidge({ ...data, y }).leftOut.values[1]).toBeNaN()
})

test('misuse is told in words', () => {
  const data = simulated(10, 9, 0.1)
  expect(() => trainKernelRidge(data, { lengths: [0] })).toThrow(
    'Length scales cannot be used: got 0, expected numbers above 0',
  )
  expect(() => trainKernelRidge(data, { kernel: 'polynomial', degree: 1.5 })).toThrow(
    'got 1.5, expected a whole number',
  )
  const n = 4001
  const many = { n, x: new Float32Array(n), width: 1, y: new Float64Array(n), labels: 1 }
  expect(() => trainKernelRidge(many)).toThrow('got 4001, expected 4000 or fewer')
  expect(() => predictKernelRidge(trainKernelRidge(data), new Float32Array(2), 1)).toThrow('got 2 numbers')
})
