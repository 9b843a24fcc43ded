import type { Labels } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, labelInfo, makeLabels, makeTable } from '@astrolabel/spectra'
import {
  applyConformal,
  calibrateConformal,
  checkIntervals,
  intervalNames,
  matchLabels,
  parseConformal,
} from '@astrolabel/metrics'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

interface Made {
  readonly predicted: Labels
  readonly truth: Labels
}

/** Stars whose errors are wrong in a way that depends on S/N, and whose residuals are skewed. */
function stars(n: number, random: RandomStream, skew = 0): Made {
  const starId = Array.from({ length: n }, (_, i) => `s${i}`)
  const truth = Float64Array.from({ length: n }, () => 5000 + 500 * random.normal())
  const snr = Float64Array.from({ length: n }, () => (random.uniform() < 0.5 ? 20 : 200))
  const values = truth.map((t, i) => {
    const z = random.normal()
    const noise = skew === 0 ? z : (Math.exp(skew * z) - Math.exp((skew * skew) / 2)) / skew
    return t + noise * (snr[i]! < 100 ? 200 : 20)
  })
  return {
    predicted: makeLabels({
      starId,
      labels: [labelInfo('teff')],
      values,
      errors: new Float64Array(n).fill(30),
      extra: makeTable([{ name: 'snr', values: snr }]),
    }),
    truth: makeLabels({ starId, labels: [labelInfo('teff')], values: truth }),
  }
}

function coverage({ predicted, truth }: Made): number[] {
  return checkIntervals(predicted, truth, matchLabels(predicted, truth), 'teff').map((check) => check.coverage!)
}

/** Coverage over many calibrations of 40 stars, each applied to 50 new ones. */
function simulate(options: Partial<Parameters<typeof calibrateConformal>[2]>, skew = 0): number[] {
  const random = RandomStream.fromSeed(4)
  const sum = [0, 0]
  const runs = 400
  for (let run = 0; run < runs; run++) {
    const first = stars(40, random, skew)
    const calibration = calibrateConformal(first.predicted, first.truth, { ...options, random })
    const next = stars(50, random, skew)
    coverage({ ...next, predicted: applyConformal(next.predicted, calibration) }).forEach((c, k) => (sum[k]! += c))
  }
  return sum.map((c) => c / runs)
}

describe('new stars are covered as promised, however wrong the errors are', () => {
  // Exactly ⌈41 (1-α)⌉ / 41 for continuous scores: 28/41 and 39/41. The spread of the mean of 400 runs is 0.4 %.
  test.each([
    ['normalised', {}, [28 / 41, 39 / 41]],
    ['absolute', { score: 'absolute' as const }, [28 / 41, 39 / 41]],
    // Each side misses ⌊41 α/2⌋ / 41 or less: 6/41 at 68 %, 1/41 at 95 %.
    ['asymmetric, skewed', { sides: 'asymmetric' as const }, [29 / 41, 39 / 41]],
  ])('%s', (name, options, expected) => {
    const observed = simulate(options, name.includes('skewed') ? 0.6 : 0)
    observed.forEach((share, k) => expect(Math.abs(share - expected[k]!)).toBeLessThan(0.012))
  })
})

test('with groups the promise holds within each group, without them only on the whole', () => {
  const random = RandomStream.fromSeed(9)
  const first = stars(4000, random)
  const next = stars(4000, random)
  const snr = next.predicted.extra!.columns.get('snr')!.values as Float64Array
  const inGroup = (predicted: Labels, faint: boolean): number => {
    const rows = Array.from(snr, (_, i) => i).filter((i) => snr[i]! < 100 === faint)
    const low = predicted.extra!.columns.get('teff_lo68')!.values as Float64Array
    const high = predicted.extra!.columns.get('teff_hi68')!.values as Float64Array
    return (
      rows.filter((i) => next.truth.values[i]! >= low[i]! && next.truth.values[i]! <= high[i]!).length / rows.length
    )
  }
  const plain = applyConformal(next.predicted, calibrateConformal(first.predicted, first.truth, { random }))
  expect(inGroup(plain, true)).toBeLessThan(0.5)
  expect(inGroup(plain, false)).toBeGreaterThan(0.9)
  const grouped = calibrateConformal(first.predicted, first.truth, { random, groups: { by: 'snr', edges: [100] } })
  const calibrated = applyConformal(next.predicted, grouped)
  for (const faint of [true, false]) expect(Math.abs(inGroup(calibrated, faint) - 0.68)).toBeLessThan(0.035)
})

