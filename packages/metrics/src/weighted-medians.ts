import { MAD_TO_SIGMA } from './order-statistics.js'

/**
 * 1.4826 × MAD of values that count several times each, without sorting: what a bootstrap takes thousands of times from
 * values that are sorted once.
 *
 * @param sorted (n) ascending, no NaN. @param counts (n) how often each counts, 0 or more. @param total Their sum.
 * @returns the same as of the values written out; NaN when `total` is 0. Cost: n.
 */
export function countedScaledMad(sorted: Float64Array, counts: Int32Array, total: number): number {
  if (total === 0) return Number.NaN
  // Of an even number of values the mean of the two in the middle.
  const lower = (total - 1) >> 1
  const upper = total >> 1
  let seen = 0
  let at = 0
  while (seen + counts[at] <= lower) seen += counts[at++]
  let above = at
  for (let passed = seen; passed + counts[above] <= upper;) passed += counts[above++]
  const median = (sorted[at] + sorted[above]) / 2
  // Outwards from the median, nearest first.
  let left = at
  let right = at + 1
  if (sorted[at] > median) {
    left = at - 1
    right = at
  }
  let low = Number.NaN
  for (let passed = 0; ;) {
    const below = left >= 0 ? median - sorted[left] : Infinity
    const beyond = right < sorted.length ? sorted[right] - median : Infinity
    const distance = below <= beyond ? below : beyond
    passed += below <= beyond ? counts[left--] : counts[right++]
    if (Number.isNaN(low) && passed > lower) low = distance
    if (passed > upper) return (MAD_TO_SIGMA * (low + distance)) / 2
  }
}
