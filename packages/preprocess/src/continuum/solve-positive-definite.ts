/** A pivot this much smaller than its diagonal is rounding: the pixels do not tell the coefficient. */
const SMALLEST_PIVOT = 1e-13

/**
 * Solve A x = b for a small symmetric positive definite matrix by Cholesky's method, in place.
 *
 * @param a (n × n) row-major; its lower triangle is overwritten.
 * @param b (n) the right-hand side, overwritten by x.
 * @returns false when A is not positive definite to working precision.
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    const diagonal = a[j * n + j]!
    let pivot = diagonal
    for (let k = 0; k < j; k++) pivot -= a[j * n + k]! ** 2
    if (!(pivot > SMALLEST_PIVOT * diagonal)) return false
    const root = Math.sqrt(pivot)
    a[j * n + j] = root
    for (let i = j + 1; i < n; i++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      a[i * n + j] = sum / root
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * b[k]!
    b[i] = sum / a[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * b[k]!
    b[i] = sum / a[i * n + i]!
  }
  return true
}
