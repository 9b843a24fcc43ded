/**
 * Inverse of a small symmetric positive definite matrix, (m × m), by its Cholesky factor.
 *
 * @returns undefined when it is singular to double precision, judged by pivots against the diagonal. Cost: m³.
 */
export function invertSymmetric(matrix: Float64Array, m: number): Float64Array | undefined {
  const factor = new Float64Array(m * m)
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * m + j]
      for (let k = 0; k < j; k++) sum -= factor[i * m + k] * factor[j * m + k]
      if (i === j) {
        if (!(sum > 1e-12 * matrix[i * m + i])) return undefined
        factor[i * m + i] = Math.sqrt(sum)
      } else factor[i * m + j] = sum / factor[j * m + j]
    }
  const inverse = new Float64Array(m * m)
  const column = new Float64Array(m)
  for (let c = 0; c < m; c++) {
    for (let i = 0; i < m; i++) {
      let sum = i === c ? 1 : 0
      for (let k = 0; k < i; k++) sum -= factor[i * m + k] * column[k]
      column[i] = sum / factor[i * m + i]
    }
    for (let i = m - 1; i >= 0; i--) {
      let sum = column[i]
      for (let k = i + 1; k < m; k++) sum -= factor[k * m + i] * column[k]
      column[i] = sum / factor[i * m + i]
      inverse[i * m + c] = column[i]
    }
  }
  return inverse
}
