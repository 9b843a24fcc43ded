import { syrkF64 } from '@astrolabel/kernels'

/**
 * Make the columns of a tall matrix orthonormal in place, (rows × k): A R⁻¹ with RᵀR = AᵀA, twice, which brings the
 * departure from orthogonality down to rounding (Yamamoto et al. 2015, CholeskyQR2). Columns that depend on earlier
 * ones become 0.
 *
 * Cost: rows × k².
 */
export function orthonormalise(a: Float64Array, rows: number, k: number): void {
  for (let round = 0; round < 2; round++) {
    const gram = new Float64Array(k * k)
    syrkF64(k, rows, a, gram)
    solveRight(a, rows, k, choleskyUpper(gram, k))
  }
}

/** R with RᵀR = G, (k × k) upper; a pivot lost in rounding gives a row of 0. */
function choleskyUpper(gram: Float64Array, k: number): Float64Array {
  const r = new Float64Array(k * k)
  for (let i = 0; i < k; i++) {
    let pivot = gram[i * k + i]!
    for (let p = 0; p < i; p++) pivot -= r[p * k + i]! ** 2
    if (!(pivot > 1e-13 * gram[i * k + i]!)) continue
    const root = Math.sqrt(pivot)
    r[i * k + i] = root
    for (let j = i + 1; j < k; j++) {
      let sum = gram[i * k + j]!
      for (let p = 0; p < i; p++) sum -= r[p * k + i]! * r[p * k + j]!
      r[i * k + j] = sum / root
    }
  }
  return r
}

/** A := A R⁻¹, row by row. */
function solveRight(a: Float64Array, rows: number, k: number, r: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    const at = row * k
    for (let j = 0; j < k; j++) {
      const pivot = r[j * k + j]!
      const value = pivot > 0 ? a[at + j]! / pivot : 0
      a[at + j] = value
      if (value === 0) continue
      for (let p = j + 1; p < k; p++) a[at + p]! -= value * r[j * k + p]!
    }
  }
}
