import { checkLength, checkSizes } from './checks.js'
import { kernels, layOut } from './wasm-module.js'

/** A symmetric matrix as Q T Q^T: T tridiagonal, Q the product of Householder reflections, the first one first. */
export interface Tridiagonal {
  readonly size: number
  /** (size) of T. */
  readonly diagonal: Float64Array
  /** (size) of T: element i stands beside diagonal element i and above it; the first is 0. */
  readonly off: Float64Array
  /** (size x size) row k holds the unit vector v of reflection k, 1 - 2 v v^T, from column k + 1 on; zeros elsewhere. */
  readonly reflections: Float64Array
}

/**
 * Householder reduction of a symmetric matrix (n x n, only the upper triangle is read) to tridiagonal form (Golub and
 * Van Loan 2013, algorithm 8.3.1). It is all that systems of A + lambda need for every lambda: (A + lambda)^-1 =
 * Q (T + lambda)^-1 Q^T. Throws KernelError when a length does not agree. Cost 4/3 n^3, and twice the matrix of memory.
 */
export function tridiagonalise(n: number, a: Float64Array): Tridiagonal {
  checkSizes('tridiagonalise', { n })
  checkLength('tridiagonalise', 'a', a.length, n * n, 'n x n')
  const [matrix, vectors, onDiagonal, beside, p, w] = layOut(8 * n * n, 8 * n * n, 8 * n, 8 * n, 8 * n, 8 * n) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const all = kernels()
  const { buffer } = all.memory
  new Float64Array(buffer, matrix, n * n).set(a)
  new Float64Array(buffer, vectors, n * n).fill(0)
  new Float64Array(buffer, beside, n).fill(0)
  all.tridiagonalise(n, matrix, vectors, onDiagonal, beside, p, w)
  return {
    size: n,
    diagonal: new Float64Array(buffer, onDiagonal, n).slice(),
    off: new Float64Array(buffer, beside, n).slice(),
    reflections: new Float64Array(buffer, vectors, n * n).slice(),
  }
}
