/** Eigenvalues, largest first, and their vectors: column j of `vectors` (k × k, row-major) belongs to value j. */
export interface Eigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** Implicit QL steps for one eigenvalue after which it would never converge; two or three are usual. */
const MOST_STEPS = 60

/**
 * All eigenvalues and eigenvectors of a symmetric matrix (k × k): Householder's tridiagonal form, then implicit QL with
 * Wilkinson's shift (Golub & Van Loan, algorithms 8.3.1 and 8.3.3). Values are good to rounding of the largest.
 *
 * Cost: some 6 k³.
 */
export function symmetricEigen(matrix: Float64Array, k: number): Eigen {
  let scale = 0
  for (const value of matrix) scale = Math.max(scale, Math.abs(value))
  const a = scale > 0 ? matrix.map((value) => value / scale) : matrix.slice()
  const { diagonal, beside, reflections } = tridiagonal(a, k)
  const rows = new Float64Array(k * k)
  for (let i = 0; i < k; i++) rows[i * k + i] = 1
  diagonalise(diagonal, beside, rows, k)
  const order = Array.from({ length: k }, (_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]!)
  const vectors = new Float64Array(k * k)
  order.forEach((from, to) => {
    const row = rows.subarray(from * k, (from + 1) * k)
    for (let j = reflections.length - 1; j >= 0; j--) reflect(row, reflections[j]!, j + 1)
    for (let i = 0; i < k; i++) vectors[i * k + to] = row[i]!
  })
  return { values: Float64Array.from(order, (i) => diagonal[i]! * scale), vectors }
}

/** H A H … with reflections I − v vᵀ that clear column after column below the place beside the diagonal; overwrites `a`. */
function tridiagonal(
  a: Float64Array,
  k: number,
): { diagonal: Float64Array; beside: Float64Array; reflections: Float64Array[] } {
  const beside = new Float64Array(k)
  const reflections: Float64Array[] = []
  for (let j = 0; j + 1 < k; j++) {
    // The matrix is symmetric: row j stands for column j.
    const v = a.slice(j * k + j + 1, (j + 1) * k)
    const size = v.length
    let square = 0
    for (const value of v) square += value * value
    const length = Math.sqrt(square)
    beside[j] = v[0]! > 0 ? -length : length
    v[0]! -= beside[j]!
    const norm = Math.sqrt(length * Math.abs(v[0]!))
    for (let i = 0; i < size; i++) v[i] = norm > 0 ? v[i]! / norm : 0
    reflections.push(v)
    if (norm === 0) continue
    // p = A v, then w = p − v (pᵀv ⁄ 2) and A − v wᵀ − w vᵀ.
    const p = new Float64Array(size)
    let along = 0
    for (let r = 0; r < size; r++) {
      const at = (j + 1 + r) * k + j + 1
      let sum = 0
      for (let c = 0; c < size; c++) sum += a[at + c]! * v[c]!
      p[r] = sum
      along += sum * v[r]!
    }
    for (let r = 0; r < size; r++) p[r]! -= (along / 2) * v[r]!
    for (let r = 0; r < size; r++) {
      const at = (j + 1 + r) * k + j + 1
      const vr = v[r]!
      const pr = p[r]!
      for (let c = 0; c < size; c++) a[at + c]! -= vr * p[c]! + pr * v[c]!
    }
  }
  return { diagonal: Float64Array.from({ length: k }, (_, i) => a[i * k + i]!), beside, reflections }
}

function reflect(row: Float64Array, v: Float64Array, from: number): void {
  let along = 0
  for (let i = 0; i < v.length; i++) along += row[from + i]! * v[i]!
  for (let i = 0; i < v.length; i++) row[from + i]! -= along * v[i]!
}

/** Turns the tridiagonal matrix with `d` on and `e` beside its diagonal into a diagonal one, and row i of `z` with it. */
function diagonalise(d: Float64Array, e: Float64Array, z: Float64Array, k: number): void {
  for (let l = 0; l < k; l++) {
    for (let step = 0; step < MOST_STEPS; step++) {
      let m = l
      while (m + 1 < k && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!) + 1e-3 / k)) m++
      if (m === l) break
      const half = (d[l + 1]! - d[l]!) / (2 * e[l]!)
      const root = Math.sqrt(half * half + 1)
      let g = d[m]! - d[l]! + e[l]! / (half + (half < 0 ? -root : root))
      let [s, c, p] = [1, 1, 0]
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * e[i]!
        const b = c * e[i]!
        const r = Math.sqrt(f * f + g * g)
        e[i + 1] = r
        if (r === 0) {
          d[i + 1]! -= p
          e[m] = 0
          break
        }
        s = f / r
        c = g / r
        g = d[i + 1]! - p
        const t = (d[i]! - g) * s + 2 * c * b
        p = s * t
        d[i + 1] = g + p
        g = c * t - b
        turn(z, i * k, (i + 1) * k, k, c, s)
      }
      if (i >= l) continue
      d[l]! -= p
      e[l] = g
      e[m] = 0
    }
  }
}

function turn(z: Float64Array, low: number, high: number, k: number, c: number, s: number): void {
  for (let j = 0; j < k; j++) {
    const a = z[low + j]!
    const b = z[high + j]!
    z[high + j] = s * a + c * b
    z[low + j] = c * a - s * b
  }
}
