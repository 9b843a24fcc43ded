/**
 * Residuals over their errors, z = (predicted − truth) / √(predictedError² + truthError²): standard normal when the
 * errors are right.
 *
 * @param predicted (n) in the label's unit.
 * @param predictedError (n) one standard deviation; NaN or 0 where unknown.
 * @param truthError (n) the same; where it is unknown the predicted error stands alone.
 * @returns (n); NaN where a value or the predicted error is missing.
 */
export function pulls(
  predicted: Float64Array,
  truth: Float64Array,
  predictedError: Float64Array,
  truthError?: Float64Array,
): Float64Array {
  return Float64Array.from(predicted, (value, i) => {
    const error = predictedError[i]
    const other = truthError === undefined || !(truthError[i] > 0) || truthError[i] === Infinity ? 0 : truthError[i]
    const z = error > 0 && error < Infinity ? (value - truth[i]) / Math.hypot(error, other) : Number.NaN
    return Number.isFinite(z) ? z : Number.NaN
  })
}
