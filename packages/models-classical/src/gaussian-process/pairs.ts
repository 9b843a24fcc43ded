import { gemmF64 } from '@astrolabel/kernels'
import { correlate } from './stationary.js'
import type { StationaryKernel } from './stationary.js'
import type { GpHyperparameters } from './hyperparameters.js'

/** Inner products of the rows of `a` (m × width) with those of `b` (n × width), (m × n). */
export function innerProducts(a: Float64Array, m: number, b: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(m * n)
  gemmF64(m, n, width, a, b, out, { transB: true })
  return out
}

/** Squared distances of rows (m × n) from inner products; rounding below 0 is cut. */
export function squaredDistances(a: Float64Array, m: number, b: Float64Array, n: number, width: number): Float64Array {
  const out = innerProducts(a, m, b, n, width)
  const lengthA = squaredLengths(a, m, width)
  const lengthB = squaredLengths(b, n, width)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) out[i * n + j] = Math.max(0, lengthA[i]! + lengthB[j]! - 2 * out[i * n + j]!)
  return out
}

/** Squared length of each row. */
export function squaredLengths(x: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(n)
  for (let i = 0; i < n * width; i++) out[Math.floor(i / width)]! += x[i]! * x[i]!
  return out
}

/** Rows in units of the length scales. */
export function scaleRows(x: Float64Array, width: number, lengths: Float64Array): Float64Array {
  const inverse = lengths.map((length) => 1 / length)
  return lengths.length === 1 ? x.map((value) => value * inverse[0]!) : x.map((value, i) => value * inverse[i % width]!)
}

/** Covariance of the rows of `a` (m × width) with those of `b` (n × width), (m × n), without noise. */
export function covariance(
  kernel: StationaryKernel,
  { variance, lengths, alpha, linear }: GpHyperparameters,
  a: Float64Array,
  m: number,
  b: Float64Array,
  n: number,
  width: number,
): Float64Array {
  const squared = squaredDistances(scaleRows(a, width, lengths), m, scaleRows(b, width, lengths), n, width)
  const out = new Float64Array(m * n)
  correlate(kernel, squared, alpha, out)
  for (let i = 0; i < out.length; i++) out[i]! *= variance
  if (linear > 0) gemmF64(m, n, width, a, b, out, { transB: true, alpha: linear, beta: 1 })
  return out
}
