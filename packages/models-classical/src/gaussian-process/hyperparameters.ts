import type { StationaryKernel } from './stationary.js'

/**
 * What a Gaussian process believes before it sees a label: the covariance of two rows is
 * variance · k(r) + linear · x·x′, and each label has `noise` besides. Labels have unit variance here.
 */
export interface GpHyperparameters {
  readonly variance: number
  /** One length scale for all features, or one for each, in units of the features. */
  readonly lengths: Float64Array
  /** Mixture of scales in a rational quadratic; 1 and unused in others. */
  readonly alpha: number
  /** Variance of a slope along a feature, 0 without a linear term. */
  readonly linear: number
  /** Variance of the white noise. */
  readonly noise: number
}

/** Which hyperparameters a process has. */
export interface GpShape {
  readonly kernel: StationaryKernel
  /** Number of length scales: 1, or the number of features. */
  readonly lengths: number
  readonly linear: boolean
}

/** Their logarithms in one vector: variance, lengths, alpha (rational quadratic only), linear (if any), noise. */
export function packHyperparameters({ kernel, linear }: GpShape, hyper: GpHyperparameters): Float64Array {
  return Float64Array.of(
    hyper.variance,
    ...hyper.lengths,
    ...(kernel === 'rational-quadratic' ? [hyper.alpha] : []),
    ...(linear ? [hyper.linear] : []),
    hyper.noise,
  ).map(Math.log)
}

/** The hyperparameters of a vector of {@link packHyperparameters}. */
export function unpackHyperparameters(shape: GpShape, theta: Float64Array): GpHyperparameters {
  const values = theta.map(Math.exp)
  let at = 1 + shape.lengths
  return {
    variance: values[0]!,
    lengths: values.slice(1, at),
    alpha: shape.kernel === 'rational-quadratic' ? values[at++]! : 1,
    linear: shape.linear ? values[at++]! : 0,
    noise: values[at]!,
  }
}
