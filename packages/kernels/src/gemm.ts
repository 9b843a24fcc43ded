import { checkGemm, gemmRows } from './gemm-rows.js'
import type { GemmOptions, GemmTask } from './gemm-rows.js'

function run(kernel: string, task: GemmTask): void {
  checkGemm(kernel, task)
  gemmRows(task, 0, task.m)
}

/**
 * Matrix product in double precision: C (m x n) = alpha op(A) op(B) + beta C, row-major, written to `c`.
 * `a` is m x k (k x m with `transA`), `b` is k x n (n x k with `transB`); `c` must not share memory with them.
 * NaN and infinities pass as in any sum. Summed in blocks of 256 along k, without fused multiply-add, so the same on
 * every machine. Throws KernelError when a length or size does not agree. Cost m n k.
 */
export function gemmF64(
  m: number,
  n: number,
  k: number,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  options: GemmOptions = {},
): void {
  run('gemmF64', { kind: 'f64', m, n, k, a, b, c, options })
}

/**
 * {@link gemmF64} in single precision, twice as fast; an element's relative error grows as 1e-7 of the sum of
 * |A_ip B_pj|. Values below 1e-38 (denormal) slow it by a factor of 3 to 5: clamp them before.
 */
export function gemmF32(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  options: GemmOptions = {},
): void {
  run('gemmF32', { kind: 'f32', m, n, k, a, b, c, options })
}

/** {@link gemmF64} with A read in single precision, as spectra are stored; arithmetic and result are double. */
export function gemmF32F64(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float64Array,
  c: Float64Array,
  options: GemmOptions = {},
): void {
  run('gemmF32F64', { kind: 'f32f64', m, n, k, a, b, c, options })
}
