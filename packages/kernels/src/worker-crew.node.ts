import { Worker } from 'node:worker_threads'
import { KernelError } from './kernel-error.js'
import type { PoolTask } from './pool-task.js'

/** One block of rows for a worker. */
export interface BlockMessage {
  readonly task: PoolTask
  readonly start: number
  readonly end: number
}

/** Ways to stop and follow a long call. */
export interface CallOptions {
  /** Stops the call at the next block of rows; it rejects with the signal's reason and leaves its outputs undefined. */
  readonly signal?: AbortSignal
  /** Called with rows done and rows in all after each block. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A call under way: blocks are handed out from `next` on; `failure` stops that, and running blocks are waited for. */
interface Job {
  readonly task: PoolTask
  readonly rows: number
  readonly blockRows: number
  readonly onProgress: CallOptions['onProgress']
  readonly settle: (failure: { readonly reason: unknown } | undefined) => void
  next: number
  done: number
  running: number
  failure: { readonly reason: unknown } | undefined
}

function workerFailed(got: string): KernelError {
  return new KernelError('worker-failed', {
    what: 'kernel pool: a worker thread',
    got,
    expected: 'its block of rows done',
    remedy: 'Try fewer threads or smaller batches; the next call starts a new worker.',
  })
}

/** Worker threads started when first needed and fed block by block, so that a slow thread does not hold up the rest. */
export class WorkerCrew {
  readonly #threads: number
  readonly #script: URL
  readonly #idle: Worker[] = []
  readonly #busy: Map<Worker, { readonly job: Job; readonly size: number }> = new Map()
  readonly #jobs: Job[] = []

  constructor(threads: number, script: URL) {
    this.#threads = threads
    this.#script = script
  }

  /** Does all rows of a task whose arrays lie on shared memory. Rejects with KernelError or the signal's reason. */
  run(task: PoolTask, rows: number, blockRows: number, { signal, onProgress }: CallOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => this.#fail(job, signal?.reason)
      const job: Job = {
        task,
        rows,
        blockRows,
        onProgress,
        next: 0,
        done: 0,
        running: 0,
        failure: undefined,
        settle: (failure) => {
          signal?.removeEventListener('abort', abort)
          if (failure === undefined) resolve()
          else reject(failure.reason)
        },
      }
      signal?.addEventListener('abort', abort)
      this.#jobs.push(job)
      this.#dispatch()
    })
  }

  /** Ends every thread; calls under way reject with `reason`. */
  async close(reason: unknown): Promise<void> {
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()]
    this.#busy.clear()
    for (const job of this.#jobs.splice(0)) job.settle(job.failure ?? { reason })
    await Promise.all(workers.map((worker) => worker.removeAllListeners().terminate()))
  }

  #fail(job: Job, reason: unknown): void {
    job.failure ??= { reason }
    this.#finishIfDone(job)
  }

  #finishIfDone(job: Job): void {
    if (job.running > 0 || (job.failure === undefined && job.done < job.rows)) return
    const at = this.#jobs.indexOf(job)
    if (at < 0) return
    this.#jobs.splice(at, 1)
    job.settle(job.failure)
  }

  #dispatch(): void {
    for (const job of this.#jobs) {
      while (job.failure === undefined && job.next < job.rows) {
        const worker = this.#idle.pop() ?? this.#start()
        if (worker === undefined) return
        const start = job.next
        const end = Math.min(job.rows, start + job.blockRows)
        job.next = end
        job.running++
        this.#busy.set(worker, { job, size: end - start })
        worker.ref()
        worker.postMessage({ task: job.task, start, end } satisfies BlockMessage)
      }
    }
  }

  #start(): Worker | undefined {
    if (this.#busy.size + this.#idle.length >= this.#threads) return undefined
    const worker = new Worker(this.#script)
    worker.on('message', (answer: string | null) => this.#answered(worker, answer))
    worker.on('error', (error) => this.#lost(worker, String(error)))
    worker.on('exit', (code) => this.#lost(worker, `an exit with code ${code}`))
    return worker
  }

  #answered(worker: Worker, answer: string | null): void {
    const block = this.#busy.get(worker)
    if (block === undefined) return
    this.#busy.delete(worker)
    // An idle thread must not keep the process alive.
    worker.unref()
    this.#idle.push(worker)
    this.#blockEnded(block.job, answer === null ? block.size : 0, answer === null ? undefined : workerFailed(answer))
  }

  #lost(worker: Worker, got: string): void {
    const at = this.#idle.indexOf(worker)
    if (at >= 0) this.#idle.splice(at, 1)
    const block = this.#busy.get(worker)
    if (block === undefined) return
    this.#busy.delete(worker)
    this.#blockEnded(block.job, 0, workerFailed(got))
  }

  #blockEnded(job: Job, rowsDone: number, error: KernelError | undefined): void {
    job.running--
    job.done += rowsDone
    if (error !== undefined) job.failure ??= { reason: error }
    if (job.failure === undefined) {
      try {
        job.onProgress?.(job.done, job.rows)
      } catch (thrown) {
        job.failure = { reason: thrown }
      }
    }
    this.#finishIfDone(job)
    this.#dispatch()
  }
}
