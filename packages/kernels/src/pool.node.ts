import { checkGemm } from './gemm-rows.js'
import type { GemmOptions, GemmTask } from './gemm-rows.js'
import { KernelError } from './kernel-error.js'
import { runTaskRows } from './pool-task.js'
import type { PoolTask } from './pool-task.js'
import { checkResampleRows } from './resample-rows.js'
import { checkRunningMedian } from './running-median.js'
import { checkLeaves } from './sum-leaves.js'
import type { PackedForest } from './sum-leaves.js'
import { sharedInput, sharedOutput } from './shared-array.js'
import { WorkerCrew } from './worker-crew.node.js'
import type { CallOptions } from './worker-crew.node.js'

/** Options of {@link createKernelPool}. */
export interface PoolOptions {
  /** Threads to compute on. 1 computes on the calling thread and starts no worker. Default 1. */
  readonly threads?: number
}

/** Last argument of a pool's kernels: how to stop and follow a call. */
export type PoolCallOptions = CallOptions

/** Options of a pool's matrix products. */
export interface PoolGemmOptions extends GemmOptions, CallOptions {}

/**
 * The kernels over rows, computed on several threads. Arguments, results and errors are those of the functions of the
 * same name, bit for bit whatever the number of threads. Arrays on a SharedArrayBuffer are used where they lie, others
 * are copied in, and outputs copied out when all is done. A thread that dies rejects with KernelError `worker-failed`.
 */
export interface KernelPool {
  readonly threads: number
  runningMedian(
    rows: number,
    nPix: number,
    x: Float32Array,
    window: number,
    out: Float32Array,
    options?: PoolCallOptions,
  ): Promise<void>
  resampleRows(
    rows: number,
    wave: Float64Array,
    flux: Float32Array,
    ivar: Float32Array,
    factors: Float64Array,
    waveOut: Float64Array,
    fluxOut: Float32Array,
    ivarOut: Float32Array,
    options?: PoolCallOptions,
  ): Promise<void>
  gemmF64(
    m: number,
    n: number,
    k: number,
    a: Float64Array,
    b: Float64Array,
    c: Float64Array,
    options?: PoolGemmOptions,
  ): Promise<void>
  gemmF32(
    m: number,
    n: number,
    k: number,
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
    options?: PoolGemmOptions,
  ): Promise<void>
  gemmF32F64(
    m: number,
    n: number,
    k: number,
    a: Float32Array,
    b: Float64Array,
    c: Float64Array,
    options?: PoolGemmOptions,
  ): Promise<void>
  sumLeaves(
    forest: PackedForest,
    x: Float32Array,
    rows: number,
    out: Float64Array,
    options?: PoolCallOptions,
  ): Promise<void>
  /** Ends the threads. Calls under way, and later ones, reject with KernelError `pool-closed`. */
  close(): Promise<void>
}

// How long the calling thread may compute before it lets timers and signals have a turn.
const TURN_MS = 20

// Pixels in a block of rows: some milliseconds of work against some 20 microseconds to hand it over.
const BLOCK_PIXELS = 131_072

// Fewest rows of C in a block of a product: each block packs the whole of B again.
const GEMM_BLOCK_ROWS = 192

// Fewest rows in a block through a forest.
const LEAVES_BLOCK_ROWS = 2048

function closedError(): KernelError {
  return new KernelError('pool-closed', {
    what: 'kernel pool',
    got: 'a closed pool',
    expected: 'an open one',
    remedy: 'Close the pool after its last call has settled, or create another.',
  })
}

async function runInline(task: PoolTask, rows: number, blockRows: number, options: CallOptions): Promise<void> {
  let turnEnds = performance.now() + TURN_MS
  for (let start = 0; start < rows; start += blockRows) {
    if (performance.now() > turnEnds) {
      await new Promise((resolve) => setImmediate(resolve))
      turnEnds = performance.now() + TURN_MS
    }
    options.signal?.throwIfAborted()
    const end = Math.min(rows, start + blockRows)
    runTaskRows(task, start, end)
    options.onProgress?.(end, rows)
  }
}

class RowPool implements KernelPool {
  readonly threads: number
  readonly #crew: WorkerCrew
  #closed = false

  constructor(threads: number) {
    this.threads = threads
    this.#crew = new WorkerCrew(threads, new URL('./pool-worker.node.js', import.meta.url))
  }

