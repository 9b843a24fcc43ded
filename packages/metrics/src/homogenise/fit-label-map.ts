import type { LabelInfo, Labels, RandomStream } from '@astrolabel/spectra'
import { AstrolabelError, labelIndex, takeLabels } from '@astrolabel/spectra'
import { compareResiduals } from '../comparison/compare-residuals.js'
import { orNull } from '../json-number.js'
import { labelStatistics } from '../label-statistics.js'
import { labelPairs, matchLabels } from '../match-labels.js'
import { quantileSorted } from '../order-statistics.js'
import { quantityText } from '../quantity-text.js'
import { kFold } from '../star-splits.js'
import { applyLabelMap } from './apply-label-map.js'
import type { CommonStars } from './fit-trend.js'
import { fitTrend } from './fit-trend.js'
import type { HeldOutCheck, LabelMap, LabelTrend } from './label-map.js'
import { predictorCovariance } from './predictor-covariance.js'
import type { TrendBasis, TrendKind } from './trend-basis.js'

/** Options of {@link fitLabelMap}. */
export interface LabelMapOptions {
  readonly random: RandomStream
  /** Labels to map; all that both surveys have unless given. */
  readonly labels?: readonly string[] | undefined
  /** What the bias of a label depends on; `linear` unless given. */
  readonly trend?: TrendKind | undefined
  /** Labels that it may depend on besides the label itself; of teff, logg, fe_h and m_h those that both have unless given. */
  readonly predictors?: readonly string[] | undefined
  /** Knots of the spline: how many, at equal shares of the stars, or where, in the label's unit; 4 unless given. */
  readonly knots?: number | readonly number[] | undefined
  /** Folds of the held-out check; 5 unless given. */
  readonly folds?: number | undefined
  /** Names of the surveys in the map; A and B unless given. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

const USUAL_PREDICTORS = ['teff', 'logg', 'fe_h', 'm_h']
const SAMPLES = 500

/**
 * Find how the labels of survey A have to be changed to be those of survey B, from the stars that both have: a bias that
 * is constant, linear in several labels, or a spline of the label itself; robust, with errors in both, and checked on
 * stars held out by folds.
 *
 * @param from Labels of A, matched to B by star id. @param to Labels of B, one row a star.
 * @throws `metrics/too-few-stars`, `metrics/degenerate-trend`, `metrics/knots`, `labels/unknown`, and as `matchLabels`.
 * Cost: folds + 1 fits a label, each linear in the stars.
 */
export function fitLabelMap(from: Labels, to: Labels, options: LabelMapOptions): LabelMap {
  const match = matchLabels(from, to)
  const common = match.labels.map(({ name }) => name)
  for (const name of [...(options.labels ?? []), ...(options.predictors ?? [])])
    if (!common.includes(name))
      throw new AstrolabelError('labels/unknown', `The two surveys do not both have a label ${name}`, {
        expected: common,
      })
  const wanted = match.labels.filter(({ name }) => options.labels?.includes(name) ?? true)
  const others = options.predictors ?? USUAL_PREDICTORS.filter((name) => common.includes(name))
  const stars = takeLabels(from, match.predictedRows)
  const entries = wanted.map((label): [string, LabelTrend] => {
    const predictors = [label.name, ...others.filter((name) => name !== label.name)]
    return [label.name, fitOne(stars, to, label, options.trend === 'constant' ? [label.name] : predictors, options)]
  })
  return {
    format: 'astrolabel-homogenisation',
    version: 1,
    from: options.from ?? 'A',
    to: options.to ?? 'B',
    labels: Object.fromEntries(entries),
  }
}

function fitOne(
  from: Labels,
  to: Labels,
  label: LabelInfo,
  predictors: readonly string[],
  options: LabelMapOptions,
): LabelTrend {
  const usable = usableRows(from, to, label, predictors)
  const fit = (labels: Labels): Omit<LabelTrend, 'held_out'> => fitRows(labels, to, label, predictors, options)
  const all = takeLabels(from, usable)
  const whole = fit(all)
  const folds = Math.min(options.folds ?? 5, new Set(all.starId).size)
  const before = differences(all, to, label.name)
  const after = { value: before.value.slice(), pull: before.value.slice().fill(Number.NaN) }
  for (const { train, test } of kFold(all.starId, folds, options.random)) {
    const trend: LabelTrend = { ...fit(takeLabels(all, train)), held_out: NOT_CHECKED }
    const mapped = applyLabelMap(takeLabels(all, test), oneLabel(label.name, trend))
    const changed = differences(mapped, to, label.name)
    test.forEach((row, i) => {
      after.value[row] = changed.value[i]
      after.pull[row] = changed.pull[i]
    })
  }
  return { ...whole, held_out: heldOut(before.value, after, all.starId, folds, label, options.random) }
}

const NOT_CHECKED: HeldOutCheck = {
  folds: 0,
  stars: 0,
  bias_before: null,
  bias_after: null,
  rmse_before: null,
  rmse_after: null,
  rmse_change: null,
  rmse_ci: [null, null],
  mad_before: null,
  mad_after: null,
  coverage68: null,
  verdict: 'no difference',
  text: 'not checked',
}

function oneLabel(name: string, trend: LabelTrend): LabelMap {
  return { format: 'astrolabel-homogenisation', version: 1, from: 'A', to: 'B', labels: { [name]: trend } }
}

/** Rows whose label is known in both surveys, and all predictors in the first. */
function usableRows(from: Labels, to: Labels, label: LabelInfo, predictors: readonly string[]): number[] {
  const { value } = differences(from, to, label.name)
  const columns = predictors.map((name) => labelIndex(from, name))
  return Array.from(value, (_, i) => i).filter(
    (i) => Number.isFinite(value[i]) && columns.every((c) => Number.isFinite(from.values[i * from.labels.length + c])),
  )
}

/** First minus second survey, and the same over the errors of both, row by row of the first. */
function differences(from: Labels, to: Labels, name: string): { value: Float64Array; pull: Float64Array } {
  const match = matchLabels(from, to)
  const { predicted, truth, predictedError, truthError } = labelPairs(from, to, match, name)
  const value = predicted.map((x, i) => x - truth[i])
  return { value, pull: value.map((d, i) => d / Math.hypot(predictedError[i], truthError[i] > 0 ? truthError[i] : 0)) }
}

function fitRows(
  from: Labels,
  to: Labels,
  { name, unit }: LabelInfo,
  predictors: readonly string[],
  options: LabelMapOptions,
): Omit<LabelTrend, 'held_out'> {
  const n = from.n
  const count = predictors.length
  const columns = predictors.map((predictor) => labelIndex(from, predictor))
  const x = new Float64Array(n * count)
  const covariance = new Float64Array(n * count * count)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < count; j++) x[i * count + j] = from.values[i * from.labels.length + columns[j]]
    predictorCovariance(from, i, columns, covariance.subarray(i * count * count, (i + 1) * count * count))
  }
  const pairs = labelPairs(from, to, matchLabels(from, to), name)
  const ids = new Map<string, number>()
  const stars: CommonStars = {
    x,
    covariance,
    difference: pairs.truth.map((value, i) => value - pairs.predicted[i]),
    variance: pairs.truthError.map((error) => (error > 0 && error < Infinity ? error * error : 0)),
    star: Int32Array.from(from.starId, (id) => {
      const known = ids.get(id) ?? ids.size
      ids.set(id, known)
      return known
    }),
  }
  const columnOf = (j: number): Float64Array => Float64Array.from({ length: n }, (_, i) => x[i * count + j]).sort()
  const sorted = predictors.map((_, j) => columnOf(j))
  const basis = makeBasis(options, predictors, sorted)
  const { theta, covariance: thetaCovariance, intrinsic, used } = fitTrend(basis, stars)
  return {
    unit,
    basis,
    theta: Array.from(theta),
    covariance: Array.from(thetaCovariance),
    intrinsic,
    range: Object.fromEntries(predictors.map((predictor, j) => [predictor, [sorted[j][0], sorted[j][n - 1]] as const])),
    stars: ids.size,
    used,
  }
}

