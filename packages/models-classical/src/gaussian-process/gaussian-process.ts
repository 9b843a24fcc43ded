import type { Predictions } from '../training-data.js'
import type { GpHyperparameters } from './hyperparameters.js'
import type { StationaryKernel } from './stationary.js'

/** What a process has learnt of one label. */
export interface LabelProcess {
  readonly hyperparameters: GpHyperparameters
  /** Mean and standard deviation that the label was scaled by. */
  readonly mean: number
  readonly deviation: number
  /** (rows) which training rows have the label. */
  readonly rows: Int32Array
  /** (rows) variance of the noise of each, in the scaled label. */
  readonly noise: Float64Array
  /** (rows) K⁻¹ y. */
  readonly weights: Float64Array
  /** Variance of the noise that a new star's label is predicted with, in the scaled label. */
  readonly spread: number
  /** Factor on predictive errors, after which 68 % of the left-out training labels lie within one. */
  readonly calibration: number
  readonly logLikelihood: number
  /** False when the search for hyperparameters ran out of steps; true when it did not search. */
  readonly converged: boolean
}

/** Gaussian processes, one a label, on the same features. */
export interface GaussianProcess {
  readonly kernel: StationaryKernel
  readonly width: number
  readonly labels: number
  readonly n: number
  /** (n × width) training features. */
  readonly x: Float32Array
  /** (width) their mean, which the linear term starts from. */
  readonly mean: Float64Array
  readonly processes: readonly LabelProcess[]
  /** (n × L) what each training star would be given by the others, at these hyperparameters; NaN where missing. */
  readonly leftOut: Predictions
}

/** Chosen rows less the mean, in double precision, (rows × width). */
export function centredRows(x: Float32Array, width: number, mean: Float64Array, rows: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rows.length * width)
  for (let i = 0; i < rows.length; i++)
    for (let d = 0; d < width; d++) out[i * width + d] = x[rows[i]! * width + d]! - mean[d]!
  return out
}