  async runningMedian(
    rows: number,
    nPix: number,
    x: Float32Array,
    window: number,
    out: Float32Array,
    options: PoolCallOptions = {},
  ): Promise<void> {
    checkRunningMedian(rows, nPix, x, window, out)
    const target = this.#output(out, false)
    const args = { nPix, x: this.#input(x), window, out: target }
    await this.#run({ kernel: 'runningMedian', args }, rows, Math.ceil(BLOCK_PIXELS / Math.max(1, nPix)), options)
    if (target !== out) out.set(target)
  }

  async resampleRows(
    rows: number,
    wave: Float64Array,
    flux: Float32Array,
    ivar: Float32Array,
    factors: Float64Array,
    waveOut: Float64Array,
    fluxOut: Float32Array,
    ivarOut: Float32Array,
    options: PoolCallOptions = {},
  ): Promise<void> {
    checkResampleRows(rows, wave, flux, ivar, factors, waveOut, fluxOut, ivarOut)
    const targetFlux = this.#output(fluxOut, false)
    const targetIvar = this.#output(ivarOut, false)
    const args = {
      wave: this.#input(wave),
      flux: this.#input(flux),
      ivar: this.#input(ivar),
      factors: this.#input(factors),
      waveOut: this.#input(waveOut),
      fluxOut: targetFlux,
      ivarOut: targetIvar,
    }
    const blockRows = Math.ceil(BLOCK_PIXELS / Math.max(1, wave.length, waveOut.length))
    await this.#run({ kernel: 'resampleRows', args }, rows, blockRows, options)
    if (targetFlux !== fluxOut) fluxOut.set(targetFlux)
    if (targetIvar !== ivarOut) ivarOut.set(targetIvar)
  }

  gemmF64(
    m: number,
    n: number,
    k: number,
    a: Float64Array,
    b: Float64Array,
    c: Float64Array,
    options: PoolGemmOptions = {},
  ): Promise<void> {
    return this.#gemm('gemmF64', { kind: 'f64', m, n, k, a, b, c, options }, options)
  }

  gemmF32(
    m: number,
    n: number,
    k: number,
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
    options: PoolGemmOptions = {},
  ): Promise<void> {
    return this.#gemm('gemmF32', { kind: 'f32', m, n, k, a, b, c, options }, options)
  }

  gemmF32F64(
    m: number,
    n: number,
    k: number,
    a: Float32Array,
    b: Float64Array,
    c: Float64Array,
    options: PoolGemmOptions = {},
  ): Promise<void> {
    return this.#gemm('gemmF32F64', { kind: 'f32f64', m, n, k, a, b, c, options }, options)
  }

  async sumLeaves(
    forest: PackedForest,
    x: Float32Array,
    rows: number,
    out: Float64Array,
    options: PoolCallOptions = {},
  ): Promise<void> {
    checkLeaves(forest, x, rows, out)
    const { width, labels, roots, feature, threshold, left, value } = forest
    const target = this.#output(out, true)
    const args = {
      // Named one by one: a forest may carry more than its prediction needs.
      forest: {
        width,
        labels,
        roots: this.#input(roots),
        feature: this.#input(feature),
        threshold: this.#input(threshold),
        left: this.#input(left),
        value: this.#input(value),
      },
      x: this.#input(x),
      out: target,
    }
    // Each block packs all trees again.
    const blockRows = Math.max(LEAVES_BLOCK_ROWS, Math.ceil(rows / (4 * this.threads)))
    await this.#run({ kernel: 'sumLeaves', args }, rows, blockRows, options)
    if (target !== out) out.set(target)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#crew.close(closedError())
  }

  async #gemm(kernel: string, whole: GemmTask, callOptions: CallOptions): Promise<void> {
    checkGemm(kernel, whole)
    // Named one by one: a signal or a callback among them cannot be sent to a worker.
    const { transA = false, transB = false, alpha = 1, beta = 0 } = whole.options
    const target = this.#output(whole.c, beta !== 0)
    const args = {
      ...whole,
      a: this.#input(whole.a),
      b: this.#input(whole.b),
      c: target,
      options: { transA, transB, alpha, beta },
    }
    const blockRows = Math.max(GEMM_BLOCK_ROWS, Math.ceil(whole.m / (3 * this.threads)))
    await this.#run({ kernel: 'gemm', args }, whole.m, blockRows, callOptions)
    if (target !== whole.c) whole.c.set(target)
  }

  #input<T extends Float32Array | Float64Array | Int32Array>(array: T): T {
    return this.threads === 1 ? array : sharedInput(array)
  }

  #output<T extends Float32Array | Float64Array>(array: T, keep: boolean): T {
    return this.threads === 1 ? array : sharedOutput(array, keep)
  }

  async #run(task: PoolTask, rows: number, blockRows: number, options: CallOptions): Promise<void> {
    if (this.#closed) throw closedError()
    options.signal?.throwIfAborted()
    if (rows === 0) return
    if (this.threads === 1) await runInline(task, rows, blockRows, options)
    else await this.#crew.run(task, rows, blockRows, options)
  }
}

/**
 * A pool of threads for the kernels over rows. Workers start on the first call that needs them, wait without keeping
 * the process alive, and end with `close()`. Throws KernelError `bad-option` unless `threads` is a whole number, 1 or
 * more.
 */
export function createKernelPool(options: PoolOptions = {}): KernelPool {
  const { threads = 1 } = options
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new KernelError('bad-option', {
      what: 'createKernelPool: option threads',
      got: String(threads),
      expected: 'a whole number, 1 or more',
      remedy: 'Leave it out for one thread, or pass the number of cores.',
    })
  }
  return new RowPool(threads)
}
