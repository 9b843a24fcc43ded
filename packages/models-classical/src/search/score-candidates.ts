import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { ParameterValues } from '../pipeline/parameters.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { TrainingData } from '../pipeline/training-data.js'
import type { FoldFeatures, SearchSplit } from './fold-fits.js'
import { foldFeatures, tailErrors } from './fold-fits.js'
import type { HeadPlan, TailPlan } from './plan-fits.js'
import { planFits } from './plan-fits.js'

/** Where the fits of a search are done: here, or in threads. */
export interface SearchExecutor {
  /** Fits at a time. */
  readonly lanes: number
  features(split: SearchSplit, head: HeadPlan, run: RunOptions): Promise<FoldFeatures[]>
  errors(features: FoldFeatures, tail: TailPlan, run: RunOptions): Promise<Float64Array>
}

/** What came of one candidate in one fold. */
export interface FoldScore {
  readonly candidate: number
  readonly fold: number
  /** (L) root mean square error of each label in its unit. */
  readonly errors: Float64Array
  /** Seconds that its fit took, shared with the candidates that it gave, too. */
  readonly seconds: number
}

/** What a search is told as it goes. */
export interface ScoreOptions extends RunOptions {
  /** Scores of an earlier run, which are not computed again. */
  readonly known?: readonly FoldScore[]
  /** Called with the scores of each fit as it ends. */
  readonly onScored?: (scores: readonly FoldScore[]) => void
}

/** An executor that fits in the calling thread. `pause` is awaited between fits, so that others have their turn. */
export function hereExecutor(
  pipeline: Pipeline,
  data: TrainingData,
  seed: number,
  pause: () => Promise<unknown> = () => Promise.resolve(),
): SearchExecutor {
  return {
    lanes: 1,
    features: async (split, head, run) => {
      await pause()
      throwIfAborted(run)
      return foldFeatures(pipeline, data, split, head, { seed, signal: run.signal })
    },
    errors: async (features, tail, run) => {
      await pause()
      throwIfAborted(run)
      return tailErrors(pipeline, features, tail, { seed, signal: run.signal })
    },
  }
}

/**
 * Errors of each candidate in each fold. What candidates share is computed once a fold; the order in which fits end
 * changes nothing.
 *
 * @returns (candidates × folds) in order: all folds of a candidate one after another.
 */
export async function scoreCandidates(
  pipeline: Pipeline,
  candidates: readonly ParameterValues[],
  splits: readonly SearchSplit[],
  executor: SearchExecutor,
  options: ScoreOptions = {},
): Promise<FoldScore[]> {
  const scores: (FoldScore | undefined)[] = Array.from({ length: candidates.length * splits.length })
  const place = (score: FoldScore): void => {
    scores[score.candidate * splits.length + score.fold] = score
  }
  options.known?.forEach(place)
  const total = scores.length
  const progress = (): void => options.onProgress?.(scores.filter((score) => score !== undefined).length, total)
  progress()
  const queue = new LaneQueue(executor.lanes)
  splits.forEach((split, fold) => {
    const open = candidates.flatMap((candidate, index) =>
      scores[index * splits.length + fold] === undefined ? [{ candidate, index }] : [],
    )
    const heads = planFits(
      pipeline,
      open.map(({ candidate }) => candidate),
    )
    for (const head of heads)
      queue.add(async () => {
        const prefixes = await executor.features(split, head, options)
        const tails = head.prefixes.flatMap((prefix, i) =>
          prefix.tails.map((tail) => async (): Promise<void> => {
            const start = Date.now()
            const errors = await executor.errors(prefixes[i]!, tail, options)
            const labels = errors.length / tail.members.length
            const done = tail.members.map(({ candidate }, member) => ({
              candidate: open[candidate]!.index,
              fold,
              errors: errors.slice(member * labels, (member + 1) * labels),
              seconds: (Date.now() - start) / 1000,
            }))
            done.forEach(place)
            options.onScored?.(done)
            progress()
          }),
        )
        // Before the next fold begins: its features would wait in memory.
        queue.addFirst(tails)
      })
  })
  await queue.run()
  return scores as FoldScore[]
}

/** Tasks that are begun in order, so many at a time; a task may add others. */
class LaneQueue {
  readonly #lanes: number
  readonly #waiting: (() => Promise<void>)[] = []

  constructor(lanes: number) {
    this.#lanes = lanes
  }

  add(task: () => Promise<void>): void {
    this.#waiting.push(task)
  }

  addFirst(tasks: readonly (() => Promise<void>)[]): void {
    this.#waiting.unshift(...tasks)
  }

  /** @throws the first failure, when all that had begun has ended. */
  async run(): Promise<void> {
    let failed = false
    const running = new Set<Promise<void>>()
    const results: Promise<void>[] = []
    while (this.#waiting.length > 0 || running.size > 0) {
      while (!failed && running.size < this.#lanes && this.#waiting.length > 0) {
        const task = this.#waiting.shift()!()
        results.push(task)
        const settled: Promise<void> = task
          .catch(() => {
            failed = true
          })
          .then(() => void running.delete(settled))
        running.add(settled)
      }
      if (running.size > 0) await Promise.race(running)
      if (failed) {
        await Promise.all(running)
        break
      }
    }
    await Promise.all(results)
  }
}
