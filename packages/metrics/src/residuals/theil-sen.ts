import type { RandomStream } from '@astrolabel/spectra'
import { normalQuantile } from '../normal-quantile.js'
import { medianInPlace, selectInPlace } from '../order-statistics.js'
import { kendallTest, rankVariance, tieSizes } from './kendall.js'

/** A robust line and how sure its slope is. */
export interface TheilSenFit {
  /** Median of the slopes between pairs, in units of y per unit of x; NaN when x has fewer than two values. */
  readonly slope: number
  /** Median y minus slope × median x. */
  readonly intercept: number
  /** Ends of the interval of the slope. */
  readonly low: number
  readonly high: number
  /** Two-sided p-value of slope 0, by Kendall's test. */
  readonly p: number
}

/** Slopes of all pairs up to this many; beyond, of as many pairs drawn at random, whose quantiles are as good. */
const MOST_PAIRS = 200_000

/**
 * The Theil–Sen line of y on x: nearly as precise as least squares for normal errors and untouched by up to 29 % of
 * outliers (Sen 1968).
 *
 * @param x (n) @param y (n), no NaN. @param level of the interval, such as 0.95.
 * @param random draws pairs when there are more than 200 000. Cost: n² up to 632 values, then n log n and 200 000.
 */
export function theilSen(x: Float64Array, y: Float64Array, level: number, random: RandomStream): TheilSenFit {
  const n = x.length
  const slopes = pairSlopes(x, y, random)
  const slope = medianInPlace(slopes)
  const sortedX = x.slice().sort()
  const sortedY = y.slice().sort()
  const tiesX = tieSizes(n, (i) => sortedX[i] === sortedX[i - 1])
  const tiesY = tieSizes(n, (i) => sortedY[i] === sortedY[i - 1])
  // In ranks of the slopes of all pairs with different x; with drawn pairs the same share of them.
  const all = tiesX.reduce((left, t) => left - (t * (t - 1)) / 2, (n * (n - 1)) / 2)
  const halfWidth =
    (normalQuantile((1 + level) / 2) * Math.sqrt(rankVariance(n, tiesX, tiesY)) * slopes.length) / (2 * all)
  const at = (rank: number): number =>
    slopes.length === 0 ? Number.NaN : selectInPlace(slopes, Math.min(slopes.length - 1, Math.max(0, Math.round(rank))))
  return {
    slope,
    intercept: medianInPlace(sortedY, n) - slope * medianInPlace(sortedX, n),
    low: at(slopes.length / 2 - halfWidth - 1),
    high: at(slopes.length / 2 + halfWidth),
    p: kendallTest(x, y).p,
  }
}

function pairSlopes(x: Float64Array, y: Float64Array, random: RandomStream): Float64Array {
  const n = x.length
  const all = (n * (n - 1)) / 2
  const slopes = new Float64Array(Math.min(all, MOST_PAIRS))
  let count = 0
  const add = (i: number, j: number): void => {
    if (x[i] !== x[j]) slopes[count++] = (y[j] - y[i]) / (x[j] - x[i])
  }
  if (all <= MOST_PAIRS) for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) add(i, j)
  else
    for (let k = 0; k < MOST_PAIRS; k++) {
      const pair = random.integer(n * n)
      const j = Math.floor(pair / n)
      add(pair - n * j, j)
    }
  return slopes.subarray(0, count)
}
