import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import { standardiseLabels } from '../pipeline/label-standard.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { labelledRows } from '../pipeline/pipeline.js'
import type { TrainingData } from '../pipeline/training-data.js'
import { takeRows, takeTrainingRows } from '../pipeline/training-data.js'
import type { HeadPlan, TailPlan } from './plan-fits.js'

/** Rows that one fold learns from, and rows that it is judged by. */
export interface SearchSplit {
  readonly train: Int32Array
  readonly test: Int32Array
}

/** What the transformers make of a fold: all that an estimator needs of it. */
export interface FoldFeatures {
  readonly train: TrainingData
  /** (rows tested × width) */
  readonly test: Float32Array
  /** (rows tested × L) labels in their units. */
  readonly truth: Float64Array
}

/**
 * The features that each prefix of a head makes of a fold, fitted to its training rows alone. Steps that the prefixes
 * share are fitted once.
 */
export function foldFeatures(
  pipeline: Pipeline,
  data: TrainingData,
  { train: trainRows, test: testRows }: SearchSplit,
  head: HeadPlan,
  options: RunOptions & { readonly seed: number },
): FoldFeatures[] {
  let train = labelledRows(takeTrainingRows(data, trainRows))
  let test = takeRows(data.x, data.width, testRows)
  const truth = takeRows(data.y, data.labels, testRows)
  const last = pipeline.transformers.length - 1
  const step = (own: Pipeline, index: number): FoldFeatures => {
    throwIfAborted(options)
    const fitted = own.transformers[index]!.fit(train, own.stepParameters(index), {
      seed: options.seed,
      signal: options.signal,
    })
    return {
      train: { ...train, x: fitted.transform(train.x, train.n), width: fitted.width, ivar: undefined },
      test: fitted.transform(test, testRows.length),
      truth,
    }
  }
  const shared = pipeline.withParameters(head.prefixes[0]!.parameters)
  for (let index = 0; index < last; index++) ({ train, test } = step(shared, index))
  if (last < 0) return head.prefixes.map(() => ({ train, test, truth }))
  return head.prefixes.map((prefix) => step(pipeline.withParameters(prefix.parameters), last))
}

/** Root mean square error of each label in its unit for each member of a tail, (members × L); NaN where none is known. */
export function tailErrors(
  pipeline: Pipeline,
  features: FoldFeatures,
  tail: TailPlan,
  options: RunOptions & { readonly seed: number },
): Float64Array {
  const { truth } = features
  const { n, labels } = features.train
  const width = tail.columns ?? features.train.width
  const rows = truth.length / labels
  const test = firstColumns(features.test, rows, features.train.width, width)
  const { data, mean, deviation } = standardiseLabels({
    ...features.train,
    x: firstColumns(features.train.x, n, features.train.width, width),
    width,
  })
  const own = pipeline.withParameters(tail.parameters)
  const fitted = own.estimator.fit(data, own.stepParameters(own.transformers.length), options)
  const errors = new Float64Array(tail.members.length * labels)
  tail.members.forEach(({ first }, member) => {
    const one = first === undefined ? fitted : (fitted.first?.(first) ?? fitted)
    const { values } = one.predict(test, rows, { signal: options.signal, errors: false })
    for (let l = 0; l < labels; l++) {
      let square = 0
      let count = 0
      for (let row = 0; row < rows; row++) {
        const residual = values[row * labels + l]! * deviation[l]! + mean[l]! - truth[row * labels + l]!
        if (Number.isNaN(residual)) continue
        square += residual ** 2
        count++
      }
      errors[member * labels + l] = count > 0 ? Math.sqrt(square / count) : Number.NaN
    }
  })
  return errors
}

/** The first `count` columns of a matrix of `width`; the matrix itself when these are all. */
function firstColumns(x: Float32Array, n: number, width: number, count: number): Float32Array {
  if (count === width) return x
  const out = new Float32Array(n * count)
  for (let row = 0; row < n; row++) out.set(x.subarray(row * width, row * width + count), row * count)
  return out
}
