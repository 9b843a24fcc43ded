import { checkLength, checkSizes } from './checks.js'
import { layOutIn, newKernels } from './wasm-module.js'
import type { KernelExports } from './wasm-module.js'

// Steps of one block, as in gemm-rows.ts.
const STEPS = 256

/**
 * A matrix A (m x k, single precision) that is multiplied many times: packed once, both ways, where gemmF32 packs it for
 * each product. Its memory, 8 bytes an element, is its own and freed with it.
 *
 * Measured on 1600 x 7781 times 16 columns, both ways together, ms: this 22, gemmF32 47.
 */
export class PackedRows {
  readonly m: number
  readonly k: number
  readonly #kernels: KernelExports
  readonly #rows: number
  readonly #columns: number
  readonly #room: number

  /** Throws KernelError when `a` is not m x k. */
  constructor(m: number, k: number, a: Float32Array) {
    checkSizes('PackedRows', { m, k })
    checkLength('PackedRows', 'a', a.length, m * k, 'm x k')
    this.m = m
    this.k = k
    this.#kernels = newKernels()
    // The two packed forms, and behind them what each call lays out for itself.
    const bytes = (lanes: number, steps: number): number => 4 * ((lanes + 3) & ~3) * steps
    const [rows, columns, room] = layOutIn(this.#kernels, [bytes(m, k), bytes(k, m), 4 * STEPS * k]) as [
      number,
      number,
      number,
    ]
    this.#rows = rows
    this.#columns = columns
    this.#room = room
    const { memory, packA32 } = this.#kernels
    for (let start = 0; start < m; start += STEPS) {
      const count = Math.min(STEPS, m - start)
      new Float32Array(memory.buffer, room, count * k).set(a.subarray(start * k, (start + count) * k))
      packA32(room, columns + bytes(k, start), k, count, 1, k)
    }
    // A panel of four rows at a time: the steps of a block lie where those of all rows before it end.
    for (let start = 0; start < m; start += 4) {
      const count = Math.min(4, m - start)
      new Float32Array(memory.buffer, room, count * k).set(a.subarray(start * k, (start + count) * k))
      for (let step = 0; step < k; step += STEPS) {
        const steps = Math.min(STEPS, k - step)
        packA32(room + 4 * step, rows + bytes(m, step) + 4 * start * steps, count, steps, k, 1)
      }
    }
  }

  /** A B, (m x n), of B (k x n). Throws KernelError on lengths that do not agree. Cost m n k. */
  times(n: number, b: Float32Array): Float32Array {
    return this.#product('PackedRows.times', this.#rows, this.m, this.k, n, b)
  }

  /** A^T Q, (k x n), of Q (m x n). */
  transposedTimes(n: number, q: Float32Array): Float32Array {
    return this.#product('PackedRows.transposedTimes', this.#columns, this.k, this.m, n, q)
  }

  #product(kernel: string, packed: number, lanes: number, depth: number, n: number, b: Float32Array): Float32Array {
    checkSizes(kernel, { n })
    checkLength(kernel, 'b', b.length, depth * n, 'steps x n')
    const { memory, packB32, product32, scale32 } = this.#kernels
    const [staged, packedB, c, spare] = layOutIn(
      this.#kernels,
      [4 * STEPS * n, 4 * STEPS * (n + 7), 4 * lanes * n, 128],
      this.#room,
    ) as [number, number, number, number]
    scale32(c, lanes * n, 0)
    for (let step = 0; step < depth; step += STEPS) {
      const steps = Math.min(STEPS, depth - step)
      new Float32Array(memory.buffer, staged, steps * n).set(b.subarray(step * n, (step + steps) * n))
      packB32(staged, packedB, n, steps, 1, n)
      product32(packed + 4 * ((lanes + 3) & ~3) * step, packedB, c, lanes, n, steps, 1, spare, 0, 0)
    }
    return new Float32Array(memory.buffer, c, lanes * n).slice()
  }
}
