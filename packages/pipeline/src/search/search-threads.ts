import type {
  FoldFeatures,
  HeadPlan,
  PipelineSpec,
  SearchExecutor,
  SearchSplit,
  TailPlan,
  TrainingData,
} from '@astrolabel/models-classical'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { Worker } from 'node:worker_threads'

/** What a thread of a search begins with. */
export interface SearchWorkerData {
  readonly spec: PipelineSpec
  /** On shared memory. */
  readonly data: TrainingData
  readonly seed: number
}

/** What a thread is asked. */
export type SearchTask =
  | { readonly kind: 'features'; readonly split: SearchSplit; readonly head: HeadPlan }
  | { readonly kind: 'errors'; readonly features: FoldFeatures; readonly tail: TailPlan }

/** What a thread answers. */
export type SearchAnswer =
  | { readonly kind: 'done'; readonly result: FoldFeatures[] | Float64Array }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/** Fits of a search in threads: each is the same computation wherever it runs. */
export class SearchThreads implements SearchExecutor {
  readonly lanes: number
  readonly #start: SearchWorkerData
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()

  constructor(spec: PipelineSpec, data: TrainingData, seed: number, threads: number) {
    this.lanes = threads
    const { x, y, errors, ivar } = data
    this.#start = {
      spec,
      seed,
      data: {
        ...data,
        x: shared(x),
        y: shared(y),
        ...(errors === undefined ? {} : { errors: shared(errors) }),
        ...(ivar === undefined ? {} : { ivar: shared(ivar) }),
      },
    }
  }

  features(split: SearchSplit, head: HeadPlan, run: RunOptions): Promise<FoldFeatures[]> {
    return this.#ask({ kind: 'features', split, head }, run) as Promise<FoldFeatures[]>
  }

  errors(features: FoldFeatures, tail: TailPlan, run: RunOptions): Promise<Float64Array> {
    return this.#ask({ kind: 'errors', features, tail }, run) as Promise<Float64Array>
  }

  /** End the threads. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#all, (worker) => worker.terminate()))
  }

  async #ask(task: SearchTask, { signal }: RunOptions): Promise<FoldFeatures[] | Float64Array> {
    signal?.throwIfAborted()
    const worker = this.#idle.pop() ?? this.#begin()
    const result = await new Promise<FoldFeatures[] | Float64Array>((done, fail) => {
      const finish = (settle: () => void): void => {
        worker.off('message', hear)
        worker.off('error', fall)
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const abort = (): void => finish(() => void worker.terminate().then(() => fail(signal!.reason as Error), fail))
      const hear = (answer: SearchAnswer): void =>
        finish(() =>
          answer.kind === 'done' ? done(answer.result) : fail(new AstrolabelError(answer.code, answer.message)),
        )
      const fall = (cause: Error): void => finish(() => fail(cause))
      worker.on('message', hear)
      worker.once('error', fall)
      signal?.addEventListener('abort', abort, { once: true })
      worker.postMessage(task)
    })
    this.#idle.push(worker)
    return result
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./search-worker.js', import.meta.url), { workerData: this.#start })
    this.#all.add(worker)
    return worker
  }
}

/** An array on memory that threads share. */
function shared<T extends Float32Array | Float64Array>(array: T): T {
  const out = new (array.constructor as new (buffer: SharedArrayBuffer) => T)(new SharedArrayBuffer(array.byteLength))
  out.set(array)
  return out
}
