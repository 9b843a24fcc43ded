/** Share of normal errors within one standard deviation. */
const ONE_SIGMA = 0.6826894921370859

/**
 * The standard deviation f that has to be added in quadrature to formal errors so that residuals of stars that the
 * model has not seen fall within one error 68.3 % of the time: |r| ≤ √(formal² + truth² + f²).
 *
 * Formal errors know the noise of the pixels, not that the polynomial, the training labels and the continuum are
 * imperfect; residuals of held-out stars do.
 *
 * @param residual (n) predicted minus true; NaN is left out. @param formal2 (n) formal variances.
 * @param truth2 (n) variances of the true labels; NaN where unknown.
 * @returns 0 when the formal errors are large enough. Cost: n log n.
 */
export function errorFloor(residual: Float64Array, formal2: Float64Array, truth2: Float64Array): number {
  // Each star is covered from some f² on: the quantile of those thresholds is the answer, with no search.
  const needed: number[] = []
  for (let i = 0; i < residual.length; i++) {
    const threshold = residual[i] ** 2 - formal2[i] - (truth2[i] > 0 ? truth2[i] : 0)
    if (!Number.isNaN(threshold)) needed.push(threshold)
  }
  if (needed.length === 0) return 0
  needed.sort((a, b) => a - b)
  const at = ONE_SIGMA * (needed.length - 1)
  const low = Math.floor(at)
  const value = needed[low] + (at - low) * ((needed[low + 1] ?? needed[low]) - needed[low])
  return Math.sqrt(Math.max(0, value))
}
