import { readFileSync } from 'node:fs'
import { RandomStream } from '@astrolabel/spectra'
import { labelStatistics, normalQuantile, pulls, quantileSorted } from '@astrolabel/metrics'
import fc from 'fast-check'
import { expect, test } from 'vitest'

interface Golden {
  predicted: number[]
  truth: number[]
  error: number[]
  truthError: number[]
  expected: Record<string, number>
  normalQuantile: [number, number][]
  quantile: [number, number][]
}
const golden = JSON.parse(readFileSync(new URL('golden/label-statistics.json', import.meta.url), 'utf8')) as Golden
const f64 = (values: readonly number[]): Float64Array => Float64Array.from(values)

test('every statistic is that of numpy, scipy and scikit-learn', () => {
  const ours = labelStatistics(f64(golden.predicted), f64(golden.truth), {
    predictedError: f64(golden.error),
    truthError: f64(golden.truthError),
  })
  expect(Object.keys(ours).sort()).toEqual(Object.keys(golden.expected).sort())
  for (const [name, value] of Object.entries(golden.expected)) expect(ours[name as 'bias'], name).toBeCloseTo(value, 9)
})

test('quantiles are those of numpy and scipy', () => {
  const residual = f64(golden.predicted.map((p, i) => p - golden.truth[i]!)).sort()
  for (const [p, value] of golden.quantile) expect(quantileSorted(residual, p)).toBeCloseTo(value, 9)
  for (const [p, value] of golden.normalQuantile) expect(normalQuantile(p)).toBeCloseTo(value, 12)
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity])
  expect(() => normalQuantile(1.2)).toThrow(expect.objectContaining({ code: 'metrics/level' }))
})

test('residuals 1, 2, 3, 6 by hand', () => {
  const s = labelStatistics(f64([11, 22, 33, 46]), f64([10, 20, 30, 40]))
  expect(s).toMatchObject({ n: 4, bias: 3, mae: 3, medianResidual: 2.5, meanAbsoluteAboutBias: 1.5, nWithError: 0 })
  expect(s.rmse).toBeCloseTo(Math.sqrt(12.5), 14)
  expect(s.std).toBeCloseTo(Math.sqrt(3.5), 14)
  expect(s.mad).toBeCloseTo(1.482602218505602, 14)
  expect(s.rmseScaled).toBeCloseTo(Math.sqrt(12.5) / Math.sqrt(125), 14)
  expect('coverage68' in s).toBe(false)
})

// Labels as catalogues print them: squares of 1e-162 leave the range of a double, and no label is that small.
const value = fc.integer({ min: -1e10, max: 1e10 }).map((micro) => micro / 1e6)
const pairs = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 60 })

test('the order of the stars does not matter', () => {
  fc.assert(
    fc.property(pairs, fc.integer(), (stars, seed) => {
      const order = [...RandomStream.fromSeed(seed).permutation(stars.length)]
      const a = labelStatistics(f64(stars.map(([p]) => p)), f64(stars.map(([, t]) => t)))
      const b = labelStatistics(f64(order.map((i) => stars[i]![0])), f64(order.map((i) => stars[i]![1])))
      for (const name of ['bias', 'rmse', 'mae', 'std', 'mad', 'medianResidual'] as const)
        expect(b[name]).toBeCloseTo(a[name], 6)
    }),
    { numRuns: 60 },
  )
})

test('rmse² = bias² + std², a shift moves only the bias, a scale scales', () => {
  fc.assert(
    fc.property(pairs, (stars) => {
      const p = f64(stars.map(([x]) => x))
      const t = f64(stars.map(([, x]) => x))
      const s = labelStatistics(p, t)
      expect(s.bias ** 2 + s.std ** 2).toBeCloseTo(s.rmse ** 2, 3)
      expect(s.meanAbsoluteAboutBias).toBeLessThanOrEqual(s.std * (1 + 1e-9) + 1e-9)
      const shifted = labelStatistics(
        p.map((x) => x + 100),
        t,
      )
      expect(shifted.bias).toBeCloseTo(s.bias + 100, 6)
      expect(shifted.std).toBeCloseTo(s.std, 6)
      expect(shifted.mad).toBeCloseTo(s.mad, 6)
      const scaled = labelStatistics(
        p.map((x) => 2 * x),
        t.map((x) => 2 * x),
      )
      expect(scaled.rmse).toBeCloseTo(2 * s.rmse, 6)
      if (!Number.isNaN(s.rmseScaled)) expect(scaled.rmseScaled).toBeCloseTo(s.rmseScaled, 6)
    }),
    { numRuns: 60 },
  )
})

