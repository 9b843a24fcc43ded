import { choleskyFactor, choleskyFactorInverse, choleskyFactorSolve, gemmF64 } from '@astrolabel/kernels'
import type { GpShape } from './hyperparameters.js'
import { unpackHyperparameters } from './hyperparameters.js'
import { innerProducts, scaleRows, squaredDistances } from './pairs.js'
import { correlate } from './stationary.js'

/** Rows of one label, as the likelihood needs them. */
export interface GpRows {
  readonly n: number
  readonly width: number
  /** (n × width) features, centred. */
  readonly x: Float64Array
  /** (n) labels of zero mean and unit variance. */
  readonly y: Float64Array
  /** (n) known variance of each label. */
  readonly known: Float64Array
  /** (n) how many times the white noise counts for each. */
  readonly noiseFactor: Float64Array
}

/** Logarithm of the marginal likelihood and its gradient by the logarithms of the hyperparameters. */
export interface LogLikelihood {
  readonly value: number
  readonly gradient: Float64Array
}

/**
 * The function whose maximum the hyperparameters are sought at (Rasmussen & Williams 2006, equations 5.8 and 5.9).
 * Where the covariance cannot be factorised the value is −Infinity, with a gradient of 0.
 *
 * Cost of a call: 4/3 n³ for factor and inverse; n² × width more with a length scale for each feature.
 */
export function logMarginalLikelihood(shape: GpShape, rows: GpRows): (theta: Float64Array) => LogLikelihood {
  const { n, width, x, y, known, noiseFactor } = rows
  const single = shape.lengths === 1
  const distances = single ? squaredDistances(x, n, x, n, width) : new Float64Array(0)
  const inner = shape.linear ? innerProducts(x, n, x, n, width) : new Float64Array(0)
  const [value, slope, matrix] = [new Float64Array(n * n), new Float64Array(n * n), new Float64Array(n * n)]
  const byAlpha = shape.kernel === 'rational-quadratic' ? new Float64Array(n * n) : undefined
  return (theta) => {
    const hyper = unpackHyperparameters(shape, theta)
    const { variance, lengths, alpha, linear, noise } = hyper
    const scaled = single ? x : scaleRows(x, width, lengths)
    const squared = single
      ? distances.map((distance) => distance / lengths[0]! ** 2)
      : squaredDistances(scaled, n, scaled, n, width)
    correlate(shape.kernel, squared, alpha, value, slope, byAlpha)
    for (let i = 0; i < n * n; i++) matrix[i] = variance * value[i]!
    if (linear > 0) for (let i = 0; i < n * n; i++) matrix[i]! += linear * inner[i]!
    for (let i = 0; i < n; i++) matrix[i * n + i]! += noise * noiseFactor[i]! + known[i]!
    const factor = new Float64Array(n * n)
    const gradient = new Float64Array(theta.length)
    if (!choleskyFactor(n, matrix, factor)) return { value: -Infinity, gradient }
    const weights = choleskyFactorSolve(n, 1, factor, y)
    let log = -0.5 * n * Math.log(2 * Math.PI)
    for (let i = 0; i < n; i++) log -= 0.5 * y[i]! * weights[i]! + Math.log(factor[i * n + i]!)

    // Half of (w wᵀ − K⁻¹), whose trace with a derivative of K is that of the logarithm.
    const half = choleskyFactorInverse(n, factor)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) half[i * n + j] = 0.5 * (weights[i]! * weights[j]! - half[i * n + j]!)
    let at = 0
    gradient[at++] = variance * dot(half, value)
    if (single) {
      for (let i = 0; i < n * n; i++) gradient[at]! += half[i]! * slope[i]! * squared[i]!
      gradient[at++]! *= variance
    } else {
      gradient.set(
        alongFeatures(half, slope, scaled, n, width).map((sum) => variance * sum),
        at,
      )
      at += width
    }
    if (byAlpha !== undefined) gradient[at++] = variance * dot(half, byAlpha)
    if (shape.linear) gradient[at++] = linear * dot(half, inner)
    for (let i = 0; i < n; i++) gradient[at]! += noise * noiseFactor[i]! * half[i * n + i]!
    return { value: log, gradient }
  }
}

/** Σ_ij h_ij s_ij (x_id − x_jd)² for each feature d: 2 Σ_i x_id² (row sum) − 2 x_dᵀ M x_d, with M = h ∘ s symmetric. */
function alongFeatures(
  half: Float64Array,
  slope: Float64Array,
  scaled: Float64Array,
  n: number,
  width: number,
): Float64Array {
  const product = half.map((h, i) => h * slope[i]!)
  const carried = new Float64Array(n * width)
  gemmF64(n, width, n, product, scaled, carried)
  const out = new Float64Array(width)
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += product[i * n + j]!
    for (let d = 0; d < width; d++) {
      const value = scaled[i * width + d]!
      out[d]! += 2 * value * (value * sum - carried[i * width + d]!)
    }
  }
  return out
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
