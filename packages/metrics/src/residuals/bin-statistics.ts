import { AstrolabelError } from '@astrolabel/spectra'
import type { BootstrapOptions } from '../bootstrap.js'
import type { LabelStatistics } from '../label-statistics.js'
import { labelStatistics } from '../label-statistics.js'
import type { LabelPairs } from '../match-labels.js'
import type { ValueBin } from './equal-count-bins.js'
import { equalCountBins } from './equal-count-bins.js'

/** Statistics of the pairs of one bin. */
export interface BinStatistics {
  /** Lowest value, or the given edge. */
  readonly from: number
  /** Highest value of a bin of equal count, included; or the given edge, which begins the next bin. */
  readonly to: number
  readonly rows: Int32Array
  readonly statistics: LabelStatistics
}

/**
 * Statistics of one label in bins of any quantity, with bootstrap intervals that draw stars.
 *
 * @param values (n) of the quantity. @param bins How many bins of equal count, or ascending edges: from ≤ value < to.
 * @param groups (n) star of each row.
 * @returns the bins that hold any row. @throws `metrics/bins`, `metrics/edges`, `metrics/bootstrap`.
 */
export function binStatistics(
  pairs: LabelPairs,
  values: Float64Array,
  bins: number | readonly number[],
  groups: readonly string[],
  bootstrap?: BootstrapOptions,
): BinStatistics[] {
  const sorted = typeof bins === 'number' ? equalCountBins(values, bins) : edgeBins(values, bins)
  return sorted.map(({ from, to, rows }) => {
    const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row])
    const statistics = labelStatistics(pick(pairs.predicted), pick(pairs.truth), {
      predictedError: pick(pairs.predictedError),
      truthError: pick(pairs.truthError),
      bootstrap,
      groups: Array.from(rows, (row) => groups[row]),
    })
    return { from, to, rows, statistics }
  })
}

/** Half-open bins between ascending edges; values outside are in no bin. @throws `metrics/edges`. */
export function edgeBins(values: ArrayLike<number>, edges: readonly number[]): ValueBin[] {
  if (edges.length < 2 || edges.some((edge, i) => Number.isNaN(edge) || (i > 0 && !(edge > edges[i - 1])))) {
    throw new AstrolabelError('metrics/edges', 'Edges of bins must ascend', {
      got: edges.join(', '),
      expected: 'two or more ascending numbers',
    })
  }
  const bins: ValueBin[] = []
  for (let b = 0; b + 1 < edges.length; b++) {
    const rows: number[] = []
    for (let i = 0; i < values.length; i++) if (values[i] >= edges[b] && values[i] < edges[b + 1]) rows.push(i)
    if (rows.length > 0) bins.push({ from: edges[b], to: edges[b + 1], rows: Int32Array.from(rows) })
  }
  return bins
}
