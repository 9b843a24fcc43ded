import type {
  ClassicalOptions,
  ParameterValues,
  Pipeline,
  SearchMethod,
  SearchResult,
  SearchSpace,
  SearchSplit,
  TrainingData,
} from '@astrolabel/models-classical'
import {
  ESTIMATORS,
  checkSpace,
  classicalData,
  classicalPipeline,
  hereExecutor,
  searchCandidates,
  searchPipeline,
} from '@astrolabel/models-classical'
import { kFold } from '@astrolabel/metrics'
import type { AugmentOptions } from '@astrolabel/preprocess'
import type { Fittable, Labels, RunOptions } from '@astrolabel/spectra'
import { RandomStream, starGroups } from '@astrolabel/spectra'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { augmentTraining } from '../operations/augment-training.js'
import type { SearchRecipe } from '../recipe/recipe.js'
import { digestJson } from '../run/digest.js'
import { VERSION } from '../version.js'
import { SearchLedger } from './search-ledger.js'
import { SearchThreads } from './search-threads.js'
import { writeSearch } from './write-search.js'

/** Where a search keeps its work, and on how many threads it runs. */
export interface SearchRunOptions extends RunOptions {
  /** Folder of the ledger and of the results; a search without one keeps nothing. */
  readonly folder?: string | undefined
  readonly threads?: number | undefined
}

/** What a search is to find the parameters of. */
export interface SearchRequest {
  readonly model: string
  readonly options: ClassicalOptions
  readonly search: SearchRecipe
  /** Changed copies that each fold trains on as well. */
  readonly augment?: AugmentOptions | undefined
  readonly seed: number
}

/**
 * Find the parameters of a model by cross-validation within these stars, split by star. Copies are made of each star by
 * itself, and follow it: a fold trains on those of its training stars, and is judged by the others as they are.
 *
 * What the fits of an earlier, interrupted run of the same search found is in the folder's ledger and not computed again.
 * At the end the folder has `search.json`, `search.csv`, `search.arrow` and `search.svg`.
 *
 * @returns All parameters to train with, and a summary for the model's file.
 */
export async function searchModel(
  spectra: Fittable,
  labels: Labels,
  { model, options, search, augment, seed }: SearchRequest,
  run: SearchRunOptions = {},
): Promise<{ readonly parameters: ParameterValues; readonly summary: Readonly<Record<string, unknown>> }> {
  const pipeline = classicalPipeline(model, options)
  const everything = augment === undefined ? undefined : { ...augment, keepOriginals: true }
  const rows = await augmentTraining({ spectra, labels }, everything, seed, { signal: run.signal })
  const { data, labels: infos } = classicalData(rows.spectra, rows.labels, options)
  const folds = kFold(starGroups(spectra), search.folds, RandomStream.fromSeed(seed))
  const splits = augment === undefined ? folds : folds.map((fold) => withCopies(fold, augment))
  const method: SearchMethod = {
    method: search.method,
    space: search.space ?? usualSpace(pipeline, splits),
    candidates: search.candidates,
    factor: search.factor,
  }
  checkSpace(pipeline, method.space)
  const result = await runSearch(pipeline, data, splits, method, seed, run)
  const names = infos.map(({ name }) => name)
  if (run.folder !== undefined)
    await writeSearch(run.folder, { pipeline, method, result, labels: names, folds: splits.length })
  const [best] = result.ranked
  return {
    parameters: { ...pipeline.parameters, ...result.best },
    summary: {
      searchMethod: method.method,
      searchCandidates: result.ranked.length,
      searchFolds: splits.length,
      searchScore: best!.score,
    },
  }
}

/** Rows of a fold where the copies of each star stand behind it. */
function withCopies({ train, test }: SearchSplit, { copies = 1, keepOriginals = true }: AugmentOptions): SearchSplit {
  const first = keepOriginals ? 0 : 1
  const each = copies + 1
  const kept = each - first
  return {
    train: Int32Array.from({ length: train.length * kept }, (_, i) => {
      return train[Math.floor(i / kept)]! * each + first + (i % kept)
    }),
    test: test.map((row) => row * each),
  }
}

async function runSearch(
  pipeline: Pipeline,
  data: TrainingData,
  splits: readonly SearchSplit[],
  method: SearchMethod,
  seed: number,
  run: SearchRunOptions,
): Promise<SearchResult> {
  const { folder, threads = 1, signal, onProgress } = run
  const key = folder === undefined ? '' : searchKey(pipeline, data, splits, method, seed)
  const ledger = folder === undefined ? undefined : await SearchLedger.open(join(folder, 'ledger.jsonl'), key)
  const workers = threads > 1 ? new SearchThreads(pipeline.spec(), data, seed, threads) : undefined
  try {
    return await searchPipeline(pipeline, data, splits, method, {
      seed,
      signal,
      onProgress,
      // Fits are long computations: without a pause between them nobody could stop the search.
      executor: workers ?? hereExecutor(pipeline, data, seed, setImmediate),
      known: (round, candidates) => ledger?.known(round, candidates) ?? [],
      onScored: (round, candidates, scores) => ledger?.add(round, candidates, scores),
    })
  } finally {
    await workers?.close()
  }
}

/** Digest of all that decides the scores of a search. */
function searchKey(
  pipeline: Pipeline,
  data: TrainingData,
  splits: readonly SearchSplit[],
  method: SearchMethod,
  seed: number,
): string {
  const hash = createHash('sha256')
  for (const array of [data.x, data.y, data.errors, data.ivar, ...splits.flatMap(({ train, test }) => [train, test])])
    if (array !== undefined) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return digestJson({
    version: VERSION,
    data: hash.digest('hex'),
    pipeline: pipeline.spec(),
    candidates: searchCandidates(pipeline, method, seed),
    method: { ...method },
    seed,
  })
}

/** What is usually tried of a model's parameters; of components no more than the folds have training rows for. */
function usualSpace(pipeline: Pipeline, splits: readonly SearchSplit[]): SearchSpace {
  const { kind } = pipeline.estimator
  const usual = ESTIMATORS.find((estimator) => estimator.kind === kind)!.usualSearch
  const rows = splits.reduce((least, { train }) => Math.min(least, train.length), Infinity)
  const specs = pipeline.describe()
  return Object.fromEntries(
    Object.entries(usual).flatMap(([name, values]) => {
      if (!specs.has(name)) return []
      if (name !== 'pca.components') return [[name, values]]
      const possible = values.filter((value) => Number(value) < rows - 1)
      return possible.length > 0 ? [[name, possible]] : []
    }),
  )
}
