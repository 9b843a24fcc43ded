import type { TrainingData } from './training-data.js'

/** Labels of mean 0 and standard deviation 1, and what they were made with, (L) each. */
export interface LabelStandard {
  readonly mean: Float64Array
  /** Standard deviation, n in the denominator; 1 for a label that is the same in all rows. */
  readonly deviation: Float64Array
}

/** Standardise the labels of training rows, each over the rows that have it; their errors go along. */
export function standardiseLabels(data: TrainingData): LabelStandard & { readonly data: TrainingData } {
  const { n, y, labels, errors } = data
  const mean = new Float64Array(labels)
  const deviation = new Float64Array(labels)
  for (let l = 0; l < labels; l++) {
    let count = 0
    for (let row = 0; row < n; row++) {
      const value = y[row * labels + l]!
      if (Number.isNaN(value)) continue
      mean[l]! += value
      count++
    }
    if (count > 0) mean[l]! /= count
    let squares = 0
    for (let row = 0; row < n; row++) {
      const value = y[row * labels + l]!
      if (!Number.isNaN(value)) squares += (value - mean[l]!) ** 2
    }
    const spread = Math.sqrt(squares / Math.max(count, 1))
    deviation[l] = spread > 1e-12 * Math.max(1, Math.abs(mean[l]!)) ? spread : 1
  }
  const scaled = y.map((value, i) => (value - mean[i % labels]!) / deviation[i % labels]!)
  return {
    mean,
    deviation,
    data: {
      ...data,
      y: scaled,
      ...(errors === undefined ? {} : { errors: errors.map((error, i) => error / deviation[i % labels]!) }),
    },
  }
}
