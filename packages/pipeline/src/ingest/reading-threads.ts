import { AstrolabelError } from '@astrolabel/spectra'
import type { FileExtent } from '@astrolabel/surveys'
import { Worker } from 'node:worker_threads'
import type { FitRequest, Parcel, ReadRequest, SliceReader } from './slice-reader.js'
import type { SourceFile } from './source-file.js'

/** What a worker is told; `more` says that a parcel of its was written. */
export type WorkerTask =
  | { readonly kind: 'slice'; readonly files: readonly SourceFile[]; readonly fit: FitRequest }
  | { readonly kind: 'extents'; readonly files: readonly SourceFile[] }
  | { readonly kind: 'more' }

/** What a worker answers. */
export type WorkerAnswer =
  | { readonly kind: 'parcel'; readonly parcel: Parcel }
  | { readonly kind: 'end' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'extents'; readonly extents: readonly FileExtent[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

interface Slice {
  readonly parcels: Parcel[]
  /** Who reads it; nobody yet, or this thread. */
  worker: Worker | undefined
  ended: boolean
}

/** Slices that may be begun before the one that is being written has ended, a thread. */
const SLICES_AHEAD = 2

/** Garbage of reading is short-lived and small beside the matrices: a small nursery keeps a thread small. */
const YOUNG_MB = 4

/**
 * Threads that read slices of files, one of them this one. Parcels come out in the order of the slices whatever thread was first, and a thread
 * that is ahead waits with a parcel of its slice, so that memory stays flat.
 */
export class ReadingThreads {
  readonly #workers: readonly Worker[]
  readonly #signal: AbortSignal | undefined
  readonly #ready = new Set<Worker>()
  #failure: Error | undefined
  readonly #waiting = new Set<() => void>()

  /** @param threads With this one, 2 or more. */
  constructor(threads: number, request: ReadRequest, signal: AbortSignal | undefined) {
    const url = new URL('./ingest-worker.js', import.meta.url)
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB }
    this.#workers = Array.from({ length: threads - 1 }, () => new Worker(url, { workerData: request, resourceLimits }))
    this.#signal = signal
    for (const worker of this.#workers) {
      worker.on('message', (answer: WorkerAnswer) => {
        if (answer.kind !== 'ready') return
        this.#ready.add(worker)
        this.#wake()
      })
      worker.on('error', (error) => this.#fail(error))
      worker.on('exit', (code) => this.#fail(new AstrolabelError('ingest/worker', `A thread ended with code ${code}`)))
    }
    signal?.addEventListener('abort', this.#abort)
  }

  /** The stretches of the lattice that files take, in any order. */
  async extents(slices: readonly (readonly SourceFile[])[]): Promise<FileExtent[]> {
    const out: FileExtent[] = []
    const queue = slices.values()
    await this.#unlessFailed(
      this.#workers.map(async (worker) => {
        for (const files of queue) {
          await this.#ask(worker, { kind: 'extents', files }, (answer) => {
            if (answer.kind === 'extents') out.push(...answer.extents)
            return answer.kind === 'extents'
          })
        }
      }),
    )
    return out
  }

  /**
   * The parcels of all slices in their order.
   *
   * @param here Reads in this thread, which would else only write: from the start, when the others are not there yet.
   */
  async *parcels(
    slices: readonly (readonly SourceFile[])[],
    fit: FitRequest,
    here: SliceReader,
  ): AsyncGenerator<Parcel> {
    const states = slices.map((): Slice => ({ parcels: [], worker: undefined, ended: false }))
    let next = 0
    let writing = 0
    const ahead = SLICES_AHEAD * (this.#workers.length + 1)
    const own = async (): Promise<void> => {
      while (next < slices.length) {
        const i = next++
        await this.#until(() => i < writing + ahead)
        const state = states[i]!
        for await (const parcel of here.read(slices[i]!, fit)) {
          await this.#until(() => state.parcels.length === 0)
          state.parcels.push(parcel)
          this.#wake()
        }
        state.ended = true
        this.#wake()
      }
    }
    const lane = async (worker: Worker): Promise<void> => {
      await this.#until(() => this.#ready.has(worker))
      while (next < slices.length) {
        const i = next++
        await this.#until(() => i < writing + ahead)
        const state = states[i]!
        state.worker = worker
        await this.#ask(worker, { kind: 'slice', files: slices[i]!, fit }, (answer) => {
          if (answer.kind === 'parcel') state.parcels.push(answer.parcel)
          else state.ended = true
          this.#wake()
          return state.ended
        })
      }
    }
    // Whoever waits for a parcel hears of a failure too.
    for (const work of [own(), ...this.#workers.map(lane)]) work.catch((error: Error) => this.#fail(error))
    for (; writing < states.length; writing++) {
      const state = states[writing]!
      for (;;) {
        await this.#until(() => state.parcels.length > 0 || state.ended)
        const parcel = state.parcels.shift()
        if (parcel === undefined) break
        yield parcel
        state.worker?.postMessage({ kind: 'more' } satisfies WorkerTask)
        this.#wake()
      }
      this.#wake()
    }
  }

  /** End the threads. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#abort)
    for (const worker of this.#workers) worker.removeAllListeners()
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  readonly #abort = (): void => this.#fail(this.#signal!.reason as Error)

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  async #until(ready: () => boolean): Promise<void> {
    while (!ready()) {
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((wake) => this.#waiting.add(wake))
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  async #unlessFailed(work: readonly Promise<void>[]): Promise<void> {
    let pending = work.length
    for (const one of work)
      one
        .catch((error: Error) => this.#fail(error))
        .finally(() => {
          pending--
          this.#wake()
        })
    await this.#until(() => pending === 0)
  }

  /** Post a task and take answers until one says that it is done. */
  #ask(worker: Worker, task: WorkerTask, hear: (answer: WorkerAnswer) => boolean): Promise<void> {
    return new Promise((done, fail) => {
      const listen = (answer: WorkerAnswer): void => {
        if (answer.kind === 'failed') {
          worker.off('message', listen)
          fail(new AstrolabelError(answer.code, answer.message))
        } else if (answer.kind !== 'ready' && hear(answer)) {
          worker.off('message', listen)
          done()
        }
      }
      worker.on('message', listen)
      worker.postMessage(task)
    })
  }
}
