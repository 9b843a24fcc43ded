import { kFold } from '@astrolabel/metrics'
import type { AugmentOptions } from '@astrolabel/preprocess'
import type { CheckedErrors, Fittable, LabelModel, Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import {
  RandomStream,
  makeLabels,
  requireTraining,
  starGroups,
  takeLabels,
  takePart,
  throwIfAborted,
} from '@astrolabel/spectra'
import { setImmediate } from 'node:timers/promises'
import { labelsOfTable } from '../catalogs/labels-of-table.js'
import { kindOfModel } from '../models.js'
import type { SearchRecipe, TrainRecipe } from '../recipe/recipe.js'
import { searchModel } from '../search/search-model.js'
import { augmentTraining } from './augment-training.js'

/** What kind of model, of which labels, with which of its own options. */
export interface ModelRequest {
  readonly model: string
  readonly labels: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  /** Folds of the inner cross-validation that tells how large the errors really are; 0 for the model's own alone. */
  readonly errorFolds: number
  /** How parameters are found before; those of the options when undefined. */
  readonly search?: SearchRecipe | undefined
  /** Changed copies to train on as well. */
  readonly augment?: AugmentOptions | undefined
  readonly seed: number
}

/** How a training runs, besides. */
export interface TrainRunOptions extends RunOptions {
  /** Threads of a search, and of a forest; 1. */
  readonly threads?: number | undefined
  /** Folder in which a search keeps its work and its results. */
  readonly searchFolder?: string | undefined
}

/** The request that a recipe's training part makes. */
export function modelRequest(recipe: TrainRecipe, seed: number): ModelRequest {
  const { model, labels, errorFolds, search, augment, ...options } = {
    search: undefined,
    augment: undefined,
    ...recipe,
  }
  return {
    model,
    labels,
    options,
    errorFolds,
    ...(search === undefined ? {} : { search }),
    ...(augment === undefined ? {} : { augment }),
    seed,
  }
}

/** Folder of the search that finds the parameters of a model. */
export function searchFolderOf(model: string): string {
  return `${model.replace(/\.arrow$/, '')}-search`
}

/**
 * Train a model on the labels that travel with the spectra. Where a search is asked for, its parameters are found by
 * cross-validation within these stars first; then another cross-validation within them tells how much larger than the
 * model's own errors its errors are.
 *
 * @throws as `requireTraining`; `model/unknown-kind`, `labels/no-column`, and what the model itself says of its options and data.
 * Cost: errorFolds + 1 trainings, and those of the search.
 */
export async function trainModel(
  spectra: Fittable,
  request: ModelRequest,
  run: TrainRunOptions = {},
): Promise<LabelModel> {
  const { train: trainKind } = kindOfModel(request.model)
  requireTraining(spectra, `A model of kind ${request.model}`)
  const labels = labelsOfTable(spectra.catalog, spectra.starId, request.labels)
  const options = await foundOptions(spectra, labels, request, run)
  const train = async (stars: Spectra, truth: Labels): Promise<LabelModel & CheckedErrors> => {
    const rows = await augmentTraining({ spectra: stars, labels: truth }, request.augment, request.seed, run)
    return trainKind(rows.spectra, rows.labels, options, request.seed, { signal: run.signal, threads: run.threads })
  }
  const steps = request.errorFolds + 1
  const model = await train(spectra, labels)
  run.onProgress?.(1, steps)
  if (request.errorFolds === 0) return model
  const splits = kFold(starGroups(spectra), request.errorFolds, RandomStream.fromSeed(request.seed))
  const parts: Labels[] = []
  for (const split of splits) {
    // Training is one long computation: without a pause between folds nobody could stop it.
    await setImmediate()
    throwIfAborted(run)
    const fold = await train(takePart(spectra, split, 'train'), takeLabels(labels, split.train))
    parts.push(fold.predict(takePart(spectra, split, 'test'), { signal: run.signal }))
    run.onProgress?.(parts.length + 1, steps)
  }
  return model.withErrorFloor(
    gather(
      parts,
      splits.map((split) => split.test),
      labels,
    ),
    labels,
  )
}

/** The model's options, with the parameters that a search finds. */
async function foundOptions(
  spectra: Spectra,
  labels: Labels,
  { model, options, search, augment, seed }: ModelRequest,
  { threads, searchFolder, signal, onProgress }: TrainRunOptions,
): Promise<Readonly<Record<string, unknown>>> {
  if (search === undefined) return options
  const { parameters, summary } = await searchModel(
    spectra,
    labels,
    { model, options, search, augment, seed },
    { threads, folder: searchFolder, signal, onProgress },
  )
  return { ...options, parameters, facts: summary }
}

/** Labels of folds, put back in the order of all stars. */
function gather(parts: readonly Labels[], rows: readonly Int32Array[], like: Labels): Labels {
  const width = like.labels.length
  const values = new Float64Array(like.n * width).fill(Number.NaN)
  const errors = new Float64Array(like.n * width).fill(Number.NaN)
  parts.forEach((part, fold) => {
    rows[fold]!.forEach((row, i) => {
      values.set(part.values.subarray(i * width, (i + 1) * width), row * width)
      errors.set(part.errors.subarray(i * width, (i + 1) * width), row * width)
    })
  })
  return makeLabels({ starId: like.starId, labels: like.labels, values, errors })
}
