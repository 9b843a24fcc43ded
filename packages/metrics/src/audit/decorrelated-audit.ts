import type { RandomStream } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { decorrelatingWeights } from './decorrelating-weights.js'
import { trendOfOthers } from './label-trend.js'
import { say } from '../say.js'

/** Predicted and true labels of the same test stars. */
export interface PredictedAndTrue {
  readonly n: number
  readonly names: readonly string[]
  /** (n × L) NaN where missing. */
  readonly predicted: Float64Array
  readonly truth: Float64Array
  /** (n × L) errors of the truth, NaN where unknown: they flatten the slope, which is corrected for those known. */
  readonly truthErrors?: Float64Array
  /** (n) star of each row; each row a star of its own when absent. */
  readonly groups?: readonly string[]
}

/** Whether a label is measured, or guessed from its correlation with the others. */
export interface DecorrelatedLabel {
  readonly label: string
  /** Stars with all labels. */
  readonly n: number
  /** Spread of the true label, its error, and the error of what the other labels alone say of it; in its unit. */
  readonly spread: number
  readonly rmse: number
  readonly baselineRmse: number
  /** The same on stars resampled so that the label is uncorrelated with the others; null where that cannot be done. */
  readonly decorrelated: {
    readonly effectiveStars: number
    readonly spread: number
    readonly rmse: number
    readonly baselineRmse: number
  } | null
  /** By how much a star is seen to depart from the trend with the other labels, for each unit that it does: 1 is right. */
  readonly slope: number
  readonly slopeError: number
  /** `lost` when the error is as large as the spread: there is nothing to be measured or guessed well. */
  readonly verdict: 'measured' | 'partly' | 'correlation' | 'lost' | 'untestable'
  readonly text: string
}

/** Fewer stars than this say nothing. */
const FEWEST = 30
const FEWEST_EFFECTIVE = 15
/** A slope less sure than this tells nothing. */
const UNSURE = 0.2
const MEASURED = 0.7
const GUESSED = 0.3
/** Least part of the departures that must not be the truth's own error. */
const GENUINE = 0.2

/**
 * For each label: is it read from the spectrum, or guessed from labels that it goes with? The model is compared with what
 * the other labels alone say, on the stars as they are and on stars weighted so that the label is uncorrelated with the
 * others, and by how far it sees single stars depart from the trend.
 *
 * @throws `audit/labels` for fewer than two labels or sizes that do not fit. Labels with fewer than 30 stars, or that
 * follow from the others in these stars, come back as `untestable`. Cost: n L⁴.
 */
export function decorrelatedAudit(data: PredictedAndTrue, random: RandomStream): DecorrelatedLabel[] {
  const { n, names, predicted, truth } = data
  const width = names.length
  if (width < 2 || predicted.length !== n * width || truth.length !== n * width)
    throw new AstrolabelError('audit/labels', 'Correlations need two labels or more of every star', {
      got: `${width} labels; ${predicted.length} predicted and ${truth.length} true values`,
      expected: `2 or more labels; ${n * width} values`,
    })
  return names.map((label, l) => auditLabel(data, label, l, random))
}

function auditLabel(data: PredictedAndTrue, label: string, l: number, random: RandomStream): DecorrelatedLabel {
  const width = data.names.length
  const rows: number[] = []
  for (let i = 0; i < data.n; i++) {
    const row = data.truth.subarray(i * width, (i + 1) * width)
    if (row.every(Number.isFinite) && Number.isFinite(data.predicted[i * width + l])) rows.push(i)
  }
  const n = rows.length
  const x = Float64Array.from(rows, (row) => data.truth[row * width + l])
  const model = Float64Array.from(rows, (row) => data.predicted[row * width + l])
  const equal = new Float64Array(n).fill(1 / n)
  const mean = weightedMean(x, equal)
  const facts = {
    label,
    n,
    spread: rms(x, new Float64Array(n).fill(mean), equal),
    rmse: rms(model, x, equal),
  }
  const groups = rows.map((row) => data.groups?.[row] ?? String(row))
  if (n < FEWEST || new Set(groups).size < FEWEST)
    return untestable(facts, `only ${n} test stars have all labels, ${FEWEST} are needed`)
  const others = Float64Array.from({ length: n * (width - 1) }, (_, at) => {
    const other = at % (width - 1)
    return data.truth[rows[Math.floor(at / (width - 1))] * width + (other < l ? other : other + 1)]
  })
  const trend = trendOfOthers(others, width - 1, x, groups, random)
  const errors = rows
    .map((row) => data.truthErrors?.[row * width + l] ?? Number.NaN)
    .map((error) => (Number.isFinite(error) ? error ** 2 : 0))
  const [slope, slopeError] = slopeOf(
    x,
    model,
    trend,
    errors.reduce((sum, square) => sum + square / n, 0),
  )
  const baselineRmse = rms(trend, x, equal)
  const found = decorrelatingWeights(x, others, width - 1)
  const balanced = found !== undefined && found.effective >= FEWEST_EFFECTIVE ? found : undefined
  const decorrelated =
    balanced === undefined
      ? null
      : {
          effectiveStars: balanced.effective,
          spread: rms(x, new Float64Array(n).fill(weightedMean(x, balanced.weights)), balanced.weights),
          rmse: rms(model, x, balanced.weights),
          baselineRmse: rms(trend, x, balanced.weights),
        }
  const all = { ...facts, baselineRmse, decorrelated, slope, slopeError }
  if (facts.rmse >= facts.spread)
    return {
      ...all,
      verdict: 'lost',
      text: `${label} is not measured at all: its error of ${say(facts.rmse)} is no less than its spread of ${say(facts.spread)}.`,
    }
  if (!(slopeError < UNSURE))
    return untestable(
      all,
      `in these stars it follows from the other labels to ${say(baselineRmse)} of its spread of ${say(facts.spread)}`,
    )
  const survives = decorrelated === null || decorrelated.rmse < decorrelated.baselineRmse
  const verdict = slope >= MEASURED && survives ? 'measured' : slope <= GUESSED ? 'correlation' : 'partly'
  return { ...all, verdict, text: explain(all, verdict) }
}

