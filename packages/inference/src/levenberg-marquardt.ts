import { boundedStep, markMoving } from './bounded-step.js'
import { checkStart, type Box } from './box.js'
import { covarianceAt } from './covariance.js'
import { InferenceError } from './inference-error.js'
import { returnWorkspace, takeWorkspace, type LmWorkspace } from './lm-workspace.js'
import type { QuadraticCost } from './quadratic-cost.js'

/** How to fit. Lengths are P, the number of parameters. */
export interface LmOptions {
  /** Steps to try at most, those taken back included (default 100). */
  readonly maxIterations?: number
  /**
   * When to stop (default 1e-8), relative in each of three ways, as in MINPACK: the cosine between residuals and the effect of any
   * parameter (gradient), the step against the parameters, both in units of 1 / sqrt(curvature) (step), or the drop of chi2, promised and
   * found, against chi2 (chi2).
   */
  readonly tolerance?: number
  /** (P) smallest allowed values (default none). */
  readonly lower?: Float64Array
  /** (P) largest allowed values (default none). */
  readonly upper?: Float64Array
  /** (P) 1 for a parameter that keeps its start (default none). */
  readonly fixed?: Uint8Array
  /** Damping of the first step in units of the curvature's diagonal (default 0: a Gauss-Newton step, exact for a linear model). */
  readonly damping?: number
}

/**
 * Why a fit ended. The first three are convergence; `iterations` ran out; `stalled`: no step lowers a cost that its gradient says can be
 * lowered; `rank-deficient`: a minimum was reached, but the data do not determine every free parameter; `not-finite`: the cost is
 * not finite at the start.
 */
export type LmReason = 'gradient' | 'step' | 'chi2' | 'iterations' | 'stalled' | 'rank-deficient' | 'not-finite'

/** A solution. */
export interface LmResult {
  /** (P) the parameters with the lowest chi2 that was found. */
  readonly params: Float64Array
  /** chi2 there. */
  readonly chi2: number
  /**
   * (P x P) row-major inverse of the curvature there, the covariance when the weights are inverse variances. Zero for fixed parameters and
   * those on a bound; see `reason` for `rank-deficient`, where variances are huge or Infinity; all NaN for `not-finite`.
   */
  readonly covariance: Float64Array
  /** Steps tried. */
  readonly iterations: number
  readonly converged: boolean
  readonly reason: LmReason
  /** (P) 1 for a parameter on one of its bounds; 0 for one that is fixed, or whose bounds are equal. */
  readonly atBound: Uint8Array
}

/** Damping that a plain Gauss-Newton step gets when it fails, and that vanishes again below FORGOTTEN. */
const FIRST_DAMPING = 1e-3
const FORGOTTEN = 1e-6
/** Enough to make a degenerate curvature solvable, too little to shorten a step that the data determine. */
const DEGENERATE_DAMPING = 1e-8
/** Beyond this a step changes nothing in double precision. */
const LARGEST_DAMPING = 1e16
/** Part of the promised drop that a step must keep to be taken (MINPACK). */
const KEPT = 1e-4

/**
 * Minimises a weighted sum of squares by Levenberg-Marquardt in normal equations, (H + damping diag(H)) step = -gradient (Marquardt 1963),
 * inside bounds. The damping starts at 0, falls tenfold when a step keeps more than 3/4 of what it promised, doubles when it
 * keeps less than 1/4, and grows ever faster while steps fail (Nielsen 1999). Parameters on a bound that the cost presses
 * against leave the system; see boundedStep for steps that meet one. Results do not depend on the units of the parameters.
 *
 * A fit that fails says so in its result. Costs O(P^3) and one evaluation a step; nothing is allocated but the result.
 *
 * @param start (P) where to begin, inside the bounds; not changed
 * @throws InferenceError for wrong lengths, a start that is not finite or out of bounds, bounds in the wrong order, impossible options
 */
export function levenbergMarquardt(cost: QuadraticCost, start: Float64Array, options: LmOptions = {}): LmResult {
  const { maxIterations = 100, tolerance = 1e-8, damping = 0, lower, upper, fixed } = options
  const box: Box = { lower, upper, fixed }
  checkStart(start, cost.size, box)
  checkOption('maxIterations', maxIterations)
  checkOption('tolerance', tolerance)
  checkOption('damping', damping)
  const workspace = takeWorkspace(cost.size)
  try {
    return iterate(cost, start, box, maxIterations, tolerance, damping, workspace)
  } finally {
    returnWorkspace(cost.size, workspace)
  }
}

