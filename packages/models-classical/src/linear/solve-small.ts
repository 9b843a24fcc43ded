/**
 * Solves a small symmetric positive definite system (n × n) by elimination without pivots, which such systems do not
 * need (Golub & Van Loan 2013, section 4.2). Cost: n³ / 3.
 */
export function solveSmall(matrix: Float64Array, n: number, right: Float64Array): Float64Array {
  const a = matrix.slice()
  const x = right.slice()
  for (let k = 0; k < n; k++)
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!
      for (let j = k; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!
      x[i]! -= factor * x[k]!
    }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) x[i]! -= a[i * n + j]! * x[j]!
    x[i]! /= a[i * n + i]!
  }
  return x
}
