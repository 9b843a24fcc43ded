type Real = Float32Array | Float64Array
export interface ReferenceGemmOptions {
  transA?: boolean
  transB?: boolean
  alpha?: number
  beta?: number
}
export function gemm(m: number, n: number, k: number, a: Real, b: Real, c: Real, options?: ReferenceGemmOptions): void
export function syrk(n: number, k: number, a: Real, c: Real): void
