/** Eigenvalues, largest first, and their vectors: column j of `vectors` (k × k, row-major) belongs to value j. */
export interface Eigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** Sweeps after which cyclic Jacobi has converged for any matrix seen; ten are enough for k = 1000. */
const SWEEPS = 30

/**
 * All eigenvalues of a symmetric matrix (k × k) by cyclic Jacobi rotations (Golub & Van Loan, section 8.5): slow for
 * large matrices and as accurate as it gets for small ones.
 *
 * Cost: k³ a sweep, some six to ten sweeps.
 */
export function symmetricEigen(matrix: Float64Array, k: number): Eigen {
  const a = matrix.slice()
  const v = new Float64Array(k * k)
  for (let i = 0; i < k; i++) v[i * k + i] = 1
  let scale = 0
  for (const value of a) scale = Math.max(scale, Math.abs(value))
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0
    for (let p = 0; p < k; p++)
      for (let q = p + 1; q < k; q++) {
        const apq = a[p * k + q]!
        off = Math.max(off, Math.abs(apq))
        if (Math.abs(apq) > 1e-17 * scale) rotate(a, v, k, p, q)
      }
    if (off <= 1e-15 * scale) break
  }
  const order = Array.from({ length: k }, (_, i) => i).sort((i, j) => a[j * k + j]! - a[i * k + i]!)
  const vectors = new Float64Array(k * k)
  order.forEach((from, to) => {
    // Rows of v are the vectors here: rotations then run along memory.
    for (let i = 0; i < k; i++) vectors[i * k + to] = v[from * k + i]!
  })
  return { values: Float64Array.from(order, (i) => a[i * k + i]!), vectors }
}

/** One rotation that makes a[p][q] zero. */
function rotate(a: Float64Array, v: Float64Array, k: number, p: number, q: number): void {
  const theta = (a[q * k + q]! - a[p * k + p]!) / (2 * a[p * k + q]!)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (let i = 0; i < k; i++) {
    const ip = a[i * k + p]!
    const iq = a[i * k + q]!
    a[i * k + p] = c * ip - s * iq
    a[i * k + q] = s * ip + c * iq
  }
  for (let i = 0; i < k; i++) {
    const pi = a[p * k + i]!
    const qi = a[q * k + i]!
    a[p * k + i] = c * pi - s * qi
    a[q * k + i] = s * pi + c * qi
    const vp = v[p * k + i]!
    const vq = v[q * k + i]!
    v[p * k + i] = c * vp - s * vq
    v[q * k + i] = s * vp + c * vq
  }
}
