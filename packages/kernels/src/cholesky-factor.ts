import { checkLength, checkSizes } from './checks.js'
import { gemmF64 } from './gemm.js'
import { KernelError } from './kernel-error.js'

// Rows made at a time: their update is one matrix product, which hides the copies that it needs.
const BLOCK = 64

/**
 * Cholesky factor U (n x n, upper, zeros below) of a symmetric positive definite matrix, A = U^T U, for one large
 * matrix; {@link choleskySolvePacked} is for many small ones. Left-looking by blocks of rows (Golub and Van Loan 2013,
 * section 4.2.6). Only the upper triangle of `a` is read; `out` may be `a` itself.
 *
 * Returns false, with `out` undefined, when a pivot falls to n 2^-52 of its diagonal element or is not a number: the
 * matrix is not positive definite to rounding. Throws KernelError when a length does not agree. Cost n^3 / 3, and as
 * much memory again as a block of rows.
 */
export function choleskyFactor(n: number, a: Float64Array, out: Float64Array): boolean {
  checkSizes('choleskyFactor', { n })
  checkLength('choleskyFactor', 'a', a.length, n * n, 'n x n')
  checkLength('choleskyFactor', 'out', out.length, n * n, 'n x n')
  for (let row = 0; row < n; row += BLOCK) {
    const rows = Math.min(BLOCK, n - row)
    const width = n - row
    const panel = copyBlock(a, n, row, rows, row, width)
    if (row > 0) {
      const above = copyBlock(out, n, 0, row, row, width)
      const left = copyBlock(above, width, 0, row, 0, rows)
      gemmF64(rows, width, row, left, above, panel, { transA: true, alpha: -1, beta: 1 })
    }
    if (!factorPanel(panel, rows, width, (i) => n * Number.EPSILON * a[(row + i) * n + row + i]!)) return false
    for (let i = 0; i < rows; i++) {
      const at = (row + i) * n + row
      out.fill(0, at - row, at + i)
      out.set(panel.subarray(i * width + i, (i + 1) * width), at + i)
    }
  }
  return true
}

/**
 * X (n x m) of U^T X = B, or of U^T U X = B with `whole`, from the factor of {@link choleskyFactor}: the first gives
 * the lengths that predictive variances need, the second solves the system. `b` is n x m row-major and kept.
 * Throws KernelError when a length does not agree. Cost n^2 m, twice that with `whole`.
 */
export function choleskyFactorSolve(
  n: number,
  m: number,
  factor: Float64Array,
  b: Float64Array,
  { whole = true }: { readonly whole?: boolean } = {},
): Float64Array {
  checkFactor('choleskyFactorSolve', n, factor)
  checkSizes('choleskyFactorSolve', { m })
  checkLength('choleskyFactorSolve', 'b', b.length, n * m, 'n x m')
  const x = b.slice()
  for (let row = 0; row < n; row += BLOCK) {
    const rows = Math.min(BLOCK, n - row)
    const part = x.subarray(row * m, (row + rows) * m)
    if (row > 0) {
      const above = copyBlock(factor, n, 0, row, row, rows)
      gemmF64(rows, m, row, above, x.subarray(0, row * m), part, { transA: true, alpha: -1, beta: 1 })
    }
    const square = invertTriangle(copyBlock(factor, n, row, rows, row, rows), rows)
    gemmF64(rows, m, rows, square, part.slice(), part, { transA: true })
  }
  if (!whole) return x
  for (let row = Math.floor((n - 1) / BLOCK) * BLOCK; row >= 0; row -= BLOCK) {
    const rows = Math.min(BLOCK, n - row)
    const after = row + rows
    const part = x.subarray(row * m, after * m)
    if (after < n) {
      const right = copyBlock(factor, n, row, rows, after, n - after)
      gemmF64(rows, m, n - after, right, x.subarray(after * m), part, { alpha: -1, beta: 1 })
    }
    const square = invertTriangle(copyBlock(factor, n, row, rows, row, rows), rows)
    gemmF64(rows, m, rows, square, part.slice(), part)
  }
  return x
}

/**
 * Inverse of A (n x n, both triangles) from its factor of {@link choleskyFactor}.
 * Throws KernelError when a length does not agree. Cost n^3.
 */
