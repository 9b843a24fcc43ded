import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { Forest } from '../forest/forest.js'
import { forestQuantiles } from '../forest/forest-quantiles.js'
import { predictForest } from '../forest/predict-forest.js'
import { trainForest } from '../forest/train-forest.js'
import { takeTrainingRows } from '../pipeline/training-data.js'
import { knownValues } from '../steps/forest-step.js'
import type { Predictions, TrainingData } from '../training-data.js'
import { foldsOfStars } from './star-folds.js'

/** A forest, and what each training star is given by a forest without it. */
export interface FoldedForest {
  readonly forest: Forest
  readonly labels: number
  /** (n × L) labels of the training rows; NaN where missing. */
  readonly y: Float64Array
  readonly leftOut: Predictions
}

/** Trees, and the part of the features that a node looks at (scikit-learn's advice for regression). */
const TREES = 100
const FEATURES = 1 / 3

/** Trees that did not grow on a row may have grown on another of its star, so stars are left out in whole folds. */
const FOLDS = 5

/** Ends of the 68 % interval, and the least half-width: leaves that agree are no proof. */
const LEVELS = [0.15865525393145707, 0.8413447460685429]
const LEAST = 1e-3

/** Grow a forest, and one for each fold of stars to judge it by. Cost: 6 × trees × n × features × depth. */
export function trainFoldedForest(data: TrainingData, { seed, signal }: RunOptions & { seed: number }): FoldedForest {
  const { n, labels, y } = data
  const grow = (part: TrainingData): Forest => {
    const forest = trainForest(part, { trees: TREES, maxFeatures: FEATURES, seed, signal })
    return { ...forest, value: knownValues(forest) }
  }
  const foldOf = foldsOfStars(data.groups, n, FOLDS, seed)
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  const leftOut = {
    values: new Float64Array(n * labels).fill(Number.NaN),
    errors: new Float64Array(n * labels).fill(Number.NaN),
  }
  for (let fold = 0; fold < FOLDS; fold++) {
    throwIfAborted({ signal })
    const out = rows.filter((row) => foldOf[row] === fold)
    const kept = rows.filter((row) => foldOf[row] !== fold)
    if (out.length === 0 || kept.length === 0) continue
    const part = takeTrainingRows(data, kept)
    const predicted = predict(grow(part), part.y, takeTrainingRows(data, out).x, out.length)
    out.forEach((row, i) => {
      for (let l = 0; l < labels; l++) {
        if (Number.isNaN(y[row * labels + l]!)) continue
        leftOut.values[row * labels + l] = predicted.values[i * labels + l]!
        leftOut.errors[row * labels + l] = predicted.errors[i * labels + l]!
      }
    })
  }
  return { forest: grow(data), labels, y, leftOut }
}

/** Labels of rows (n × width), and half of the 68 % interval of the training rows that share their leaves. */
export function predictFoldedForest({ forest, y }: FoldedForest, x: Float32Array, n: number): Predictions {
  return predict(forest, y, x, n)
}

function predict(forest: Forest, y: Float64Array, x: Float32Array, n: number): Predictions {
  const quantiles = forestQuantiles(forest, x, n, y, LEVELS)
  const values = predictForest(forest, x, n)
  return { values, errors: values.map((_, i) => Math.max((quantiles[2 * i + 1]! - quantiles[2 * i]!) / 2, LEAST)) }
}
