import type { CannonModel, CannonOptions } from '@astrolabel/cannon'
import { trainCannon } from '@astrolabel/cannon'
import { kFold } from '@astrolabel/metrics'
import type { AugmentOptions } from '@astrolabel/preprocess'
import type { LabelModel, Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import {
  AstrolabelError,
  RandomStream,
  makeLabels,
  starGroups,
  takeLabels,
  takePart,
  throwIfAborted,
} from '@astrolabel/spectra'
import { setImmediate } from 'node:timers/promises'
import { labelsOfTable } from '../catalogs/labels-of-table.js'
import { MODEL_KINDS } from '../models.js'
import type { TrainRecipe } from '../recipe/recipe.js'
import { augmentTraining } from './augment-training.js'

/** What kind of model, of which labels, with which of its own options. */
export interface ModelRequest {
  readonly model: string
  readonly labels: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  /** Folds of the inner cross-validation that tells how large the errors really are; 0 for formal errors alone. */
  readonly errorFolds: number
  /** Changed copies to train on as well. */
  readonly augment?: AugmentOptions | undefined
  readonly seed: number
}

/** The request that a recipe's training part makes. */
export function modelRequest(recipe: TrainRecipe, seed: number): ModelRequest {
  const { model, labels, errorFolds, augment, ...options } = { augment: undefined, ...recipe }
  return { model, labels, options, errorFolds, ...(augment === undefined ? {} : { augment }), seed }
}

/**
 * Train a model on the labels that travel with the spectra, and find by cross-validation within these stars how much
 * larger than the formal errors its errors are.
 *
 * @throws `model/unknown-kind`, `labels/no-column`, and what the model itself says of its options and data.
 * Cost: errorFolds + 1 trainings.
 */
export async function trainModel(spectra: Spectra, request: ModelRequest, run: RunOptions = {}): Promise<LabelModel> {
  if (request.model !== 'cannon')
    throw new AstrolabelError('model/unknown-kind', 'There is no such kind of model', {
      got: request.model,
      expected: MODEL_KINDS,
    })
  const labels = labelsOfTable(spectra.catalog, spectra.starId, request.labels)
  const train = async (stars: Spectra, truth: Labels): Promise<CannonModel> => {
    const rows = await augmentTraining({ spectra: stars, labels: truth }, request.augment, request.seed, run)
    return trainCannon(rows.spectra, rows.labels, { ...(request.options as CannonOptions), signal: run.signal })
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
