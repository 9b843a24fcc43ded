/**
 * Solve A x = b for a symmetric positive definite matrix by Cholesky's decomposition.
 *
 * @param a (k × k) row-major; only the lower triangle is read. @param b (k).
 * @returns (k), or undefined when the matrix is not positive definite. Cost: k³ / 6.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array): Float64Array | undefined {
  const k = b.length
  const l = new Float64Array(k * k)
  for (let i = 0; i < k; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * k + j]
      for (let m = 0; m < j; m++) sum -= l[i * k + m] * l[j * k + m]
      if (i > j) l[i * k + j] = sum / l[j * k + j]
      else if (sum > 0) l[i * k + i] = Math.sqrt(sum)
      else return undefined
    }
  const x = b.slice()
  for (let i = 0; i < k; i++) {
    for (let m = 0; m < i; m++) x[i] -= l[i * k + m] * x[m]
    x[i] /= l[i * k + i]
  }
  for (let i = k - 1; i >= 0; i--) {
    for (let m = i + 1; m < k; m++) x[i] -= l[m * k + i] * x[m]
    x[i] /= l[i * k + i]
  }
  return x
}
