import type { Labels } from '@astrolabel/spectra'
import { RandomStream, labelInfo, makeLabels, makeTable } from '@astrolabel/spectra'
import {
  binStatistics,
  equalCountBins,
  examineLabels,
  findOutliers,
  galactic,
  labelPairs,
  matchLabels,
  residualTable,
  theilSen,
} from '@astrolabel/metrics'
import fc from 'fast-check'
import { expect, test } from 'vitest'

interface Made {
  readonly predicted: Labels
  readonly truth: Labels
}

/** Stars with a scatter of 40 K and 0.1 dex; `slope` tilts the temperature by its S/N, in K a decade. */
function stars(n: number, slope = 0): Made {
  const random = RandomStream.fromSeed(11)
  const starId = Array.from({ length: n }, (_, i) => `s${i}`)
  const labels = ['teff', 'logg'].map(labelInfo)
  const snr = Float64Array.from({ length: n }, () => 30 + 100 * random.uniform())
  const truth = Float64Array.from({ length: 2 * n }, (_, k) =>
    k % 2 === 0 ? 4000 + 2000 * random.uniform() : 1 + 4 * random.uniform(),
  )
  const values = truth.map(
    (t, k) => t + (k % 2 === 0 ? 40 * random.normal() + slope * Math.log10(snr[k >> 1]! / 60) : 0.1 * random.normal()),
  )
  const position = { ra: new Float64Array(n).map(() => 360 * random.uniform()), dec: new Float64Array(n).fill(10) }
  return {
    predicted: makeLabels({
      starId,
      labels,
      values,
      errors: Float64Array.from(values, (_, k) => (k % 2 === 0 ? 40 : 0.1)),
      flagBits: [{ bit: 3, name: 'OUTSIDE_HULL' }],
      extra: makeTable([
        { name: 'snr', values: snr },
        { name: 'chi2_reduced', values: new Float64Array(n).fill(1) },
      ]),
    }),
    truth: makeLabels({
      starId,
      labels,
      values: truth,
      extra: makeTable([
        { name: 'ra', values: position.ra },
        { name: 'dec', values: position.dec },
        { name: 'petal', values: Int32Array.from(starId, (_, i) => i % 10) },
      ]),
    }),
  }
}

test('a trend is found where there is one, and no other', () => {
  const { predicted, truth } = stars(400, 150)
  const { trends } = examineLabels(predicted, truth, { random: RandomStream.fromSeed(1), against: ['petal'] })
  expect(trends.map((trend) => trend.against).slice(0, 8)).toEqual([
    'teff',
    'logg',
    'snr',
    // Reduced χ² is the same for all of them: nothing to test, and nothing found.
    'chi2_reduced',
    'ra',
    'dec',
    'l',
    'b',
  ])
  const found = trends.filter((trend) => trend.verdict !== 'none')
  expect(found.map(({ label, against }) => [label, against])).toEqual([['teff', 'snr']])
  const [trend] = found
  expect(trend!.slope_low).toBeLessThan(150)
  expect(trend!.slope_high).toBeGreaterThan(150)
  expect(trend!.text).toMatch(
    /^Teff: (strong|clear) trend with S\/N, residuals rise by \d+\.\d K over 90 % of the stars/,
  )
  expect(trend!.running).toHaveLength(10)
  for (const { low, median, high } of trend!.running) expect(low <= median && median <= high).toBe(true)
  expect(trends.find((one) => one.against === 'dec')).toMatchObject({ slope: null, p: 1, verdict: 'none' })
})

test('pure noise alarms at most as often as promised', () => {
  let alarms = 0
  for (let seed = 0; seed < 40; seed++) {
    const random = RandomStream.fromSeed(seed)
    const { predicted, truth } = stars(60)
    const values = truth.values.map((t, k) => t + (k % 2 === 0 ? 40 : 0.1) * random.normal())
    const { trends } = examineLabels({ ...predicted, values }, truth, { random })
    if (trends.some((trend) => trend.verdict !== 'none')) alarms++
  }
  // 5 % of 40 runs are 2; eight or more would happen once in a thousand.
  expect(alarms).toBeLessThan(8)
})

test('drawn pairs give the slope and the interval of all pairs', () => {
  const random = RandomStream.fromSeed(3)
  const x = Float64Array.from({ length: 3000 }, () => random.normal())
  const y = x.map((value) => 0.2 * value + random.normal())
  const { slope, low, high } = theilSen(x, y, 0.95, random)
  // The standard error of a slope of 3000 stars, about 1/√3000 × 1.02.
  expect(Math.abs(slope - 0.2)).toBeLessThan(0.06)
  expect((high - low) / 3.92).toBeCloseTo(0.0187, 2)
})

test('running medians have intervals that hold the true median as often as they say', () => {
  let held = 0
  let bins = 0
  for (let seed = 0; seed < 40; seed++) {
    const random = RandomStream.fromSeed(seed)
    const { predicted, truth } = stars(200)
    const values = truth.values.map((t) => t + random.normal() ** 3)
    const { trends } = examineLabels({ ...predicted, values }, truth, { random })
    for (const { low, high } of trends.flatMap(({ running }) => running)) {
      bins++
      if (low <= 0 && high >= 0) held++
    }
  }
  // Several trends look at the same residuals in other bins: far fewer than `bins` independent trials.
  expect(held / bins).toBeGreaterThan(0.63)
  expect(held / bins).toBeLessThan(0.74)
})