export function choleskyFactorInverse(n: number, factor: Float64Array): Float64Array {
  checkFactor('choleskyFactorInverse', n, factor)
  const v = invertUpper(n, factor)
  const out = new Float64Array(n * n)
  // A^-1 = V V^T, and column block j of it needs only columns j and up of V, which is upper triangular.
  for (let column = 0; column < n; column += BLOCK) {
    const columns = Math.min(BLOCK, n - column)
    const inner = n - column
    const rows = column + columns
    const tall = copyBlock(v, n, 0, rows, column, inner)
    const block = new Float64Array(rows * columns)
    gemmF64(rows, columns, inner, tall, tall.subarray(column * inner), block, { transB: true })
    for (let i = 0; i < rows; i++) {
      for (let j = Math.max(0, i - column); j < columns; j++) {
        const value = block[i * columns + j]!
        out[i * n + column + j] = value
        out[(column + j) * n + i] = value
      }
    }
  }
  return out
}

/** V = U^-1, by blocks of rows from the last up: V_ii = U_ii^-1, V_i,right = -V_ii (U_i,right V_right). */
function invertUpper(n: number, factor: Float64Array): Float64Array {
  const v = new Float64Array(n * n)
  for (let row = Math.floor((n - 1) / BLOCK) * BLOCK; row >= 0; row -= BLOCK) {
    const rows = Math.min(BLOCK, n - row)
    const after = row + rows
    const square = invertTriangle(copyBlock(factor, n, row, rows, row, rows), rows)
    for (let i = 0; i < rows; i++) v.set(square.subarray(i * rows, (i + 1) * rows), (row + i) * n + row)
    if (after === n) continue
    const beyond = n - after
    const product = new Float64Array(rows * beyond)
    const left = new Float64Array(rows * beyond)
    gemmF64(
      rows,
      beyond,
      beyond,
      copyBlock(factor, n, row, rows, after, beyond),
      copyBlock(v, n, after, beyond, after, beyond),
      product,
    )
    gemmF64(rows, beyond, rows, square, product, left, { alpha: -1 })
    for (let i = 0; i < rows; i++) v.set(left.subarray(i * beyond, (i + 1) * beyond), (row + i) * n + after)
  }
  return v
}

/** Factorises the square at the left of a panel (rows x width) and makes the rest of its rows; false when it cannot. */
function factorPanel(panel: Float64Array, rows: number, width: number, least: (i: number) => number): boolean {
  const square = copyBlock(panel, width, 0, rows, 0, rows)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < i; k++) {
      const factor = square[k * rows + i]!
      for (let j = i; j < rows; j++) square[i * rows + j]! -= factor * square[k * rows + j]!
    }
    const pivot = square[i * rows + i]!
    if (!(pivot > least(i) && pivot < Infinity)) return false
    const scale = 1 / Math.sqrt(pivot)
    for (let j = i; j < rows; j++) square[i * rows + j]! *= scale
  }
  for (let i = 0; i < rows; i++) panel.set(square.subarray(i * rows, (i + 1) * rows), i * width)
  if (width === rows) return true
  const right = copyBlock(panel, width, 0, rows, rows, width - rows)
  const solved = new Float64Array(right.length)
  gemmF64(rows, width - rows, rows, invertTriangle(square, rows), right, solved, { transA: true })
  for (let i = 0; i < rows; i++)
    panel.set(solved.subarray(i * (width - rows), (i + 1) * (width - rows)), i * width + rows)
  return true
}

/**
 * Inverse of a small upper triangle (n x n; what stands below its diagonal is not read), zeros below: products with it
 * take the place of plain loops over long rows.
 */
function invertTriangle(upper: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let i = n - 1; i >= 0; i--) {
    const scale = 1 / upper[i * n + i]!
    for (let k = i + 1; k < n; k++) {
      const factor = scale * upper[i * n + k]!
      for (let j = k; j < n; j++) out[i * n + j]! -= factor * out[k * n + j]!
    }
    out[i * n + i] = scale
  }
  return out
}

function copyBlock(
  from: Float64Array,
  stride: number,
  row: number,
  rows: number,
  column: number,
  columns: number,
): Float64Array {
  const out = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    const at = (row + i) * stride + column
    out.set(from.subarray(at, at + columns), i * columns)
  }
  return out
}

function checkFactor(kernel: string, n: number, factor: Float64Array): void {
  checkSizes(kernel, { n })
  checkLength(kernel, 'factor', factor.length, n * n, 'n x n')
  for (let i = 0; i < n; i++) {
    if (factor[i * n + i]! > 0) continue
    throw new KernelError('bad-factor', {
      what: `${kernel}: diagonal element ${i} of factor`,
      got: String(factor[i * n + i]),
      expected: 'a number above 0',
      remedy: 'Pass what choleskyFactor made, when it returned true.',
    })
  }
}
