import { InferenceError } from './inference-error.js'
import type { QuadraticCost } from './quadratic-cost.js'

/** A model, its derivatives and the data to fit it to. */
export interface ResidualModel {
  /** Number of data points N. */
  readonly nData: number
  /** Number of parameters P. */
  readonly nParams: number
  /** Writes f(params), (N), to `out`. */
  model(params: Float64Array, out: Float64Array): void
  /** Writes d f / d params, (N x P) row-major, to `out`. */
  jacobian(params: Float64Array, out: Float64Array): void
  /** (N) data. */
  readonly y: Float64Array | Float32Array
  /** (N) inverse variances; a point with 0 is left out, whatever its value. */
  readonly ivar: Float64Array | Float32Array
}

/**
 * The cost sum ivar (y - f(params))^2 of a model with a Jacobian. Holds one model and one Jacobian in memory, 8 N (P + 1)
 * bytes, which every evaluation overwrites; an evaluation costs O(N P^2).
 *
 * @throws InferenceError for data of another length than nData, an ivar that is negative or not finite, or a value that is not finite
 * where ivar > 0
 */
export function residualCost(residual: ResidualModel): QuadraticCost {
  const { nData, nParams, y, ivar } = residual
  checkData(nData, y, ivar)
  const model = new Float64Array(nData)
  const jacobian = new Float64Array(nData * nParams)

  const cost = (params: Float64Array): number => {
    residual.model(params, model)
    let chi2 = 0
    for (let i = 0; i < nData; i++) if (ivar[i]! > 0) chi2 += ivar[i]! * (y[i]! - model[i]!) ** 2
    return chi2
  }

  const evaluate = (params: Float64Array, gradient: Float64Array, curvature: Float64Array): number => {
    const chi2 = cost(params)
    residual.jacobian(params, jacobian)
    gradient.fill(0)
    curvature.fill(0)
    for (let i = 0; i < nData; i++) {
      const weight = ivar[i]!
      if (!(weight > 0)) continue
      const pull = weight * (y[i]! - model[i]!)
      const row = i * nParams
      for (let p = 0; p < nParams; p++) {
        const slope = jacobian[row + p]!
        gradient[p]! -= pull * slope
        const weighted = weight * slope
        for (let q = 0; q <= p; q++) curvature[p * nParams + q]! += weighted * jacobian[row + q]!
      }
    }
    for (let p = 0; p < nParams; p++) {
      for (let q = 0; q < p; q++) curvature[q * nParams + p] = curvature[p * nParams + q]!
    }
    return chi2
  }
  return { size: nParams, evaluate, cost }
}

function checkData(nData: number, y: Float64Array | Float32Array, ivar: Float64Array | Float32Array): void {
  if (y.length !== nData || ivar.length !== nData) {
    throw new InferenceError('shape-mismatch', 'y and ivar need one value for each data point', {
      got: `${y.length} and ${ivar.length}`,
      expected: String(nData),
    })
  }
  for (let i = 0; i < nData; i++) {
    const weight = ivar[i]!
    if (!(weight >= 0 && weight < Infinity)) {
      throw new InferenceError('negative-ivar', `The inverse variance of data point ${i} is not one`, {
        got: String(weight),
        expected: 'a finite number, 0 for a bad point',
      })
    }
    if (weight > 0 && !Number.isFinite(y[i]!)) {
      throw new InferenceError('not-finite', `Data point ${i} is not a number, yet it has weight`, {
        got: `y ${y[i]} with ivar ${weight}`,
        remedy: 'Set ivar to 0 where the data are bad.',
      })
    }
  }
}
