import { checkLength, checkOption, checkSizes } from './checks.js'
import { kernels, layOut } from './wasm-module.js'
import type { KernelExports } from './wasm-module.js'

/** Options of the matrix products. */
export interface GemmOptions {
  /** A is stored k x m and used transposed. Default false. */
  readonly transA?: boolean
  /** B is stored n x k and used transposed. Default false. */
  readonly transB?: boolean
  /** Factor of the product; 0 leaves A and B unread. Default 1. */
  readonly alpha?: number
  /** Factor of what C holds; 0 leaves the old C unread, so it may hold anything. Default 0. */
  readonly beta?: number
}

/** Element types of A, and of B and C together. */
export type GemmKind = 'f32' | 'f64' | 'f32f64'

type Real = Float32Array | Float64Array

/** One product C (m x n) = alpha op(A) op(B) + beta C, of which any rows can be made. */
export interface GemmTask {
  readonly kind: GemmKind
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: Real
  readonly b: Real
  readonly c: Real
  readonly options: GemmOptions
}

// Sizes of the blocks staged in the memory of the kernels, 10 MB together at most. STEPS x 32 bytes of a panel of B
// stay in a first-level cache; ROWS and COLUMNS are large enough that copying and packing, which are linear in the
// blocks, take a few percent of the time.
const STEPS = 256
const ROWS = 960
const COLUMNS = 1024

/** Throws KernelError unless sizes, lengths and options of the product agree. */
export function checkGemm(kernel: string, { m, n, k, a, b, c, options }: GemmTask): void {
  checkSizes(kernel, { m, n, k })
  checkLength(kernel, 'a', a.length, m * k, options.transA === true ? 'k x m' : 'm x k')
  checkLength(kernel, 'b', b.length, k * n, options.transB === true ? 'n x k' : 'k x n')
  checkLength(kernel, 'c', c.length, m * n, 'm x n')
  checkOption(kernel, 'alpha', options.alpha ?? 1)
  checkOption(kernel, 'beta', options.beta ?? 0)
}

/** Copies rows [row, row + rows) and columns [column, column + columns) of a matrix `width` wide, closely packed. */
function copyIn(to: Real, from: Real, width: number, row: number, rows: number, column: number, columns: number): void {
  if (columns === width) {
    to.set(from.subarray(row * width, (row + rows) * width))
    return
  }
  for (let i = 0; i < rows; i++) {
    const at = (row + i) * width + column
    to.set(from.subarray(at, at + columns), i * columns)
  }
}

function copyOut(
  to: Real,
  from: Real,
  width: number,
  row: number,
  rows: number,
  column: number,
  columns: number,
): void {
  if (columns === width) {
    to.set(from, row * width)
    return
  }
  for (let i = 0; i < rows; i++) {
    to.set(from.subarray(i * columns, (i + 1) * columns), (row + i) * width + column)
  }
}

function kernelsOf(kind: GemmKind, all: KernelExports) {
  const { packA32, packA64, packA3264, packB32, packB64, product32, product64, scale32, scale64 } = all
  if (kind === 'f32') return { packA: packA32, packB: packB32, product: product32, scale: scale32 }
  return { packA: kind === 'f64' ? packA64 : packA3264, packB: packB64, product: product64, scale: scale64 }
}

/**
 * Makes rows [start, end) of the product, unchecked. Every element is summed over k in the same order whatever the rows
 * asked for, so that C does not depend on how it is divided among threads. `upper`: only tiles that reach the diagonal.
 */
export function gemmRows(task: GemmTask, start: number, end: number, upper: boolean = false): void {
  const { kind, m, n, k, a, b, c, options } = task
  const { transA = false, transB = false, alpha = 1, beta = 0 } = options
  if (start >= end || n === 0) return
  const ArrayA = kind === 'f64' ? Float64Array : Float32Array
  const ArrayC = kind === 'f32' ? Float32Array : Float64Array
  const size = ArrayC.BYTES_PER_ELEMENT
  const rowsMost = Math.min(ROWS, end - start)
  const columnsMost = Math.min(COLUMNS, n)
  const stepsMost = Math.min(STEPS, k)
  const [stagedA, packedA, stagedB, packedB, blockC, spare] = layOut(
    rowsMost * stepsMost * ArrayA.BYTES_PER_ELEMENT,
    (rowsMost + 3) * stepsMost * size,
    columnsMost * stepsMost * size,
    (columnsMost + 7) * stepsMost * size,
    rowsMost * columnsMost * size,
    128,
  ) as [number, number, number, number, number, number]
  const all = kernels()
  const { packA, packB, product, scale } = kernelsOf(kind, all)
  const { buffer } = all.memory

  for (let j = 0; j < n; j += COLUMNS) {
    const columns = Math.min(COLUMNS, n - j)
    for (let i = start; i < end; i += ROWS) {
      const rows = Math.min(ROWS, end - i)
      if (upper && i > j + columns - 1) break
      const viewC = new ArrayC(buffer, blockC, rows * columns)
      if (beta !== 0) copyIn(viewC, c, n, i, rows, j, columns)
      if (beta !== 1) scale(blockC, rows * columns, beta)
      for (let p = 0; p < k && alpha !== 0; p += STEPS) {
        const steps = Math.min(STEPS, k - p)
        const viewB = new ArrayC(buffer, stagedB, steps * columns)
        if (transB) copyIn(viewB, b, k, j, columns, p, steps)
        else copyIn(viewB, b, n, p, steps, j, columns)
        packB(stagedB, packedB, columns, steps, transB ? steps : 1, transB ? 1 : columns)
        const viewA = new ArrayA(buffer, stagedA, rows * steps)
        if (transA) copyIn(viewA, a, m, p, steps, i, rows)
        else copyIn(viewA, a, k, i, rows, p, steps)
        packA(stagedA, packedA, rows, steps, transA ? 1 : steps, transA ? rows : 1)
        product(packedA, packedB, blockC, rows, columns, steps, alpha, spare, upper ? 1 : 0, i - j)
      }
      copyOut(c, viewC, n, i, rows, j, columns)
    }
  }
}
