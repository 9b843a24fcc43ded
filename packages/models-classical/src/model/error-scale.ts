const ONE_SIGMA = 0.6826894921370859
/** A factor below this would claim that errors are known ten times better than the residuals can show. */
const LEAST = 0.1

/** What makes the errors of a label cover its residuals: a factor of the estimator's own, or where it has none, an error. */
export interface ErrorScale {
  readonly factor: number
  readonly constant: number
}

/**
 * The factor s of errors with which residuals of stars that the model has not seen fall within one error 68.3 % of the
 * time: |r| ≤ √(s² σ² + truth²). Where the model gives no σ, the error itself.
 *
 * @param residual (n) predicted minus true; NaN is left out. @param sigma (n) errors; NaN where there are none.
 * @param truth (n) errors of the true labels; NaN where unknown.
 */
export function errorScale(residual: Float64Array, sigma: Float64Array, truth: Float64Array): ErrorScale {
  const known = sigma.some((error) => error > 0)
  const needed: number[] = []
  for (let i = 0; i < residual.length; i++) {
    const beyond = residual[i]! ** 2 - (truth[i]! > 0 ? truth[i]! ** 2 : 0)
    const square = known ? beyond / sigma[i]! ** 2 : beyond
    if (!Number.isNaN(square)) needed.push(square)
  }
  if (needed.length === 0) return { factor: 1, constant: Number.NaN }
  needed.sort((a, b) => a - b)
  const square = needed[Math.round(ONE_SIGMA * (needed.length - 1))]!
  return known
    ? { factor: Math.sqrt(Math.max(square, LEAST ** 2)), constant: Number.NaN }
    : { factor: 1, constant: Math.sqrt(Math.max(square, 0)) }
}