function iterate(
  cost: QuadraticCost,
  start: Float64Array,
  box: Box,
  maxIterations: number,
  tolerance: number,
  firstDamping: number,
  workspace: LmWorkspace,
): LmResult {
  const { trial, step, state } = workspace
  const params = Float64Array.from(start)
  let [gradient, trialGradient] = workspace.gradients
  let [curvature, trialCurvature] = workspace.curvatures
  let chi2 = cost.evaluate(params, gradient, curvature)
  if (!isUsable(chi2, gradient, curvature)) {
    const covariance = new Float64Array(cost.size ** 2).fill(NaN)
    const atBound = new Uint8Array(cost.size)
    return { params, chi2, covariance, iterations: 0, converged: false, reason: 'not-finite', atBound }
  }

  let damping = firstDamping
  let growth = 2
  let failed = false
  let iterations = 0
  let reason: LmReason = 'iterations'
  let slope = markMoving(params, gradient, curvature, chi2, box, state)
  for (;;) {
    if (slope <= tolerance) {
      reason = 'gradient'
      break
    }
    if (iterations >= maxIterations) break
    const promised = boundedStep(params, gradient, curvature, damping, box, workspace)
    if (Number.isNaN(promised)) {
      damping = Math.max(10 * damping, DEGENERATE_DAMPING)
      continue
    }
    iterations++
    const relativeStep = scaledLength(step, curvature) / scaledLength(params, curvature)
    let trialChi2 = NaN
    if (promised > 0) {
      // After a failure the next step may fail too: look at the cost alone before paying for its derivatives.
      if (failed && cost.cost) trialChi2 = cost.cost(trial)
      if (!(trialChi2 >= chi2)) trialChi2 = cost.evaluate(trial, trialGradient, trialCurvature)
    }
    const drop = chi2 - trialChi2
    const kept = drop / promised
    const flat = promised >= 0 && promised <= tolerance * chi2 && !(Math.abs(drop) > tolerance * chi2) && kept <= 2
    if (kept > KEPT && isUsable(trialChi2, trialGradient, trialCurvature)) {
      params.set(trial)
      chi2 = trialChi2
      const oldGradient = gradient
      const oldCurvature = curvature
      gradient = trialGradient
      curvature = trialCurvature
      trialGradient = oldGradient
      trialCurvature = oldCurvature
      slope = markMoving(params, gradient, curvature, chi2, box, state)
      failed = false
      growth = 2
      if (flat || relativeStep <= tolerance) {
        reason = flat ? 'chi2' : 'step'
        break
      }
      if (kept > 0.75) damping = damping < FORGOTTEN ? 0 : damping / 10
      else if (kept < 0.25) damping = Math.max(2 * damping, FIRST_DAMPING)
      continue
    }
    if (flat || relativeStep <= tolerance) {
      // Only damping made the step this small while the gradient (slope^2 is the drop it promises) asks for more: they disagree.
      const settled = damping < 1 || slope * slope <= tolerance
      reason = settled ? (flat ? 'chi2' : 'step') : 'stalled'
      break
    }
    if (damping > LARGEST_DAMPING) {
      reason = 'stalled'
      break
    }
    failed = true
    damping = Math.max(damping * growth, FIRST_DAMPING)
    growth *= 2
  }

  const { covariance, atBound, degenerate } = covarianceAt(params, curvature, box, workspace)
  const reached = reason === 'gradient' || reason === 'step' || reason === 'chi2'
  if (reached && degenerate) reason = 'rank-deficient'
  return { params, chi2, covariance, iterations, converged: reached && !degenerate, reason, atBound }
}

function checkOption(name: string, value: number): void {
  if (value >= 0) return
  throw new InferenceError('bad-option', `Option '${name}' is out of range`, {
    got: String(value),
    expected: 'at least 0',
  })
}

/** sqrt(v^T diag(H) v): a length that no unit changes. */
function scaledLength(v: Float64Array, curvature: Float64Array): number {
  let sum = 0
  for (let i = 0; i < v.length; i++) sum += v[i]! * v[i]! * curvature[i * (v.length + 1)]!
  return Math.sqrt(sum)
}

function isUsable(chi2: number, gradient: Float64Array, curvature: Float64Array): boolean {
  // Infinity - Infinity and NaN both make the sum NaN, and one Infinity makes it infinite.
  let sum = chi2
  for (let i = 0; i < gradient.length; i++) sum += Math.abs(gradient[i]!)
  for (let i = 0; i < curvature.length; i++) sum += Math.abs(curvature[i]!)
  return Number.isFinite(sum)
}
