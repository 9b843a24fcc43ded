import { gemmF64 } from '@astrolabel/kernels'
import { squaredDistances } from '../gaussian-process/pairs.js'
import { correlate } from '../gaussian-process/stationary.js'
import type { StationaryKernel } from '../gaussian-process/stationary.js'

/** Similarity of two rows for kernel ridge: of their distance r / length, or of their inner product x·x′ / length². */
export type RidgeKernel = StationaryKernel | 'linear' | 'polynomial'

/** A kernel with its numbers. */
export interface KernelFunction {
  readonly kernel: RidgeKernel
  /** Scale of distances and of features. */
  readonly length: number
  /** Power of the polynomial (1 + x·x′ / length²). */
  readonly degree: number
}

/** Kernel of the rows of `a` (m × width) with those of `b` (n × width), (m × n). The rational quadratic has alpha 1. */
export function kernelMatrix(
  { kernel, length, degree }: KernelFunction,
  a: Float64Array,
  m: number,
  b: Float64Array,
  n: number,
  width: number,
): Float64Array {
  if (kernel === 'linear' || kernel === 'polynomial') {
    const out = new Float64Array(m * n)
    gemmF64(m, n, width, a, b, out, { transB: true, alpha: 1 / length ** 2 })
    return kernel === 'linear' ? out : out.map((value) => (1 + value) ** degree)
  }
  const squared = squaredDistances(a, m, b, n, width).map((value) => value / length ** 2)
  const out = new Float64Array(m * n)
  correlate(kernel, squared, 1, out)
  return out
}

/** Kernel of each row with itself, (n). */
export function kernelDiagonal(
  { kernel, length, degree }: KernelFunction,
  x: Float64Array,
  n: number,
  width: number,
): Float64Array {
  const out = new Float64Array(n).fill(1)
  if (kernel !== 'linear' && kernel !== 'polynomial') return out
  for (let i = 0; i < n; i++) {
    let square = 0
    for (let d = i * width; d < (i + 1) * width; d++) square += (x[d]! / length) ** 2
    out[i] = kernel === 'linear' ? square : (1 + square) ** degree
  }
  return out
}
