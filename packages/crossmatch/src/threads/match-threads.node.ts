import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { takeBlock, type BlockList } from '../zones/block-list.js'
import { CrossmatchError } from '../crossmatch-error.js'
import { runBlock, type ThreadBlock } from './thread-block.js'

/**
 * Threads of one match, the calling one among them. The others start at once, while the caller still prepares, and must be closed. Nobody
 * waits for them to start: blocks go to whoever is there.
 */
export class MatchThreads {
  readonly #workers: readonly Worker[]
  #onDone: ((place: number) => void) | undefined
  #onLost: ((got: string) => void) | undefined

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads - 1 }, () => {
      const worker = new Worker(new URL('./match-worker.node.js', import.meta.url))
      worker.on('message', (answer: number | string) => {
        if (typeof answer === 'number') this.#onDone?.(answer)
        else this.#onLost?.(answer)
      })
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
  async run(blocks: readonly ThreadBlock[], signal?: AbortSignal, onDone?: (place: number) => void): Promise<void> {
    signal?.throwIfAborted()
    if (blocks.length === 0) return
    const list: BlockList = { blocks, next: new Int32Array(new SharedArrayBuffer(4)) }
    let done = 0
    let stop: (() => void) | undefined
    const all = new Promise<void>((resolve, reject) => {
      const fail = (reason: unknown): void => {
        Atomics.store(list.next, 0, blocks.length)
        reject(reason)
      }
      const abort = (): void => fail(signal?.reason)
      signal?.addEventListener('abort', abort)
      stop = () => signal?.removeEventListener('abort', abort)
      this.#onLost = (got) => fail(workerFailed(got))
      this.#onDone = (place) => {
        try {
          onDone?.(place)
        } catch (error) {
          fail(error)
        }
        done++
        if (done === blocks.length) resolve()
      }
    })
    // A failure while this thread still works is reported when it has stopped.
    all.catch(() => undefined)
    try {
      for (const worker of this.#workers) worker.postMessage(list)
      for (let place = takeBlock(list); place >= 0; place = takeBlock(list)) {
        runBlock(blocks[place]!)
        this.#onDone?.(place)
        // The others' answers come in between blocks, and so does the caller's wish to stop.
        await turn()
      }
      await all
    } finally {
      stop?.()
      this.#onDone = undefined
      this.#onLost = undefined
    }
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
