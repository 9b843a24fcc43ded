import type { LabelInfo, RandomStream } from '@astrolabel/spectra'
import { groupRows } from '../group-rows.js'
import { orNull } from '../json-number.js'
import { medianInPlace, quantileSorted, scaledMadInPlace } from '../order-statistics.js'
import { pText, quantityText } from '../quantity-text.js'
import { equalCountBins } from './equal-count-bins.js'
import { medianInterval } from './median-interval.js'
import { theilSen } from './theil-sen.js'
import type { Variable } from './variables.js'

/** Residuals of equally many stars around one value. */
export interface RunningMedian {
  /** Median of the variable. */
  readonly centre: number
  readonly from: number
  readonly to: number
  readonly stars: number
  readonly median: number
  /** 68 % interval of the median. */
  readonly low: number
  readonly high: number
}

/** How the residuals of one label depend on one quantity. All of it is plain JSON. */
export interface Trend {
  readonly label: string
  readonly against: string
  /** Stars: rows of a star are averaged first. */
  readonly stars: number
  /** Residual per unit of the variable (per decade when `log`), and its 95 % interval. */
  readonly slope: number | null
  readonly slope_low: number | null
  readonly slope_high: number | null
  readonly log: boolean
  /** Two-sided p-value of no trend, before any correction for the number of trends. */
  readonly p: number
  /** Slope times the range of the central 90 % of the stars, in the label's unit. */
  readonly change: number | null
  /** The same in units of the robust scatter of the residuals. */
  readonly change_in_scatter: number | null
  /** `none`: chance could do it; `slight`, `clear`, `strong`: below 0.3, below 1, above 1 of the scatter. */
  readonly verdict: 'none' | 'slight' | 'clear' | 'strong'
  readonly text: string
  readonly running: readonly RunningMedian[]
}

/** Options of {@link residualTrends}. */
export interface TrendOptions {
  readonly random: RandomStream
  /** Chance of any false alarm among all trends, 0.05 unless given: each p-value is held against its part (Holm). */
  readonly significance?: number | undefined
}

/** Stars in a running median at least, and medians at most. */
const STARS_IN_BIN = 20
const MOST_BINS = 10
const SLIGHT = 0.3
const CLEAR = 1

/**
 * Trends of the residuals of each label with each variable: Theil–Sen slope, Kendall's test, running medians, and a
 * verdict in words.
 *
 * Against the true label itself a negative slope is also what errors of the truth make, and what a model does that
 * leans on the mean of its training stars.
 *
 * @param residuals Of each label (n), predicted − true in its unit, NaN where missing.
 * @param groups (n) star of each row.
 * @returns label by label, variable by variable; those with fewer than ten stars are left out.
 * Cost: n log n times labels times variables.
 */
export function residualTrends(
  residuals: readonly { readonly label: LabelInfo; readonly residual: Float64Array }[],
  variables: readonly Variable[],
  groups: readonly string[],
  options: TrendOptions,
): Trend[] {
  const stars = groupRows(groups)
  const found = residuals.flatMap(({ label, residual }) =>
    variables.flatMap((variable) => {
      const trend = findTrend(label, residual, variable, stars, options.random)
      return trend === undefined ? [] : [{ trend, label, variable }]
    }),
  )
  // Holm 1979: the smallest p-value is held against α / m, the next against α / (m - 1), until one fails.
  const order = found.map((_, i) => i).sort((a, b) => found[a].trend.p - found[b].trend.p)
  const firstFailure = order.findIndex(
    (i, rank) => !(found[i].trend.p <= (options.significance ?? 0.05) / (order.length - rank)),
  )
  const significant = new Set(firstFailure < 0 ? order : order.slice(0, firstFailure))
  return found.map(({ trend, label, variable }, i) => {
    const size = Math.abs(trend.change_in_scatter ?? 0)
    const verdict = !significant.has(i) ? 'none' : size < SLIGHT ? 'slight' : size < CLEAR ? 'clear' : 'strong'
    return { ...trend, verdict, text: inWords(trend, verdict, label, variable) }
  })
}

function findTrend(
  label: LabelInfo,
  residual: Float64Array,
  variable: Variable,
  stars: readonly (readonly number[])[],
  random: RandomStream,
): Omit<Trend, 'verdict' | 'text'> | undefined {
  const xs: number[] = []
  const ys: number[] = []
  for (const rows of stars) {
    let x = 0
    let y = 0
    let n = 0
    for (const row of rows) {
      const value = variable.log ? Math.log10(variable.values[row]) : variable.values[row]
      if (!Number.isFinite(value) || !Number.isFinite(residual[row])) continue
      x += value
      y += residual[row]
      n++
    }
    if (n > 0) {
      xs.push(x / n)
      ys.push(y / n)
    }
  }
  if (xs.length < 10) return undefined
  const x = Float64Array.from(xs)
  const y = Float64Array.from(ys)
  const { slope, low, high, p } = theilSen(x, y, 0.95, random)
  const sorted = x.slice().sort()
  const change = slope * (quantileSorted(sorted, 0.95) - quantileSorted(sorted, 0.05))
  return {
    label: label.name,
    against: variable.name,
    stars: x.length,
    slope: orNull(slope),
    slope_low: orNull(low),
    slope_high: orNull(high),
    log: variable.log,
    p,
    change: orNull(change),
    change_in_scatter: orNull(change / scaledMadInPlace(y.slice())),
    running: runningMedians(x, y, variable.log),
  }
}

function runningMedians(x: Float64Array, y: Float64Array, log: boolean): RunningMedian[] {
  const count = Math.min(MOST_BINS, Math.floor(x.length / STARS_IN_BIN))
  if (count < 2) return []
  const value = (t: number): number => (log ? 10 ** t : t)
  return equalCountBins(x, count).map(({ from, to, rows }) => {
    const inBin = Float64Array.from(rows, (row) => y[row]).sort()
    const [low, high] = medianInterval(inBin, 0.68)
    return {
      centre: value(medianInPlace(Float64Array.from(rows, (row) => x[row]))),
      from: value(from),
      to: value(to),
      stars: rows.length,
      median: quantileSorted(inBin, 0.5),
      low,
      high,
    }
  })
}

function inWords(
  trend: Omit<Trend, 'verdict' | 'text'>,
  verdict: Trend['verdict'],
  label: LabelInfo,
  variable: Variable,
): string {
  if (verdict === 'none')
    return `${label.symbol}: no trend with ${variable.title} that ${trend.stars} stars can show (${pText(trend.p)})`
  const change = trend.change ?? 0
  return (
    `${label.symbol}: ${verdict} trend with ${variable.title}, residuals ${change > 0 ? 'rise' : 'fall'} by ` +
    `${quantityText(Math.abs(change), label.unit)} over 90 % of the stars, ` +
    `${Math.abs(trend.change_in_scatter ?? 0).toFixed(1)} of the scatter (${pText(trend.p)})`
  )
}
