// Matrix products as one writes them first, in the loop order that suits row-major storage.

/** C = alpha op(A) op(B) + beta C, summed along k in order in the type of C. */
export function gemm(m, n, k, a, b, c, { transA = false, transB = false, alpha = 1, beta = 0 } = {}) {
  const row = new c.constructor(n)
  for (let i = 0; i < m; i++) {
    row.fill(0)
    if (alpha !== 0) {
      for (let p = 0; p < k; p++) {
        const aip = transA ? a[p * m + i] : a[i * k + p]
        if (transB) for (let j = 0; j < n; j++) row[j] += aip * b[j * k + p]
        else for (let j = 0, at = p * n; j < n; j++, at++) row[j] += aip * b[at]
      }
    }
    for (let j = 0, at = i * n; j < n; j++, at++) c[at] = alpha * row[j] + (beta === 0 ? 0 : beta * c[at])
  }
}

/** C (n x n) = A^T A for A (k x n), upper triangle computed, lower copied. */
export function syrk(n, k, a, c) {
  c.fill(0)
  for (let p = 0; p < k; p++) {
    for (let i = 0; i < n; i++) {
      const api = a[p * n + i]
      for (let j = i; j < n; j++) c[i * n + j] += api * a[p * n + j]
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) c[i * n + j] = c[j * n + i]
}
