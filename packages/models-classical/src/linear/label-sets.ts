import type { TrainingData } from '../training-data.js'
import { labelledRows } from '../training-data.js'

/** Labels that the same rows have with the same weights, so that one system serves all of them. */
export interface LabelSet {
  readonly labels: readonly number[]
  /** Rows that have these labels. */
  readonly rows: Int32Array
  /** (rows) weights, 1 on average. */
  readonly weights: Float64Array
}

/**
 * Sets of labels for a fit.
 *
 * @param weights (n × L) weight of each label of each row; all 1 unless given.
 * @throws `${area}/labels` when a label has fewer than 3 rows.
 */
export function labelSets(data: TrainingData, area: string, weights?: Float64Array): LabelSet[] {
  const sets: LabelSet[] = []
  for (let l = 0; l < data.labels; l++) {
    const rows = labelledRows(data, l, 3, area)
    const own = Float64Array.from(rows, (row) => weights?.[row * data.labels + l] ?? 1)
    const mean = own.reduce((sum, weight) => sum + weight / own.length, 0)
    const scaled = own.map((weight) => weight / mean)
    const at = sets.findIndex((set) => sameNumbers(set.rows, rows) && sameNumbers(set.weights, scaled))
    if (at < 0) sets.push({ labels: [l], rows, weights: scaled })
    else sets[at] = { ...sets[at]!, labels: [...sets[at]!.labels, l] }
  }
  return sets
}

/**
 * Weights of labels with known errors, 1 / (s² + e²), (n × L): s² is what is left of the variance of left-out residuals
 * when the errors are taken off, a twentieth of it at least. A label without an error gets the median of the others'.
 *
 * @param variance (L) that of left-out residuals with all weights 1.
 */
export function weightsOfErrors({ n, labels, y, errors }: TrainingData, variance: Float64Array): Float64Array {
  const out = new Float64Array(n * labels).fill(1)
  for (let l = 0; l < labels; l++) {
    const squares = Array.from({ length: n }, (_, row) => errors![row * labels + l]! ** 2)
    const known = squares
      .filter((square, row) => !Number.isNaN(square) && !Number.isNaN(y[row * labels + l]!))
      .sort((a, b) => a - b)
    if (known.length === 0) continue
    const middle = known[Math.floor(known.length / 2)]!
    const mean = known.reduce((sum, square) => sum + square / known.length, 0)
    const scatter = Math.max(variance[l]! - mean, 0.05 * variance[l]!)
    for (let row = 0; row < n; row++) {
      const square = squares[row]!
      out[row * labels + l] = 1 / (scatter + (Number.isNaN(square) ? middle : square))
    }
  }
  return out
}

/** The labels of a set, centred by their weighted mean and times the roots of the weights. */
export function centredLabels(
  { y, labels }: TrainingData,
  { rows, weights }: LabelSet,
  l: number,
): { readonly mean: number; readonly values: Float64Array } {
  let mean = 0
  rows.forEach((row, i) => (mean += (weights[i]! * y[row * labels + l]!) / rows.length))
  return { mean, values: Float64Array.from(rows, (row, i) => Math.sqrt(weights[i]!) * (y[row * labels + l]! - mean)) }
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
