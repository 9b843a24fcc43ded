import type { LabelInfo, Labels } from '@astrolabel/spectra'
import { AstrolabelError, labelIndex } from '@astrolabel/spectra'

/** Which rows of predicted and true labels belong to the same star. */
export interface LabelMatch {
  /** (n) rows of the predicted labels that have a truth, ascending. */
  readonly predictedRows: Int32Array
  /** (n) their rows in the truth. */
  readonly truthRows: Int32Array
  /** Labels that both tables have, in the order of the predicted. */
  readonly labels: readonly LabelInfo[]
  /** Predicted rows without a truth. */
  readonly unmatched: number
  /** True rows that no predicted row asks for. */
  readonly unmatchedTruth: number
}

/**
 * Match predicted labels to true ones by star id; several predicted rows (visits) may share one truth.
 *
 * @throws `metrics/no-match` when no id is in both, with examples of each; `metrics/no-common-label` when no label is;
 * `metrics/ambiguous-truth` when a star that is asked for has two truths that differ.
 */
export function matchLabels(predicted: Labels, truth: Labels): LabelMatch {
  const rowOf = new Map<string, number>()
  const repeated = new Map<string, number>()
  truth.starId.forEach((id, row) => {
    const first = rowOf.get(id)
    if (first === undefined) rowOf.set(id, row)
    else if (!sameValues(truth, first, row)) repeated.set(id, row)
  })
  const predictedRows: number[] = []
  const truthRows: number[] = []
  predicted.starId.forEach((id, row) => {
    const match = rowOf.get(id)
    if (match === undefined) return
    if (repeated.has(id)) {
      throw new AstrolabelError('metrics/ambiguous-truth', `The truth has two rows that differ for star ${id}`, {
        got: `rows ${match} and ${repeated.get(id)}`,
        remedy: 'Keep one row a star in the truth',
      })
    }
    predictedRows.push(row)
    truthRows.push(match)
  })
  if (predictedRows.length === 0) {
    throw new AstrolabelError('metrics/no-match', 'No star is in both the predicted labels and the truth', {
      got: `predicted ids such as ${examples(predicted)}; true ids such as ${examples(truth)}`,
      remedy: 'Give the truth the same star ids, or cross-match the two first',
    })
  }
  const labels = predicted.labels.filter((label) => truth.labels.some((other) => other.name === label.name))
  if (labels.length === 0) {
    throw new AstrolabelError('metrics/no-common-label', 'The predicted labels and the truth have no label in common', {
      got: `predicted ${predicted.labels.map((label) => label.name).join(', ')}; true ${truth.labels.map((label) => label.name).join(', ')}`,
      remedy: 'Rename the columns of the truth to the names of the labels',
    })
  }
  return {
    predictedRows: Int32Array.from(predictedRows),
    truthRows: Int32Array.from(truthRows),
    labels,
    unmatched: predicted.n - predictedRows.length,
    unmatchedTruth: truth.n - truth.starId.filter(inSet(predicted.starId)).length,
  }
}

/** Values and errors of one label in matched rows, each (n) in the label's unit, NaN where missing. */
export interface LabelPairs {
  readonly predicted: Float64Array
  readonly truth: Float64Array
  readonly predictedError: Float64Array
  readonly truthError: Float64Array
}

/** One label of the matched rows, ready for statistics and figures. @throws `labels/unknown`. */
export function labelPairs(predicted: Labels, truth: Labels, match: LabelMatch, name: string): LabelPairs {
  const p = labelIndex(predicted, name)
  const t = labelIndex(truth, name)
  const take = (matrix: Float64Array, rows: Int32Array, column: number, width: number): Float64Array =>
    Float64Array.from(rows, (row) => matrix[row * width + column])
  return {
    predicted: take(predicted.values, match.predictedRows, p, predicted.labels.length),
    truth: take(truth.values, match.truthRows, t, truth.labels.length),
    predictedError: take(predicted.errors, match.predictedRows, p, predicted.labels.length),
    truthError: take(truth.errors, match.truthRows, t, truth.labels.length),
  }
}

function sameValues(labels: Labels, a: number, b: number): boolean {
  const width = labels.labels.length
  for (let j = 0; j < width; j++)
    if (!Object.is(labels.values[a * width + j], labels.values[b * width + j])) return false
  return true
}

function examples(labels: Labels): string {
  return labels.n === 0
    ? '(none)'
    : labels.starId
        .slice(0, 3)
        .map((id) => JSON.stringify(id))
        .join(', ')
}

function inSet(ids: readonly string[]): (id: string) => boolean {
  const set = new Set(ids)
  return (id) => set.has(id)
}
