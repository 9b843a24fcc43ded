import { checkGemm, gemmRows } from './gemm-rows.js'
import type { GemmKind, GemmOptions } from './gemm-rows.js'

/** Options of the symmetric products: factors as in {@link GemmOptions}. */
export type SyrkOptions = Pick<GemmOptions, 'alpha' | 'beta'>

function run<T extends Float32Array | Float64Array>(
  kernel: string,
  kind: GemmKind,
  n: number,
  k: number,
  a: T,
  c: T,
  { alpha = 1, beta = 0 }: SyrkOptions,
): void {
  const task = { kind, m: n, n, k, a, b: a, c, options: { transA: true, alpha, beta } }
  checkGemm(kernel, task)
  gemmRows(task, 0, n, true)
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) c[i * n + j] = c[j * n + i]!
  }
}

/**
 * Symmetric product C (n x n) = alpha A^T A + beta C in double precision, A is k x n row-major. With `beta` only the
 * upper triangle of the old C is read; both triangles are written and equal. Bits as gemmF64 gives for the upper one.
 * Throws KernelError when a length or size does not agree. Cost n^2 k / 2.
 */
export function syrkF64(n: number, k: number, a: Float64Array, c: Float64Array, options: SyrkOptions = {}): void {
  run('syrkF64', 'f64', n, k, a, c, options)
}

/** {@link syrkF64} in single precision. */
export function syrkF32(n: number, k: number, a: Float32Array, c: Float32Array, options: SyrkOptions = {}): void {
  run('syrkF32', 'f32', n, k, a, c, options)
}
