import { checkLength, checkSizes } from './checks.js'
import { gemmF64 } from './gemm.js'
import { KernelError } from './kernel-error.js'

// Rows made at a time: their update is one matrix product, which hides the copies that it needs.
const BLOCK = 64

// Of solutions with many right-hand sides the plain loops inside a block take longer than the copies between blocks.
const SOLVE_BLOCK = 32

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
  for (let row = 0; row < n; row += SOLVE_BLOCK) {
    const rows = Math.min(SOLVE_BLOCK, n - row)
    const part = x.subarray(row * m, (row + rows) * m)
    if (row > 0) {
      const above = copyBlock(factor, n, 0, row, row, rows)
      gemmF64(rows, m, row, above, x.subarray(0, row * m), part, { transA: true, alpha: -1, beta: 1 })
    }
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < i; k++) addRow(part, i, k, m, -factor[(row + k) * n + row + i]!)
      scaleRow(part, i, m, 1 / factor[(row + i) * n + row + i]!)
    }
  }
  if (!whole) return x
  for (let row = Math.floor((n - 1) / SOLVE_BLOCK) * SOLVE_BLOCK; row >= 0; row -= SOLVE_BLOCK) {
    const rows = Math.min(SOLVE_BLOCK, n - row)
    const after = row + rows
    const part = x.subarray(row * m, after * m)
    if (after < n) {
      const right = copyBlock(factor, n, row, rows, after, n - after)
      gemmF64(rows, m, n - after, right, x.subarray(after * m), part, { alpha: -1, beta: 1 })
    }
    for (let i = rows - 1; i >= 0; i--) {
      for (let k = i + 1; k < rows; k++) addRow(part, i, k, m, -factor[(row + i) * n + row + k]!)
      scaleRow(part, i, m, 1 / factor[(row + i) * n + row + i]!)
    }
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

/** V = U^-1, by blocks of rows from the last up: V_i = U_ii^-1 (I_i - U_i,right V_right). */
function invertUpper(n: number, factor: Float64Array): Float64Array {
  const v = new Float64Array(n * n)
  for (let row = Math.floor((n - 1) / BLOCK) * BLOCK; row >= 0; row -= BLOCK) {
    const rows = Math.min(BLOCK, n - row)
    const after = row + rows
    const width = n - row
    const part = new Float64Array(rows * width)
    for (let i = 0; i < rows; i++) part[i * width + i] = 1
    if (after < n) {
      const right = copyBlock(factor, n, row, rows, after, n - after)
      const below = copyBlock(v, n, after, n - after, after, n - after)
      const product = new Float64Array(rows * (n - after))
      gemmF64(rows, n - after, n - after, right, below, product)
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < n - after; j++) part[i * width + rows + j] = -product[i * (n - after) + j]!
      }
    }
    for (let i = rows - 1; i >= 0; i--) {
      for (let k = i + 1; k < rows; k++) addRow(part, i, k, width, -factor[(row + i) * n + row + k]!)
      scaleRow(part, i, width, 1 / factor[(row + i) * n + row + i]!)
    }
    for (let i = 0; i < rows; i++) v.set(part.subarray(i * width, (i + 1) * width), (row + i) * n + row)
  }
  return v
}

/** Factorises the square at the left of a panel (rows x width) and makes the rest of its rows; false when it cannot. */
function factorPanel(panel: Float64Array, rows: number, width: number, least: (i: number) => number): boolean {
  // Inside the panel again by blocks, so that only a narrow strip is made by plain loops.
  const strip = 32
  for (let row = 0; row < rows; row += strip) {
    const count = Math.min(strip, rows - row)
    const part = panel.subarray(row * width, (row + count) * width)
    if (row > 0) {
      const left = copyBlock(panel, width, 0, row, row, count)
      gemmF64(count, width, row, left, panel.subarray(0, row * width), part, { transA: true, alpha: -1, beta: 1 })
    }
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < i; k++) {
        const factor = part[k * width + row + i]!
        for (let j = row + i; j < width; j++) part[i * width + j]! -= factor * part[k * width + j]!
      }
      const pivot = part[i * width + row + i]!
      if (!(pivot > least(row + i) && pivot < Infinity)) return false
      const scale = 1 / Math.sqrt(pivot)
      for (let j = row + i; j < width; j++) part[i * width + j]! *= scale
    }
  }
  return true
}

function addRow(x: Float64Array, to: number, from: number, width: number, factor: number): void {
  if (factor === 0) return
  const a = to * width
  const b = from * width
  for (let j = 0; j < width; j++) x[a + j]! += factor * x[b + j]!
}

function scaleRow(x: Float64Array, row: number, width: number, factor: number): void {
  for (let j = row * width; j < (row + 1) * width; j++) x[j]! *= factor
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
