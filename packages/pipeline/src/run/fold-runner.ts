import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { Worker } from 'node:worker_threads'
import type { FoldTask } from './fold-task.js'
import { loadSpectra, runFold } from './fold-task.js'

/** What a worker answers. */
export type FoldAnswer =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/**
 * Trains folds, one after another or side by side in threads. Each fold is the same computation wherever it runs, so
 * the number of threads does not change a byte.
 */
export class FoldRunner {
  readonly #path: string
  readonly #threads: number
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()
  #spectra: Spectra | undefined

  constructor(path: string, threads: number) {
    this.#path = path
    this.#threads = threads
  }

  /**
   * Call `start` for each item, as many at a time as there are threads.
   *
   * @throws the first failure, when the others that had begun have ended: what they did is whole then.
   */
  async all<T>(items: readonly T[], start: (item: T) => Promise<void>): Promise<void> {
    const queue = [...items]
    const lane = async (): Promise<void> => {
      try {
        for (let item = queue.shift(); item !== undefined; item = queue.shift()) await start(item)
      } finally {
        queue.length = 0
      }
    }
    const lanes = await Promise.allSettled(Array.from({ length: Math.min(this.#threads, items.length) }, lane))
    for (const result of lanes) if (result.status === 'rejected') throw result.reason
  }

  /** Do one fold, here when there is one thread, else in a worker. */
  async run(task: FoldTask, options: RunOptions): Promise<void> {
    if (this.#threads <= 1) {
      this.#spectra ??= await loadSpectra(this.#path)
      await runFold(this.#spectra, task, options)
      return
    }
    options.signal?.throwIfAborted()
    const worker = this.#idle.pop() ?? this.#start()
    await this.#ask(worker, task, options)
    this.#idle.push(worker)
  }

  /** End the workers. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#all, (worker) => worker.terminate()))
  }

  #start(): Worker {
    const worker = new Worker(new URL('./fold-worker.js', import.meta.url), { workerData: this.#path })
    this.#all.add(worker)
    return worker
  }

  #ask(worker: Worker, task: FoldTask, { onProgress, signal }: RunOptions): Promise<void> {
    return new Promise((done, fail) => {
      // Only when the worker has ended is what it was writing out of its hands.
      const abort = (): void => finish(() => void worker.terminate().then(() => fail(signal!.reason as Error), fail))
      const finish = (settle: () => void): void => {
        worker.off('message', hear)
        worker.off('error', fall)
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const hear = (answer: FoldAnswer): void => {
        if (answer.kind === 'progress') onProgress?.(answer.done, answer.total)
        else if (answer.kind === 'done') finish(done)
        else finish(() => fail(new AstrolabelError(answer.code, answer.message)))
      }
      const fall = (cause: Error): void => finish(() => fail(cause))
      worker.on('message', hear)
      worker.once('error', fall)
      signal?.addEventListener('abort', abort, { once: true })
      worker.postMessage(task)
    })
  }
}
