import type { Labels } from '@astrolabel/spectra'
import { RandomStream, labelInfo, makeLabels } from '@astrolabel/spectra'
import type { LabelMap } from '@astrolabel/metrics'
import { applyLabelMap, fitLabelMap, parseLabelMap } from '@astrolabel/metrics'
import { describe, expect, test } from 'vitest'

type Distortion = (teff: number, feH: number) => number

interface Surveys {
  readonly a: Labels
  readonly b: Labels
}

/** Stars seen by two surveys: B is right, A sees `distort` of the true temperature, both with noise. */
function surveys(
  n: number,
  seed: number,
  distort: Distortion,
  { errorA = 20, errorB = 30, outliers = 0, feHError = 0.02 } = {},
): Surveys {
  const random = RandomStream.fromSeed(seed)
  const starId = Array.from({ length: n }, (_, i) => `s${i}`)
  const labels = ['teff', 'fe_h'].map(labelInfo)
  const fill = (): Float64Array => new Float64Array(2 * n)
  const [a, b, aError, bError] = [fill(), fill(), fill(), fill()]
  for (let i = 0; i < n; i++) {
    const teff = 4000 + 2000 * random.uniform()
    const feH = -1 + 1.4 * random.uniform()
    const wrong = random.uniform() < outliers ? 1500 : 0
    a.set([distort(teff, feH) + errorA * random.normal() + wrong, feH + feHError * random.normal()], 2 * i)
    b.set([teff + errorB * random.normal(), feH + 0.05 * random.normal()], 2 * i)
    aError.set([errorA, feHError], 2 * i)
    bError.set([errorB, 0.05], 2 * i)
  }
  return {
    a: makeLabels({ starId, labels, values: a, errors: aError }),
    b: makeLabels({ starId, labels, values: b, errors: bError }),
  }
}

/** Slope of the bias by the label itself, per kelvin. */
function ownSlope(map: LabelMap): number {
  const { theta, basis } = map.labels['teff']!
  return theta[1]! / basis.scales[0]!
}

const random = (): RandomStream => RandomStream.fromSeed(7)

test('a constant shift is found within its error, through outliers', () => {
  const { a, b } = surveys(300, 1, (teff) => teff + 120, { outliers: 0.05 })
  const { theta, covariance, used } = fitLabelMap(a, b, { trend: 'constant', random: random() }).labels['teff']!
  expect(Math.abs(theta[0]! + 120)).toBeLessThan(4 * Math.sqrt(covariance[0]!))
  expect(Math.sqrt(covariance[0]!)).toBeCloseTo(Math.hypot(20, 30) / Math.sqrt(300), 0)
  expect(used).toBeLessThan(300)
})

test('a plane in two labels is found', () => {
  const { a, b } = surveys(400, 2, (teff, feH) => 1.05 * teff - 200 + 80 * feH)
  const map = fitLabelMap(a, b, { random: random() })
  const { theta, basis, covariance } = map.labels['teff']!
  expect(basis.predictors).toEqual(['teff', 'fe_h'])
  // B = (A + 200 − 80 [Fe/H]) / 1.05
  const slopes = theta.slice(1).map((t, j) => t / basis.scales[j]!)
  const errors = [1, 2].map((j) => Math.sqrt(covariance[j * 3 + j]!) / basis.scales[j - 1]!)
  expect(Math.abs(slopes[0]! - (1 / 1.05 - 1))).toBeLessThan(4 * errors[0]!)
  expect(Math.abs(slopes[1]! + 80 / 1.05)).toBeLessThan(4 * errors[1]!)
  expect(map.labels['teff']!.held_out.verdict).toBe('helps')
})

test('noise of the first survey does not flatten the trend, as least squares would', () => {
  const slopes = Array.from({ length: 20 }, (_, k) => {
    const { a, b } = surveys(400, 50 + k, (teff) => 1.1 * teff - 500, { errorA: 250, errorB: 50 })
    return ownSlope(fitLabelMap(a, b, { labels: ['teff'], predictors: ['teff'], folds: 2, random: random() }))
  })
  const mean = slopes.reduce((sum, s) => sum + s, 0) / 20
  // Least squares would find 1/1.1 of the share 0.866 of the variance of A that is not noise: −0.21 instead of −0.091.
  expect(Math.abs(mean - (1 / 1.1 - 1))).toBeLessThan(0.012)
})

test('a bend is found by a spline and not by a line', () => {
  const bend: Distortion = (teff) => teff + 200 * Math.sin((teff - 4000) / 500)
  const { a, b } = surveys(800, 3, bend)
  const fit = (trend: 'linear' | 'spline'): number =>
    fitLabelMap(a, b, { trend, knots: 7, labels: ['teff'], predictors: ['teff'], random: random() }).labels['teff']!
      .held_out.mad_after!
  expect(fit('spline')).toBeLessThan(60)
  expect(fit('linear')).toBeGreaterThan(90)
})

test('knots can be given, and must ascend', () => {
  const { a, b } = surveys(200, 3, (teff) => teff)
  const options = { trend: 'spline' as const, labels: ['teff'], predictors: ['teff'], random: random() }
  const { basis } = fitLabelMap(a, b, { ...options, knots: [4200, 5000, 5800] }).labels['teff']!
  expect(basis.knots.map((u) => u * basis.scales[0]! + basis.centers[0]!)[1]).toBeCloseTo(5000, 9)
  expect(() => fitLabelMap(a, b, { ...options, knots: [5000, 4200, 5800] })).toThrow(/three knots or more that ascend/)
})