test('exact Gaussian errors are covered 68.27 % and 95 % within binomial error, and their pulls have width 1', () => {
  const random = RandomStream.fromSeed(7)
  const n = 20_000
  const predictedError = Float64Array.from({ length: n }, () => 20 + 80 * random.uniform())
  const truthError = Float64Array.from({ length: n }, () => 50 * random.uniform())
  const truth = Float64Array.from({ length: n }, () => 4000 + 2000 * random.uniform())
  const measured = truth.map((t, i) => t + truthError[i]! * random.normal())
  const predicted = truth.map((t, i) => t + predictedError[i]! * random.normal())
  const s = labelStatistics(predicted, measured, { predictedError, truthError })
  const fourSigma = (p: number): number => 4 * Math.sqrt((p * (1 - p)) / n)
  expect(Math.abs(s.coverage68! - 0.6827)).toBeLessThan(fourSigma(0.6827))
  expect(Math.abs(s.coverage95! - 0.95)).toBeLessThan(fourSigma(0.95))
  expect(Math.abs(s.zWidth! - 1)).toBeLessThan(0.04)
  const forgotten = labelStatistics(predicted, measured, { predictedError })
  expect(forgotten.coverage68!).toBeLessThan(0.6827 - fourSigma(0.6827))
})

test('missing values are dropped and counted, wherever they are', () => {
  const s = labelStatistics(f64([1, NaN, 3, Infinity, 5]), f64([1, 2, NaN, 4, 4]))
  expect(s).toMatchObject({ n: 2, missing: 3, bias: 0.5, mae: 0.5 })
})

test('a label without any pair gives NaN, also with a bootstrap', () => {
  const bootstrap = { samples: 10, level: 0.68, random: RandomStream.fromSeed(1) }
  const s = labelStatistics(f64([NaN, 2]), f64([1, NaN]), { predictedError: f64([1, 1]), bootstrap })
  expect(s).toMatchObject({ n: 0, missing: 2, bias: NaN, rmse: NaN, rmseScaled: NaN, mad: NaN, nWithError: 0 })
  expect(s.intervals!.bias).toEqual([NaN, NaN])
})

test('a single star has no scatter and nothing to scale by', () => {
  const s = labelStatistics(f64([5100]), f64([5000]))
  expect(s).toMatchObject({
    n: 1,
    bias: 100,
    rmse: 100,
    mae: 100,
    std: 0,
    mad: 0,
    medianResidual: 100,
    rmseScaled: NaN,
  })
})

test('a constant truth gives no scaled RMSE, although 0.1 has no exact mean', () => {
  expect(labelStatistics(f64([0.2, 0.1, 0.3]), f64([0.1, 0.1, 0.1])).rmseScaled).toBeNaN()
})

test('errors of 0, NaN or ∞ are unknown, an unknown true error is left out of σ', () => {
  const z = pulls(f64([1, 1, 1, 1, 5]), f64([0, 0, 0, 0, 0]), f64([0, NaN, Infinity, 2, 3]), f64([1, 1, 1, NaN, 4]))
  expect([...z]).toEqual([NaN, NaN, NaN, 0.5, 1])
  expect(labelStatistics(f64([1, 1]), f64([0, 0]), { predictedError: f64([0, 2]) })).toMatchObject({
    nWithError: 1,
    coverage68: 1,
  })
})

test('arrays of different lengths are refused, naming the one', () => {
  expect(() => labelStatistics(f64([1, 2]), f64([1]))).toThrow(
    'truth has another length than predicted: got 1, expected 2',
  )
  expect(() => labelStatistics(f64([1]), f64([1]), { predictedError: f64([]) })).toThrow(
    expect.objectContaining({ code: 'metrics/length' }),
  )
})
