import { InferenceError } from './inference-error.js'
import type { ResidualModel } from './residual-cost.js'

/** How a Jacobian compares with differences of the model. */
export interface JacobianCheck {
  /** Largest |analytic - numeric| of any entry, relative to the largest entry of its column; Infinity where one of them is not finite. */
  readonly maxRelativeError: number
  /** Where it is, and the two values there. */
  readonly worst: {
    readonly data: number
    readonly param: number
    readonly analytic: number
    readonly numeric: number
  }
}

/** Step relative to max(|p|, 1): eps^(1/5) balances rounding, eps / h, against the truncation of the formula, h^4. */
const RELATIVE_STEP = Number.EPSILON ** 0.2

/**
 * Compares a Jacobian with central differences of fourth order, f' = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h. A right Jacobian of a smooth
 * model in well-scaled parameters comes out below 1e-8. Four models and O(N) memory a parameter.
 *
 * @param residual the model; its data are not looked at
 * @param params (P) where to compare
 * @param steps (P) step of each parameter in its own unit (default 7e-4 max(|p|, 1))
 * @throws InferenceError for wrong lengths
 */
export function checkJacobian(
  residual: Pick<ResidualModel, 'nData' | 'nParams' | 'model' | 'jacobian'>,
  params: Float64Array,
  steps?: Float64Array,
): JacobianCheck {
  const { nData, nParams } = residual
  if (params.length !== nParams || (steps && steps.length !== nParams)) {
    throw new InferenceError('shape-mismatch', 'Parameters and steps need one value for each parameter', {
      got: `${params.length} parameters${steps ? ` and ${steps.length} steps` : ''}`,
      expected: String(nParams),
    })
  }
  const jacobian = new Float64Array(nData * nParams)
  residual.jacobian(params, jacobian)
  const moved = Float64Array.from(params)
  const model = new Float64Array(nData)
  const numeric = new Float64Array(nData)
  let worst = { data: 0, param: 0, analytic: jacobian[0] ?? 0, numeric: jacobian[0] ?? 0 }
  let maxRelativeError = 0
  for (let p = 0; p < nParams; p++) {
    const wanted = steps?.[p] ?? RELATIVE_STEP * Math.max(Math.abs(params[p]!), 1)
    // The step that floating point really takes.
    const step = params[p]! + wanted - params[p]!
    numeric.fill(0)
    for (const [multiple, weight] of STENCIL) {
      moved[p] = params[p]! + multiple * step
      residual.model(moved, model)
      for (let i = 0; i < nData; i++) numeric[i]! += (weight * model[i]!) / (12 * step)
    }
    moved[p] = params[p]!

    let largest = 0
    for (let i = 0; i < nData; i++) {
      const entry = Math.max(Math.abs(jacobian[i * nParams + p]!), Math.abs(numeric[i]!))
      if (entry > largest) largest = entry
    }
    for (let i = 0; i < nData; i++) {
      const analytic = jacobian[i * nParams + p]!
      const difference = Math.abs(analytic - numeric[i]!)
      const error = Number.isNaN(difference) ? Infinity : difference === 0 ? 0 : difference / largest
      if (error <= maxRelativeError) continue
      maxRelativeError = error
      worst = { data: i, param: p, analytic, numeric: numeric[i]! }
    }
  }
  return { maxRelativeError, worst }
}

const STENCIL: readonly (readonly [number, number])[] = [
  [-2, 1],
  [-1, -8],
  [1, 8],
  [2, -1],
]
