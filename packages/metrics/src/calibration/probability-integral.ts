import { normalCdf } from '../normal-distribution.js'

/**
 * Probability integral transform of pulls: where the truth falls in the predicted normal distribution, Φ(-z) with
 * z = (predicted − true) / error. Uniform on [0, 1] when the errors are right (Dawid 1984).
 *
 * @param pull (n), see `pulls`; NaN is left out.
 */
export function pitValues(pull: Float64Array): Float64Array {
  return pull.filter((z) => !Number.isNaN(z)).map((z) => normalCdf(-z))
}

/**
 * Counts of PIT values in `bins` equal bins: flat when errors are right, a valley when they are too small, a hill when
 * too large, a slope when the labels are biased.
 */
export function pitHistogram(pit: Float64Array, bins = 10): Int32Array {
  const counts = new Int32Array(bins)
  for (const value of pit) counts[Math.min(bins - 1, Math.floor(value * bins))]++
  return counts
}
