/** A weighted sum of squares and its Gauss-Newton expansion. */
export interface QuadraticCost {
  /** Number of parameters P. */
  readonly size: number
  /**
   * Evaluates the cost at `params` (P, not to be changed).
   *
   * @param gradient (P) written: d(chi2 / 2) / d(params), that is -J^T W r for residuals r = y - f(params)
   * @param curvature (P x P) written, row-major and symmetric: the Gauss-Newton curvature J^T W J
   * @returns chi2; anything not finite says that the model cannot be evaluated there, and the step is taken back
   */
  evaluate(params: Float64Array, gradient: Float64Array, curvature: Float64Array): number
  /** chi2 alone, where that is cheaper; used to probe after a step was taken back. */
  cost?(params: Float64Array): number
}