function makeBasis(
  { trend = 'linear', knots = 4 }: LabelMapOptions,
  predictors: readonly string[],
  sorted: readonly Float64Array[],
): TrendBasis {
  const centers = sorted.map((values) => quantileSorted(values, 0.5))
  // A predictor that does not vary gets a scale all the same; the fit then says that it cannot tell its slope.
  const scales = sorted.map((values) => (quantileSorted(values, 0.84) - quantileSorted(values, 0.16)) / 2 || 1)
  if (trend !== 'spline') return { kind: trend, predictors, centers, scales, knots: [] }
  const places =
    typeof knots === 'number'
      ? // From the 5th to the 95th percentile (Harrell 2001, sect. 2.4.6): beyond, few stars would bend the curve.
        // Labels off a grid repeat: several knots fall on one value.
        [...new Set(Array.from({ length: knots }, (_, k) => quantileSorted(sorted[0], 0.05 + (0.9 * k) / (knots - 1))))]
      : knots
  if (places.length < 3 || places.some((place, k) => !Number.isFinite(place) || (k > 0 && !(place > places[k - 1]))))
    throw new AstrolabelError('metrics/knots', 'A spline needs three knots or more that ascend', {
      got: places.join(', '),
      remedy: 'Ask for another number of knots, or a linear trend where the label has few values',
    })
  return { kind: trend, predictors, centers, scales, knots: places.map((place) => (place - centers[0]) / scales[0]) }
}

function heldOut(
  before: Float64Array,
  after: { readonly value: Float64Array; readonly pull: Float64Array },
  starId: readonly string[],
  folds: number,
  { symbol, unit }: LabelInfo,
  random: RandomStream,
): HeldOutCheck {
  const paired = compareResiduals(after.value, before, starId, { samples: SAMPLES, level: 0.95, random })
  const zero = new Float64Array(before.length)
  const was = labelStatistics(before, zero)
  const is = labelStatistics(after.value, zero)
  const [low, high] = paired.rmseInterval
  const verdict = high < 0 ? 'helps' : low > 0 ? 'harms' : 'no difference'
  const pull = after.pull.filter(Number.isFinite)
  const words = {
    helps: 'helps',
    harms: 'makes it worse',
    'no difference': 'makes no difference that these stars show',
  }
  return {
    folds,
    stars: paired.stars,
    bias_before: orNull(was.bias),
    bias_after: orNull(is.bias),
    rmse_before: orNull(was.rmse),
    rmse_after: orNull(is.rmse),
    rmse_change: orNull(paired.rmseDifference),
    rmse_ci: [orNull(low), orNull(high)],
    mad_before: orNull(was.mad),
    mad_after: orNull(is.mad),
    coverage68: orNull(pull.filter((z) => Math.abs(z) <= 1).length / pull.length),
    verdict,
    text:
      `${symbol}: ${words[verdict]} on ${paired.stars} held-out stars, RMSE ${quantityText(was.rmse, unit)} → ` +
      `${quantityText(is.rmse, unit)} (95 %: ${quantityText(low, unit)} to ${quantityText(high, unit)})`,
  }
}
