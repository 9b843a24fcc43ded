import { isHeld, sideOf, type Box } from './box.js'
import type { LmWorkspace } from './lm-workspace.js'
import { factorScaled, solveFactored } from './scaled-cholesky.js'

/** Added to the unit diagonal of a degenerate curvature, so that its inverse exists and what is not determined gets a huge variance. */
const RIDGE = 1e-12

/** The covariance of a solution. */
export interface Covariance {
  /** (P x P) row-major. */
  readonly covariance: Float64Array
  /** (P) 1 for a free parameter on one of its bounds. */
  readonly atBound: Uint8Array
  /** Whether the data leave a free parameter, or a combination of some, undetermined. */
  readonly degenerate: boolean
}

/**
 * Inverse of the curvature over the parameters that are neither fixed nor on a bound; rows and columns of the others are 0.
 *
 * When the curvature is degenerate, the inverse of its ridge-regularised form is given: right for what the data determine, and about
 * 1e12 times the variance that it would have alone for what they do not. A parameter without any effect has variance Infinity.
 */
export function covarianceAt(
  params: Float64Array,
  curvature: Float64Array,
  box: Box,
  workspace: LmWorkspace,
): Covariance {
  const { factor, scale, solution, free } = workspace
  const size = params.length
  const covariance = new Float64Array(size * size)
  const atBound = new Uint8Array(size)
  let nFree = 0
  let degenerate = false
  for (let i = 0; i < size; i++) {
    if (isHeld(box, i)) continue
    if (sideOf(box, params, i) !== 0) atBound[i] = 1
    else if (curvature[i * (size + 1)]! > 0) free[nFree++] = i
    else {
      degenerate = true
      covariance[i * (size + 1)] = Infinity
    }
  }
  for (let ridge = 0; !factorScaled(curvature, size, free, nFree, ridge, factor, scale);) {
    degenerate = true
    ridge = Math.max(RIDGE, 10 * ridge)
  }
  for (let k = 0; k < nFree; k++) {
    solution.fill(0, 0, nFree)
    solution[k] = scale[k]!
    solveFactored(factor, nFree, solution)
    for (let l = 0; l <= k; l++) {
      const value = solution[l]! * scale[l]!
      covariance[free[k]! * size + free[l]!] = value
      covariance[free[l]! * size + free[k]!] = value
    }
  }
  return { covariance, atBound, degenerate }
}