test('the quantile is the ⌈(n + 1)(1 − α)⌉-th score, and there is none where n is too small for the level', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.constantFrom(0.5, 0.68, 0.9, 0.95), (n, level) => {
      const starId = Array.from({ length: n }, (_, i) => String(i))
      const labels = [labelInfo('teff')]
      const predicted = makeLabels({
        starId,
        labels,
        values: Float64Array.from(starId, (_, i) => (i % 2 === 0 ? 1 : -1) * (i + 1)),
        errors: new Float64Array(n).fill(2),
      })
      const truth = makeLabels({ starId, labels, values: new Float64Array(n) })
      const { groups } = calibrateConformal(predicted, truth, { levels: [level], random: RandomStream.fromSeed(1) })
        .labels['teff']!
      const rank = Math.ceil(Number(((n + 1) * level).toFixed(9)))
      expect(groups[0]!.quantiles[0]!.above).toBe(rank > n ? null : rank / 2)
    }),
  )
})

test('a group that is too small borrows the intervals of all stars and says so', () => {
  const random = RandomStream.fromSeed(2)
  const { predicted, truth } = stars(100, random)
  const { labels } = calibrateConformal(predicted, truth, { random, groups: { by: 'snr', edges: [100, 1000] } })
  expect(labels['teff']!.groups.map(({ pooled }) => pooled)).toEqual([false, false, true])
  expect(labels['teff']!.groups[2]!.stars).toBe(0)
  expect(labels['teff']!.groups[2]!.quantiles[0]!.above).not.toBeNull()
})

test('several rows of a star count once', () => {
  const random = RandomStream.fromSeed(3)
  const { predicted, truth } = stars(30, random)
  const twice = makeLabels({
    starId: [...predicted.starId, ...predicted.starId],
    labels: predicted.labels,
    values: Float64Array.of(...predicted.values, ...predicted.values),
    errors: Float64Array.of(...predicted.errors, ...predicted.errors),
  })
  expect(calibrateConformal(twice, truth, { random }).labels['teff']!.groups[0]!.stars).toBe(30)
})

test('a calibration survives JSON, and intervals are missing where an error is', () => {
  const random = RandomStream.fromSeed(5)
  const { predicted, truth } = stars(50, random)
  const calibration = calibrateConformal(predicted, truth, { random, levels: [0.683] })
  expect(parseConformal(JSON.stringify(calibration))).toEqual(calibration)
  const errors = predicted.errors.slice()
  errors[0] = Number.NaN
  const applied = applyConformal({ ...predicted, errors }, calibration)
  const [low, high] = intervalNames('teff', 0.683)
  expect([low, high]).toEqual(['teff_lo68_3', 'teff_hi68_3'])
  expect(applied.extra!.columns.get(low)!.valid![0]).toBe(0)
  expect((applied.extra!.columns.get(high)!.values as Float64Array)[1]).toBeGreaterThan(predicted.values[1]!)
  expect(applied.values).toBe(predicted.values)
})

test('what cannot be calibrated or read says so', () => {
  const random = RandomStream.fromSeed(5)
  const { predicted, truth } = stars(20, random)
  const none = { ...predicted, errors: predicted.errors.slice().fill(Number.NaN) }
  expect(() => calibrateConformal(none, truth, { random })).toThrow(/No star has a teff with a truth and an error/)
  expect(() => calibrateConformal(predicted, truth, { random, levels: [68] })).toThrow(AstrolabelError)
  expect(() => calibrateConformal(predicted, truth, { random, groups: { by: 'color', edges: [1] } })).toThrow(
    /no column color/,
  )
  expect(() => parseConformal('{"format": "other"}')).toThrow(/no calibration of astrolabel: got format other/)
  expect(() => parseConformal('teff')).toThrow(/not JSON/)
})
