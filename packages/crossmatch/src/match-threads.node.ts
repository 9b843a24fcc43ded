import { Worker } from 'node:worker_threads'
import { CrossmatchError } from './crossmatch-error.js'
import type { ThreadBlock } from './thread-block.js'

/** Threads of one match. They start at once, while the caller still prepares, and must be closed. */
export class MatchThreads {
  readonly #workers: readonly Worker[]
  #onLost: ((got: string) => void) | undefined

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./match-worker.node.js', import.meta.url))
      worker.on('error', (error) => this.#onLost?.(String(error)))
      worker.on('exit', (code) => this.#onLost?.(`an exit with code ${code}`))
      return worker
    })
  }

  /**
   * Does all blocks, each on the first thread that is free. After a failure the threads can only be closed.
   *
   * @param onDone called after each block with its place in the list
   * @throws CrossmatchError `worker-failed` when a thread dies; the signal's reason; what `onDone` throws
   */
  run(blocks: readonly ThreadBlock[], signal?: AbortSignal, onDone?: (block: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let next = 0
      let done = 0
      let settled = false
      const settle = (end: () => void): void => {
        settled = true
        this.#onLost = undefined
        signal?.removeEventListener('abort', abort)
        end()
      }
      const fail = (reason: unknown): void => settle(() => reject(reason))
      const abort = (): void => fail(signal?.reason)
      const feed = (worker: Worker): void => {
        if (next === blocks.length) return
        const block = next++
        worker.once('message', (failure: string | null) => {
          if (settled) return
          if (failure !== null) return fail(workerFailed(failure))
          done++
          try {
            onDone?.(block)
          } catch (error) {
            return fail(error)
          }
          // onDone may have aborted.
          if (settled) return
          if (done === blocks.length) settle(resolve)
          else feed(worker)
        })
        worker.postMessage(blocks[block])
      }
      this.#onLost = (got) => fail(workerFailed(got))
      signal?.addEventListener('abort', abort)
      if (signal?.aborted) abort()
      else if (blocks.length === 0) settle(resolve)
      else for (const worker of this.#workers) feed(worker)
    })
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    // A run under way ends now, and lets go of its signal.
    this.#onLost?.('closed')
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

function workerFailed(got: string): CrossmatchError {
  return new CrossmatchError('worker-failed', 'A thread of the match did not finish', {
    got,
    remedy: 'Try fewer threads, or crossmatch, which needs none.',
  })
}
