/** Part of a normal distribution within one standard deviation. */
const WITHIN_ONE = 0.6827

/**
 * The value that 68.27 % of non-negative scores do not exceed: with m of them the ⌈0.6827 (m + 1)⌉-th, as split-conformal
 * intervals take it (Lei et al. 2018), so that a new one falls below it at least as often.
 */
export function quantile68(scores: Float64Array): number {
  const sorted = scores.slice().sort()
  return sorted[Math.min(sorted.length, Math.ceil(WITHIN_ONE * (sorted.length + 1))) - 1]!
}