describe('propagated errors cover', () => {
  test('new stars, with scatter between the surveys that their errors do not know', () => {
    const z: number[] = []
    for (let seed = 10; seed < 30; seed++) {
      const distort: Distortion = (teff) => 0.97 * teff + 100
      const first = surveys(120, seed, distort, { errorB: 60 })
      // B claims 30 K where it has 60: the map must find √(60² − 30²) K of scatter.
      const claimed = first.b.errors.map((error, i) => (i % 2 === 0 ? 30 : error))
      const map = fitLabelMap(first.a, { ...first.b, errors: claimed }, { labels: ['teff'], random: random() })
      const next = surveys(50, seed + 1000, distort, { errorB: 60 })
      const mapped = applyLabelMap(next.a, map)
      for (let i = 0; i < 50; i++)
        z.push((mapped.values[i]! - next.b.values[2 * i]!) / Math.hypot(mapped.errors[i]!, 30))
    }
    const covered = z.filter((value) => Math.abs(value) <= 1).length / z.length
    // 1000 stars of 20 maps.
    expect(Math.abs(covered - 0.683)).toBeLessThan(0.05)
  })

  test('the coefficients themselves, with large errors in both surveys', () => {
    const z = Array.from({ length: 150 }, (_, k) => {
      const { a, b } = surveys(150, 500 + k, (teff) => 1.1 * teff - 500, { errorA: 150, errorB: 80 })
      const { theta, basis, covariance } = fitLabelMap(a, b, {
        labels: ['teff'],
        predictors: ['teff'],
        folds: 2,
        random: random(),
      }).labels['teff']!
      return (theta[1]! - (1 / 1.1 - 1) * basis.scales[0]!) / Math.sqrt(covariance[3]!)
    })
    const width = Math.sqrt(z.reduce((sum, value) => sum + value * value, 0) / z.length)
    expect(width).toBeGreaterThan(0.8)
    expect(width).toBeLessThan(1.25)
  })
})

test('a map of surveys that agree makes no difference that the held-out stars show', () => {
  const { a, b } = surveys(300, 5, (teff) => teff)
  const { held_out } = fitLabelMap(a, b, { labels: ['teff'], random: random() }).labels['teff']!
  expect(held_out.verdict).not.toBe('helps')
  expect(held_out.text).toMatch(/^Teff: .* on 300 held-out stars, RMSE/)
})

test('surveys without errors and surveys that are equal are mapped too', () => {
  const { a, b } = surveys(100, 6, (teff) => teff + 50)
  const bare = ({ starId, labels, values }: Labels): Labels => makeLabels({ starId, labels, values })
  const { theta, intrinsic } = fitLabelMap(bare(a), bare(b), { trend: 'constant', random: random() }).labels['teff']!
  expect(theta[0]).toBeCloseTo(-50, -1)
  expect(intrinsic).toBeGreaterThan(25)
  const same = fitLabelMap(bare(a), bare(a), { random: random() }).labels['teff']!
  for (const t of same.theta) expect(Math.abs(t)).toBeLessThan(1e-6)
})

test('stars outside the common range are flagged, those without a predictor have no label', () => {
  const { a, b } = surveys(200, 8, (teff) => teff + 50)
  const map = parseLabelMap(JSON.stringify(fitLabelMap(a, b, { random: random() })))
  const odd = makeLabels({
    starId: ['inside', 'hot', 'unknown'],
    labels: a.labels,
    values: Float64Array.of(5000, 0, 9000, 0, 5000, Number.NaN),
    errors: Float64Array.of(10, 0.02, 10, 0.02, 10, 0.02),
    flags: Uint32Array.of(0, 1, 0),
    flagBits: [{ bit: 0, name: 'AT_BOUND' }],
  })
  const mapped = applyLabelMap(odd, map)
  expect(Array.from(mapped.flags)).toEqual([0, 3, 0])
  expect(mapped.flagBits[1]).toEqual({ bit: 1, name: 'OUTSIDE_COMMON_RANGE' })
  expect(mapped.values[0]).toBeCloseTo(4950, -2)
  expect(mapped.values[4]).toBeNaN()
  expect(mapped.errors[4]).toBeNaN()
  const added = mapped.extra!.columns.get('teff_err_map')!.values as Float64Array
  expect(mapped.errors[0]).toBeCloseTo(Math.hypot(10, added[0]!), 0)
  // Further from the common stars the map knows less.
  expect(added[1]).toBeGreaterThan(added[0]!)
})

test('too few stars, labels that do not vary and files that are no maps say so', () => {
  const { a, b } = surveys(8, 9, (teff) => teff)
  expect(() => fitLabelMap(a, b, { random: random() })).toThrow(/too few common stars for this bias: got 8 stars for 3/)
  const { a: c, b: d } = surveys(60, 9, (teff) => teff)
  const flat = { ...c, values: c.values.map((value, i) => (i % 2 === 1 ? -0.5 : value)) }
  expect(() => fitLabelMap(flat, d, { labels: ['teff'], random: random() })).toThrow(/do not tell the parts/)
  expect(() => fitLabelMap(c, d, { labels: ['mg_fe'], random: random() })).toThrow(/do not both have a label mg_fe/)
  expect(() => parseLabelMap('{}')).toThrow(/no map between the labels of two surveys: got format undefined/)
})
