import type { Interval } from '../bootstrap.js'
import { normalQuantile } from '../normal-quantile.js'
import { quantileSorted } from '../order-statistics.js'

/**
 * Interval of a median whatever the distribution: the number of values below the true median is binomial, so its ends
 * are the order statistics √n/2 standard deviations from the middle, by the normal approximation (David & Nagaraja 2003,
 * section 7.1). It is what a bootstrap of the median tends to, without drawing.
 *
 * @param sorted (n) ascending, no NaN; from 20 on the approximation is good to a few per cent.
 * @param level such as 0.68. @returns NaN for no values.
 */
export function medianInterval(sorted: Float64Array, level: number): Interval {
  const n = sorted.length
  const half = (normalQuantile((1 + level) / 2) * Math.sqrt(n)) / 2 / Math.max(1, n - 1)
  return [quantileSorted(sorted, Math.max(0, 0.5 - half)), quantileSorted(sorted, Math.min(1, 0.5 + half))]
}
