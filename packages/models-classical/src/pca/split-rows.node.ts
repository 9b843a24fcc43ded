import { Worker } from 'node:worker_threads'
import { PackedRows } from '@astrolabel/kernels'
import { AstrolabelError } from '@astrolabel/spectra'
import type { Multiplier } from './principal-components.js'

/** What a worker is told, and says, in the first number of `command`: 0 until it has packed its rows. */
export const DONE = 1
export const TIMES = 2
export const TRANSPOSED = 3
const STOP = 4
export const FAILED = 5

/** Rows of a matrix that a worker holds, and where it reads and writes; all on shared memory. */
export interface RowShare {
  readonly rows: number
  readonly width: number
  readonly matrix: Float32Array
  /** What is to be done, and with how many columns. */
  readonly command: Int32Array
  readonly input: Float32Array
  readonly output: Float32Array
}

/** Columns of a product at most. */
const MOST_COLUMNS = 8

/** A worker that says nothing for so long is dead: its products take milliseconds. */
const PATIENCE_MS = 120_000

/**
 * A matrix whose rows several threads hold, each its part, packed. Products are waited for: the calling thread computes
 * its own part meanwhile.
 */
export class SplitRows implements Multiplier {
  readonly #own: PackedRows
  readonly #ownRows: number
  readonly #n: number
  readonly #shares: RowShare[] = []
  readonly #workers: Worker[] = []

  constructor(matrix: Float32Array, n: number, width: number, threads: number) {
    this.#n = n
    const part = Math.ceil(n / threads)
    for (let start = part; start < n; start += part) {
      const rows = Math.min(part, n - start)
      const share: RowShare = {
        rows,
        width,
        matrix: sharedFloats(rows * width),
        command: new Int32Array(new SharedArrayBuffer(8)),
        input: sharedFloats(Math.max(rows, width) * MOST_COLUMNS),
        output: sharedFloats(Math.max(rows, width) * MOST_COLUMNS),
      }
      share.matrix.set(matrix.subarray(start * width, (start + rows) * width))
      this.#shares.push(share)
      this.#workers.push(new Worker(new URL('./split-rows-worker.node.js', import.meta.url), { workerData: share }))
    }
    this.#ownRows = Math.min(part, n)
    this.#own = new PackedRows(this.#ownRows, width, matrix.subarray(0, this.#ownRows * width))
  }

  times(columns: number, b: Float32Array): Float32Array {
    for (const share of this.#shares) tell(share, TIMES, columns, b)
    const out = new Float32Array(this.#n * columns)
    out.set(this.#own.times(columns, b))
    let at = this.#ownRows * columns
    for (const share of this.#shares) {
      settle(share)
      out.set(share.output.subarray(0, share.rows * columns), at)
      at += share.rows * columns
    }
    return out
  }

  transposedTimes(columns: number, q: Float32Array): Float32Array {
    let at = this.#ownRows * columns
    for (const share of this.#shares) {
      tell(share, TRANSPOSED, columns, q.subarray(at, at + share.rows * columns))
      at += share.rows * columns
    }
    const out = this.#own.transposedTimes(columns, q.subarray(0, this.#ownRows * columns))
    for (const share of this.#shares) {
      settle(share)
      for (let i = 0; i < out.length; i++) out[i]! += share.output[i]!
    }
    return out
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    for (const { command } of this.#shares) say(command, STOP)
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function sharedFloats(count: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * count))
}

function say(command: Int32Array, what: number): void {
  Atomics.store(command, 0, what)
  Atomics.notify(command, 0)
}

function tell(share: RowShare, what: number, columns: number, input: Float32Array): void {
  settle(share)
  share.input.set(input)
  share.command[1] = columns
  say(share.command, what)
}

/** Waits until a worker has done what it was told. */
function settle({ command }: RowShare): void {
  for (let now = Atomics.load(command, 0); now !== DONE; now = Atomics.load(command, 0)) {
    if (now !== FAILED && Atomics.wait(command, 0, now, PATIENCE_MS) !== 'timed-out') continue
    throw new AstrolabelError('pca/worker', 'A thread that multiplied rows ended early', {
      got: now === FAILED ? 'a failure, as of memory' : `no answer for ${PATIENCE_MS / 1000} s`,
      expected: 'its part of a product',
      remedy: 'Try fewer threads',
    })
  }
}
