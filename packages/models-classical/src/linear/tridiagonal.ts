import { gemmF64 } from '@astrolabel/kernels'
import type { Tridiagonal } from '@astrolabel/kernels'

/** Reflections applied together, as two matrix products (Golub & Van Loan 2013, section 5.1.7). */
const BLOCK = 32

/** Qᵀ B for B (size × m), a new matrix. Cost: 2 size² m. */
export function multiplyByBasis({ size, reflections }: Tridiagonal, b: Float64Array, m: number): Float64Array {
  const out = b.slice()
  for (let from = 0; from < size; from += BLOCK) {
    const count = Math.min(BLOCK, size - from)
    // The reflections of a block are 0 up to and including column `from`.
    const width = size - from
    const v = new Float64Array(count * width)
    for (let k = 0; k < count; k++)
      v.set(reflections.subarray((from + k) * size + from, (from + k + 1) * size), k * width)
    const part = out.subarray(from * m)
    const along = new Float64Array(count * m)
    gemmF64(count, m, width, v, part, along)
    const factors = new Float64Array(count * m)
    gemmF64(count, m, count, productFactor(v, count, width), along, factors)
    gemmF64(width, m, count, v, factors, part, { transA: true, alpha: -1, beta: 1 })
  }
  return out
}

/** S (lower) of H_last … H_0 = 1 − V S Vᵀ, where the rows of `v` are the columns of V. */
function productFactor(v: Float64Array, count: number, width: number): Float64Array {
  const inner = new Float64Array(count * count)
  gemmF64(count, count, width, v, v, inner, { transB: true })
  const s = new Float64Array(count * count)
  for (let k = 0; k < count; k++) {
    // A vector of zeros is no reflection at all, and the row of S for it may be anything.
    s[k * count + k] = 2
    for (let j = 0; j < k; j++) {
      let sum = 0
      for (let p = j; p < k; p++) sum += inner[k * count + p]! * s[p * count + j]!
      s[k * count + j] = -2 * sum
    }
  }
  return s
}

/** Q u for one vector u (size). Cost: size². */
export function multiplyVector({ size, reflections }: Tridiagonal, u: Float64Array): Float64Array {
  const out = u.slice()
  for (let k = size - 1; k >= 0; k--) {
    let along = 0
    for (let j = k + 1; j < size; j++) along += reflections[k * size + j]! * out[j]!
    for (let j = k + 1; j < size; j++) out[j]! -= 2 * along * reflections[k * size + j]!
  }
  return out
}

/** T + λ = L D Lᵀ, L with ones on its diagonal and `below` under it. */
export interface ShiftedFactor {
  readonly pivots: Float64Array
  readonly below: Float64Array
}

/** Factors of T + λ; λ above 0 keeps the pivots of a positive semidefinite T above 0. */
export function factorShifted(
  { size, diagonal, off }: Pick<Tridiagonal, 'size' | 'diagonal' | 'off'>,
  lambda: number,
): ShiftedFactor {
  const pivots = new Float64Array(size)
  const below = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    below[i] = i > 0 ? off[i]! / pivots[i - 1]! : 0
    // Rounding may take an eigenvalue that is 0 a little below it.
    pivots[i] = Math.max(diagonal[i]! + lambda - below[i]! * off[i]!, 1e-14 * lambda)
  }
  return { pivots, below }
}

/** (T + λ)⁻¹ b. */
export function solveShifted({ pivots, below }: ShiftedFactor, b: Float64Array): Float64Array {
  const x = b.slice()
  const n = x.length
  for (let i = 1; i < n; i++) x[i]! -= below[i]! * x[i - 1]!
  for (let i = 0; i < n; i++) x[i]! /= pivots[i]!
  for (let i = n - 2; i >= 0; i--) x[i]! -= below[i + 1]! * x[i + 1]!
  return x
}

/** bᵀ (T + λ)⁻¹ b for each column b of a matrix (size × m). Cost: size × m. */
export function quadraticForms(
  { pivots, below }: ShiftedFactor,
  b: Float64Array | Float32Array,
  m: number,
): Float64Array {
  const out = new Float64Array(m)
  const z = new Float64Array(m)
  for (let i = 0; i < pivots.length; i++) {
    const factor = below[i]!
    const inverse = 1 / pivots[i]!
    for (let j = 0; j < m; j++) {
      const value = b[i * m + j]! - factor * z[j]!
      z[j] = value
      out[j]! += value * value * inverse
    }
  }
  return out
}