test('bins of equal count hold every star once and never part equal values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 80 }),
      fc.integer({ min: 1, max: 9 }),
      (v, k) => {
        const bins = equalCountBins(v, k)
        expect(bins.flatMap(({ rows }) => [...rows]).sort((a, b) => a - b)).toEqual(v.map((_, i) => i))
        bins.slice(1).forEach(({ from }, b) => expect(from).toBeGreaterThan(bins[b]!.to))
        expect(bins.length).toBeLessThanOrEqual(k)
      },
    ),
  )
})

test('statistics in bins have intervals by star, and edges that do not ascend say so', () => {
  const { predicted, truth } = stars(200)
  const match = matchLabels(predicted, truth)
  const pairs = labelPairs(predicted, truth, match, 'teff')
  const bootstrap = { samples: 200, level: 0.68, random: RandomStream.fromSeed(2) }
  const bins = binStatistics(pairs, pairs.truth, [4000, 5000, 5500, 6000], predicted.starId, bootstrap)
  expect(bins.map(({ from, to }) => [from, to])).toEqual([
    [4000, 5000],
    [5000, 5500],
    [5500, 6000],
  ])
  expect(bins.reduce((n, { statistics }) => n + statistics.n, 0)).toBe(200)
  for (const { statistics } of bins) {
    const [low, high] = statistics.intervals!.rmse
    expect(low).toBeLessThan(statistics.rmse)
    expect(high).toBeGreaterThan(statistics.rmse)
  }
  expect(() => binStatistics(pairs, pairs.truth, [5, 4], predicted.starId)).toThrow(/Edges of bins must ascend/)
})

test('outliers are listed with their reasons, the worst first', () => {
  const { predicted, truth } = stars(200)
  const values = predicted.values.slice()
  const errors = predicted.errors.slice()
  const flags = predicted.flags.slice()
  const snr = Float64Array.from(predicted.extra!.columns.get('snr')!.values as Float64Array)
  const chi2 = new Float64Array(200).fill(1)
  values[0] = truth.values[0]! + 2000
  values[1] = truth.values[1]! - 3
  values[10] = truth.values[10]! - 400
  snr[5] = 8
  chi2[5] = 6.5
  values[20] = truth.values[20]! + 500
  flags[10] = 8
  values[30] = truth.values[30]! + 20
  errors[30] = 1
  const changed = {
    ...predicted,
    values,
    errors,
    flags,
    extra: makeTable([
      { name: 'snr', values: snr },
      { name: 'chi2_reduced', values: chi2 },
    ]),
  }
  const others = [predicted, changed].map((labels) => ({ ...labels, values: values.slice() }))
  others[1]!.values[20] = truth.values[20]!
  const outliers = findOutliers(changed, truth, matchLabels(changed, truth), { others })
  expect(outliers.map(({ star_id }) => star_id).sort()).toEqual(['s0', 's10', 's15', 's5'])
  const of = (id: string): string => outliers.find(({ star_id }) => star_id === id)!.reasons.join('; ')
  expect(outliers[0]!.star_id).toBe('s0')
  expect(outliers[0]!.labels.map(({ label }) => label).sort()).toEqual(['logg', 'teff'])
  expect(of('s0')).toMatch(/off together: wrong star, wrong truth, or two stars/)
  expect(of('s5')).toMatch(/low S\/N, 8\.0; poor fit of the spectrum, reduced χ² 6\.5/)
  expect(of('s10')).toMatch(
    /labels outside the training hull \(OUTSIDE_HULL\); 1 other model agrees against the true Teff/,
  )
  expect(of('s15')).toMatch(/error of Teff too small: 1\.0 K/)
  const table = residualTable(changed, truth, matchLabels(changed, truth), outliers)
  expect([...table.columns.keys()].slice(0, 7)).toEqual([
    'star_id',
    'teff',
    'teff_err',
    'teff_true',
    'teff_true_err',
    'teff_residual',
    'teff_z',
  ])
  expect(table.columns.get('outlier')!.values[5]).toBe(of('s5'))
  expect(table.columns.get('outlier')!.values[1]).toBe('')
  expect(table.columns.get('teff_residual')!.values[10]).toBe(500)
  expect(table.columns.get('teff_true_err')!.valid![0]).toBe(0)
  expect(table.columns.has('petal')).toBe(true)
})

test('a column that nobody has says which there are', () => {
  const { predicted, truth } = stars(30)
  expect(() => examineLabels(predicted, truth, { random: RandomStream.fromSeed(1), against: ['color'] })).toThrow(
    /have a column color: expected teff, logg, snr/,
  )
})

test('Galactic coordinates of the centre, of the pole and of the Pleiades', () => {
  // ICRS position of Sgr A* and (l, b) = (359.944, −0.046); pole at 192.85948, +27.12825; astropy for the third.
  const centre = galactic(266.41683708, -29.00781056)
  expect(centre.l).toBeCloseTo(359.944, 2)
  expect(centre.b).toBeCloseTo(-0.046, 2)
  expect(galactic(192.85948, 27.12825).b).toBeCloseTo(90, 3)
  const pleiades = galactic(56.75, 24.1167)
  expect(pleiades.l).toBeCloseTo(166.57064, 4)
  expect(pleiades.b).toBeCloseTo(-23.52114, 4)
})
