import { quantileSorted } from '../order-statistics.js'

/** Part of the known values that the tail is fitted to. */
const TAIL = 0.1

/** How unusual a value is among known ones: their ranks, and beyond a tenth of them an exponential tail. */
export interface TailScale {
  /** Known values, ascending. */
  readonly sorted: Float64Array
  readonly from: number
  /** Mean excess over `from` of the values above it; 0 when none is. */
  readonly scale: number
}

/** @param values One or more, no NaN. */
export function tailScale(values: Float64Array): TailScale {
  const sorted = values.slice().sort()
  const from = quantileSorted(sorted, 1 - TAIL)
  let sum = 0
  let count = 0
  for (const value of sorted)
    if (value > from) {
      sum += value - from
      count++
    }
  return { sorted, from, scale: count > 0 ? sum / count : 0 }
}

/**
 * Probability that a known star has a value as large or larger. Ranks alone could not say how unusual the most unusual
 * ones are: 1 / (n + 1) is the least they know, so the tail goes on as the exponential that fits its last tenth.
 */
export function tailProbability({ sorted, from, scale }: TailScale, value: number): number {
  let low = 0
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  const rank = (1 + sorted.length - low) / (1 + sorted.length)
  if (value <= from || scale === 0) return Math.min(1, rank)
  let above = sorted.length
  while (above > 0 && sorted[above - 1] > from) above--
  return ((sorted.length - above) / sorted.length) * Math.exp((from - value) / scale)
}
