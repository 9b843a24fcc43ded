/**
 * A pivot of the curvature scaled to a unit diagonal below which parameters count as degenerate: the residual variance 1 - R^2
 * of one parameter's effect given the others'. Sums over some thousand pixels round to about 1e-13.
 */
const DEGENERATE_PIVOT = 1e-13

/**
 * Factors D^-1/2 H D^-1/2 + damping I = L L^T, D = diag(H), for the parameters in `free`. Scaled so, neither the
 * factor nor the test for degeneracy depends on the units of the parameters.
 *
 * @param curvature (P x P) row-major H, diagonal positive for the parameters in `free`
 * @param free indices of the parameters that take part, the first `nFree` count
 * @param factor (P x P) written: the lower triangle L, row-major with stride nFree
 * @param scale (P) written: 1 / sqrt(H_ii) of each free parameter, in the order of `free`
 * @returns false when a pivot is degenerate; `factor` is of no use then
 */
export function factorScaled(
  curvature: Float64Array,
  size: number,
  free: Int32Array,
  nFree: number,
  damping: number,
  factor: Float64Array,
  scale: Float64Array,
): boolean {
  for (let i = 0; i < nFree; i++) scale[i] = 1 / Math.sqrt(curvature[free[i]! * (size + 1)]!)
  for (let i = 0; i < nFree; i++) {
    const from = size * free[i]!
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 + damping : curvature[from + free[j]!]! * scale[i]! * scale[j]!
      for (let k = 0; k < j; k++) sum -= factor[i * nFree + k]! * factor[j * nFree + k]!
      if (i !== j) {
        factor[i * nFree + j] = sum / factor[j * nFree + j]!
      } else if (sum > DEGENERATE_PIVOT) {
        factor[i * nFree + i] = Math.sqrt(sum)
      } else {
        return false
      }
    }
  }
  return true
}

/** Solves L L^T v = v in place, for a factor of {@link factorScaled}. */
export function solveFactored(factor: Float64Array, nFree: number, v: Float64Array): void {
  for (let i = 0; i < nFree; i++) {
    let sum = v[i]!
    for (let k = 0; k < i; k++) sum -= factor[i * nFree + k]! * v[k]!
    v[i] = sum / factor[i * nFree + i]!
  }
  for (let i = nFree - 1; i >= 0; i--) {
    let sum = v[i]!
    for (let k = i + 1; k < nFree; k++) sum -= factor[k * nFree + i]! * v[k]!
    v[i] = sum / factor[i * nFree + i]!
  }
}
