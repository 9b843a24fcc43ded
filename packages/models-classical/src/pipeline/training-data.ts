import type { Predictions, TrainingData as FilledData } from '../training-data.js'

/** What a pipeline is fitted to: one row a star. Features are NaN where a pixel is bad, until a step fills it. */
export interface TrainingData extends FilledData {
  /** (n × width) inverse variances of the features, where they are known; 0 where a pixel is bad. */
  readonly ivar?: Float32Array | undefined
}

/** Labels of rows with their errors, (n × L) each; NaN where there is none. */
export type Prediction = Predictions

/** The rows `rows` of training data, in that order. */
export function takeTrainingRows(data: TrainingData, rows: ArrayLike<number>): TrainingData {
  const { width, labels, errors, groups, ivar } = data
  return {
    n: rows.length,
    x: takeRows(data.x, width, rows),
    width,
    y: takeRows(data.y, labels, rows),
    labels,
    ...(errors === undefined ? {} : { errors: takeRows(errors, labels, rows) }),
    ...(groups === undefined ? {} : { groups: takeRows(groups, 1, rows) }),
    ...(ivar === undefined ? {} : { ivar: takeRows(ivar, width, rows) }),
  }
}

/** Rows of a matrix of any kind of number. */
export function takeRows<T extends Float32Array | Float64Array | Int32Array>(
  matrix: T,
  width: number,
  rows: ArrayLike<number>,
): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * width)
  for (let i = 0; i < rows.length; i++) out.set(matrix.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
  return out
}
