import { RandomStream, labelInfo, makeLabels, makeTable } from '@astrolabel/spectra'
import { checkUncertainty, errorBudget, matchLabels, pitHistogram, pitValues } from '@astrolabel/metrics'
import { describe, expect, test } from 'vitest'

const N = 2000

/** Residuals of unit width times `width`, shifted, with errors of 1 and a truth of spread 10. */
function pairs(width: number, shift = 0, heavy = 0): Parameters<typeof checkUncertainty>[0] {
  const random = RandomStream.fromSeed(6)
  const truth = Float64Array.from({ length: N }, () => 10 * random.normal())
  const draw = (): number => (random.uniform() < heavy ? 6 : 1) * random.normal()
  return {
    predicted: truth.map((t) => t + shift + width * draw()),
    truth,
    predictedError: new Float64Array(N).fill(1),
    truthError: new Float64Array(N).fill(Number.NaN),
  }
}

describe('the verdict says what is wrong with the errors', () => {
  test.each([
    ['right', pairs(1)],
    ['too small', pairs(2)],
    ['too large', pairs(0.5)],
    ['biased', pairs(1, 0.3)],
    ['wrong shape', pairs(0.95, 0, 0.08)],
  ] as const)('%s', (verdict, made) => {
    expect(checkUncertainty(made).verdict).toBe(verdict)
  })

  test('and by how much', () => {
    expect(checkUncertainty(pairs(2)).text).toMatch(
      /^errors are too small by a factor of (1\.9|2\.0)\d: 68 % intervals/,
    )
    expect(checkUncertainty(pairs(0.95, 0, 0.08)).text).toMatch(/wider wings/)
  })
})

test('right errors are called wrong once in a hundred', () => {
  let wrong = 0
  for (let seed = 0; seed < 300; seed++) {
    const random = RandomStream.fromSeed(1000 + seed)
    const zero = new Float64Array(100)
    const predicted = zero.map(() => random.normal())
    const errors = { predictedError: new Float64Array(100).fill(1), truthError: zero }
    if (checkUncertainty({ predicted, truth: zero, ...errors }).verdict !== 'right') wrong++
  }
  // 3 of 300 are expected at most; 10 or more would happen once in a thousand.
  expect(wrong).toBeLessThan(10)
})

test('scores of a perfect normal prediction are those of the books', () => {
  const check = checkUncertainty(pairs(1))
  // Mean CRPS of a calibrated unit normal is 1/√π, its negative log density ½ ln(2πe).
  expect(check.crps).toBeCloseTo(1 / Math.sqrt(Math.PI), 1)
  expect(check.nll).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E), 1)
  expect(check.sharpness).toBe(1)
  expect(check.climatology).toBeCloseTo(10, 0)
  // A sample that is its own prediction scores 10 / √π.
  expect(check.crps_skill).toBeCloseTo(0.9, 2)
  expect(check.calibration_error).toBeLessThan(0.02)
  expect(check.pit.reduce((sum, count) => sum + count, 0)).toBe(N)
})

test('PIT values are places of the truth in the prediction: too high a label puts it at the low end', () => {
  expect(Array.from(pitHistogram(pitValues(Float64Array.of(3, 3, Number.NaN, -3, 0)), 4))).toEqual([2, 0, 1, 1])
})

test('without errors nothing is claimed', () => {
  const { predicted, truth } = pairs(1)
  const none = new Float64Array(N).fill(Number.NaN)
  const check = checkUncertainty({ predicted, truth, predictedError: none, truthError: none })
  expect(check).toMatchObject({ n: 0, verdict: 'unknown', crps: null, ks: null, text: 'no errors to check' })
  expect(JSON.parse(JSON.stringify(check))).toEqual(check)
})

test('the error budget names the part that dominates and the parts that coverage does not need', () => {
  const random = RandomStream.fromSeed(3)
  const starId = Array.from({ length: N }, (_, i) => String(i))
  const labels = [labelInfo('teff')]
  const part = (size: number): Float64Array => new Float64Array(N).fill(size)
  const total = Math.hypot(1, 4, 12)
  const truth = makeLabels({ starId, labels, values: part(5000) })
  const predicted = makeLabels({
    starId,
    labels,
    values: Float64Array.from(starId, () => 5000 + total * random.normal()),
    errors: part(total),
    extra: makeTable([
      { name: 'teff_err_formal', values: part(1) },
      { name: 'teff_err_scatter', values: part(4) },
      { name: 'teff_err_floor', values: part(12) },
    ]),
  })
  const budget = errorBudget(predicted, truth, matchLabels(predicted, truth), 'teff')!
  expect(budget.dominant).toBe('floor')
  expect(budget.parts.floor!.share).toBeCloseTo(144 / 161, 10)
  expect(budget.parts.floor!.needed).toBe(true)
  // Within √17 of √161 lie 25 % of the stars.
  expect(budget.parts.floor!.coverage68_without).toBeCloseTo(0.255, 1)
  expect(budget.parts.formal!.needed).toBe(false)
  expect(budget.text).toMatch(/^mostly cross-validated floor \(89 % of the variance\).*does not need photon noise/)
  const bare = { ...predicted, extra: makeTable([{ name: 'snr', values: part(50) }]) }
  expect(errorBudget(bare, truth, matchLabels(bare, truth), 'teff')).toBeUndefined()
})

test('a few stars cannot tell whether errors are right', () => {
  const column = (value: number): Float64Array => new Float64Array(2).fill(value)
  const check = checkUncertainty({
    predicted: column(1),
    truth: column(0),
    predictedError: column(0.5),
    truthError: column(Number.NaN),
  })
  expect(check.verdict).toBe('unknown')
  expect(check.text).toBe('2 stars are too few to check errors by')
})
