import { quantileSorted } from '@astrolabel/metrics'

/** Both ends of an axis; descending where the axis is reversed. */
export type Domain = readonly [number, number]

/** Finite values, ascending. */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort()
}

/** The range of finite values, widened by `padding` of itself at both ends; never empty. */
export function paddedExtent(values: ArrayLike<number>, padding = 0.04): Domain {
  const sorted = sortedFinite(values)
  if (sorted.length === 0) return [0, 1]
  return widen(sorted[0]!, sorted[sorted.length - 1]!, padding)
}

/**
 * A range that a few outliers cannot stretch: without the share `lowTail` of the lowest and `highTail` of the highest
 * values, widened by `padding`, and no wider than all values.
 */
export function robustExtent(values: ArrayLike<number>, lowTail: number, highTail: number, padding: number): Domain {
  const sorted = sortedFinite(values)
  if (sorted.length === 0) return [0, 1]
  const [low, high] = widen(quantileSorted(sorted, lowTail), quantileSorted(sorted, 1 - highTail), padding)
  const all = widen(sorted[0]!, sorted[sorted.length - 1]!, 0.04)
  return [Math.max(low, all[0]), Math.min(high, all[1])]
}

/** ± the same: room for all values but outliers beyond five robust standard deviations. */
export function symmetricDomain(values: ArrayLike<number>): Domain {
  const sizes = sortedFinite(Array.from(values, Math.abs))
  if (sizes.length === 0) return [-1, 1]
  const largest = sizes[sizes.length - 1]!
  const limit = Math.min(
    1.1 * largest,
    Math.max(5 * 1.4826 * quantileSorted(sizes, 0.5), 1.1 * quantileSorted(sizes, 0.95)),
  )
  return limit > 1e-100 ? [-limit, limit] : [-1, 1]
}

function widen(low: number, high: number, padding: number): Domain {
  const span = high - low
  // All values the same, as far as doubles can tell: a range in which a tick or two can stand.
  const room =
    span > 1e-9 * Math.max(Math.abs(low), Math.abs(high)) && span > 1e-100
      ? span * padding
      : Math.max(Math.abs(low) * 0.01, 0.5)
  return [low - room, high + room]
}
