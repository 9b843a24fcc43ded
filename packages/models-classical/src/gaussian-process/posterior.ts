import { choleskyFactor, choleskyFactorInverse, choleskyFactorSolve, gemmF64 } from '@astrolabel/kernels'
import { AstrolabelError } from '@astrolabel/spectra'
import type { GpHyperparameters } from './hyperparameters.js'
import type { GpRows } from './marginal-likelihood.js'
import { covariance, squaredLengths } from './pairs.js'
import { solveSmall } from '../linear/solve-small.js'
import type { StationaryKernel } from './stationary.js'

/** Residual of a row, and the variance of the function there, without noise. */
export interface RowPosterior {
  readonly residual: number
  readonly variance: number
}

/** A process that knows its training labels. */
export interface GpPosterior {
  /** (n) K⁻¹ y. */
  readonly weights: Float64Array
  /** (n) variance of the noise of each row. */
  readonly noise: Float64Array
  readonly logLikelihood: number
  /** The function and its variance at other rows (count × width). */
  predict(x: Float64Array, count: number): { readonly mean: Float64Array; readonly variance: Float64Array }
  /** What is left of each label, and the variance of the function, given all rows. */
  fitted(): readonly RowPosterior[]
  /**
   * What is left of each label, and the variance of the function, given the rows of other groups: in closed form from
   * K⁻¹ (Rasmussen & Williams 2006, equation 5.12; Ginsbourger & Schärer 2021 for groups).
   */
  leaveOut(groups: readonly Int32Array[]): { readonly residual: Float64Array; readonly variance: Float64Array }
}

/** @throws `gp/singular` when the covariance cannot be factorised. Cost: 4/3 n³. */
export function conditionOnRows(
  kernel: StationaryKernel,
  hyperparameters: GpHyperparameters,
  { n, width, x, y, known, noiseFactor }: GpRows,
): GpPosterior {
  const noise = noiseFactor.map((factor, i) => factor * hyperparameters.noise + known[i]!)
  const factor = factorOfRows(kernel, hyperparameters, x, n, width, noise)
  const weights = choleskyFactorSolve(n, 1, factor, y)
  let logLikelihood = -0.5 * n * Math.log(2 * Math.PI)
  for (let i = 0; i < n; i++) logLikelihood -= 0.5 * y[i]! * weights[i]! + Math.log(factor[i * n + i]!)
  let kept: Float64Array | undefined
  const inverse = (): Float64Array => (kept ??= choleskyFactorInverse(n, factor))
  return {
    weights,
    noise,
    logLikelihood,
    predict: (at, count) => {
      const cross = covariance(kernel, hyperparameters, x, n, at, count, width)
      return { mean: meanOf(weights, cross, count), variance: varianceOf(hyperparameters, factor, n, cross, at, count) }
    },
    fitted: () =>
      Array.from(noise, (variance, i) => ({
        residual: variance * weights[i]!,
        variance: Math.max(0, variance - variance ** 2 * inverse()[i * n + i]!),
      })),
    leaveOut: (groups) => {
      const residual = new Float64Array(n)
      const variance = new Float64Array(n)
      for (const group of groups) {
        const block = Float64Array.from({ length: group.length ** 2 }, (_, at) => {
          const [row, column] = [group[Math.floor(at / group.length)]!, group[at % group.length]!]
          return inverse()[row * n + column]!
        })
        const left = solveSmall(
          block,
          group.length,
          Float64Array.from(group, (row) => weights[row]!),
        )
        group.forEach((row, i) => {
          const unit = new Float64Array(group.length)
          unit[i] = 1
          residual[row] = left[i]!
          variance[row] = Math.max(0, solveSmall(block, group.length, unit)[i]! - noise[row]!)
        })
      }
      return { residual, variance }
    },
  }
}

/** The function at new rows from its covariance with the training rows (rows × count). */
export function meanOf(weights: Float64Array, cross: Float64Array, count: number): Float64Array {
  const out = new Float64Array(count)
  gemmF64(1, count, weights.length, weights, cross, out)
  return out
}

/** Variance of the function at new rows `x` (count × width), given the training rows. Cost: n² count. */
export function varianceOf(
  { variance, linear }: GpHyperparameters,
  factor: Float64Array,
  n: number,
  cross: Float64Array,
  x: Float64Array,
  count: number,
): Float64Array {
  const half = choleskyFactorSolve(n, count, factor, cross, { whole: false })
  const out = squaredLengths(x, count, x.length / count).map((square) => variance + linear * square)
  for (let i = 0; i < half.length; i++) out[i % count]! -= half[i]! * half[i]!
  return out.map((value) => Math.max(0, value))
}

/** Cholesky factor of the covariance of rows with their noise, (n × n). @throws `gp/singular`. */
export function factorOfRows(
  kernel: StationaryKernel,
  hyperparameters: GpHyperparameters,
  x: Float64Array,
  n: number,
  width: number,
  noise: Float64Array,
): Float64Array {
  const matrix = covariance(kernel, hyperparameters, x, n, x, n, width)
  for (let i = 0; i < n; i++) matrix[i * n + i]! += noise[i]!
  if (choleskyFactor(n, matrix, matrix)) return matrix
  throw new AstrolabelError('gp/singular', 'The covariance of the training rows cannot be factorised', {
    got: `noise of ${hyperparameters.noise}, variance of ${hyperparameters.variance}`,
    remedy: 'Give more noise',
  })
}
