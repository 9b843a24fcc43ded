import { InferenceError } from './inference-error.js'
import { levenbergMarquardt, type LmOptions, type LmResult } from './levenberg-marquardt.js'
import type { QuadraticCost } from './quadratic-cost.js'

/** The best of several fits. */
export interface MultiStartResult extends LmResult {
  /** How many starts there were. */
  readonly starts: number
  /** How many of them reached the best solution: the same chi2, or the same place. At least 1. */
  readonly agreeing: number
}

/** Two chi2 closer than this part of them are one minimum. */
const SAME_CHI2 = 1e-6
/** Two solutions closer than this part of the standard error in every parameter are one place. */
const SAME_PLACE = 1e-3

/**
 * Fits from several starts and returns the solution with the lowest chi2 (the earliest of equals), and how many starts
 * reached it. One start that disagrees with the others tells of a second minimum.
 *
 * @param starts (S) of (P) parameters each
 * @throws InferenceError when there is no start, and as levenbergMarquardt does
 */
export function multiStart(
  cost: QuadraticCost,
  starts: readonly Float64Array[],
  options: LmOptions = {},
): MultiStartResult {
  const fits = starts.map((start) => levenbergMarquardt(cost, start, options))
  const [first] = fits
  if (!first) {
    throw new InferenceError('shape-mismatch', 'A fit needs a place to start', {
      got: '0 starts',
      expected: 'at least 1',
    })
  }
  let best = first
  for (const fit of fits) if (isBetter(fit, best)) best = fit
  const agreeing = fits.filter((fit) => fit === best || isSame(fit, best)).length
  return { ...best, starts: starts.length, agreeing }
}

function isBetter(fit: LmResult, best: LmResult): boolean {
  if (!Number.isFinite(fit.chi2)) return false
  if (!Number.isFinite(best.chi2)) return true
  return fit.chi2 < best.chi2
}

function isSame(fit: LmResult, best: LmResult): boolean {
  if (Math.abs(fit.chi2 - best.chi2) <= SAME_CHI2 * best.chi2) return true
  return fit.params.every((value, i) => {
    const error = Math.sqrt(best.covariance[i * (best.params.length + 1)]!)
    return Math.abs(value - best.params[i]!) <= SAME_PLACE * error
  })
}