type Facts = Omit<DecorrelatedLabel, 'verdict' | 'text'>

function explain(facts: Facts, verdict: 'measured' | 'partly' | 'correlation'): string {
  const { label, rmse, baselineRmse, decorrelated, slope, slopeError } = facts
  const meaning = {
    measured: `${label} is measured`,
    partly: `${label} is in part guessed from the other labels`,
    correlation: `${label} is not measured but guessed from the other labels`,
  }[verdict]
  const resampled =
    decorrelated === null
      ? 'no weights make it uncorrelated with them in these stars'
      : `on stars where it is uncorrelated with them the error is ${say(decorrelated.rmse)}, and ${say(decorrelated.baselineRmse)} from them alone, where it spreads by ${say(decorrelated.spread)}`
  return (
    `${meaning}: of each unit by which a star departs from the trend the model sees ${slope.toFixed(2)} ± ${slopeError.toFixed(2)}; ` +
    `its error is ${say(rmse)}, from the other labels alone ${say(baselineRmse)}; ${resampled}.`
  )
}

function untestable(
  facts: Partial<Facts> & Pick<Facts, 'label' | 'n' | 'spread' | 'rmse'>,
  why: string,
): DecorrelatedLabel {
  return {
    baselineRmse: Number.NaN,
    decorrelated: null,
    slope: Number.NaN,
    slopeError: Number.NaN,
    ...facts,
    verdict: 'untestable',
    text: `Whether ${facts.label} is measured cannot be told: ${why}.`,
  }
}

/**
 * Slope of (model − trend) on (truth − trend) with an intercept, and its error that allows for unequal scatter (White
 * 1980). Both are divided by the part of the departures' variance that is not the truth's own error (Fuller 1987, §1.2);
 * NaN where less than a fifth is.
 */
function slopeOf(
  x: Float64Array,
  model: Float64Array,
  trend: Float64Array,
  truthVariance: number,
): [slope: number, error: number] {
  const n = x.length
  const a = x.map((value, i) => value - trend[i])
  const b = model.map((value, i) => value - trend[i])
  const meanA = a.reduce((sum, value) => sum + value / n, 0)
  const meanB = b.reduce((sum, value) => sum + value / n, 0)
  let saa = 0
  let sab = 0
  for (let i = 0; i < n; i++) {
    saa += (a[i] - meanA) ** 2
    sab += (a[i] - meanA) * (b[i] - meanB)
  }
  const slope = sab / saa
  let meat = 0
  for (let i = 0; i < n; i++) meat += ((a[i] - meanA) * (b[i] - meanB - slope * (a[i] - meanA))) ** 2
  const genuine = 1 - (n * truthVariance) / saa
  return genuine < GENUINE ? [Number.NaN, Number.NaN] : [slope / genuine, Math.sqrt(meat) / saa / genuine]
}

function weightedMean(values: Float64Array, weights: Float64Array): number {
  return values.reduce((sum, value, i) => sum + weights[i] * value, 0)
}

function rms(a: Float64Array, b: Float64Array, weights: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += weights[i] * (a[i] - b[i]) ** 2
  return Math.sqrt(sum)
}
