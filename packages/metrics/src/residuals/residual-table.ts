import type { Column, Labels, Table } from '@astrolabel/spectra'
import { FlagSet, makeTable, takeRows } from '@astrolabel/spectra'
import type { LabelMatch } from '../match-labels.js'
import { labelPairs } from '../match-labels.js'
import { pulls } from '../pulls.js'
import type { Outlier } from './outliers.js'

/**
 * One row a matched star: `star_id`; of each label `teff`, `teff_err`, `teff_true`, `teff_true_err`, `teff_residual`
 * (predicted − true) and `teff_z` (over both errors in quadrature); `flags`, the flags in words, the reasons of an
 * outlier (empty for all others), then the extra columns of the predicted labels and what only the truth has.
 *
 * @returns missing numbers are NaN with `valid` 0. Linear in stars × labels.
 */
export function residualTable(
  predicted: Labels,
  truth: Labels,
  match: LabelMatch,
  outliers: readonly Outlier[] = [],
): Table {
  const columns: Column[] = [
    { name: 'star_id', values: Array.from(match.predictedRows, (row) => predicted.starId[row]) },
  ]
  for (const { name, unit } of match.labels) {
    const pairs = labelPairs(predicted, truth, match, name)
    const add = (suffix: string, values: Float64Array, inUnit = unit): void => {
      columns.push({
        name: name + suffix,
        values,
        valid: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)),
        ...(inUnit === '' ? {} : { unit: inUnit }),
      })
    }
    add('', pairs.predicted)
    add('_err', pairs.predictedError)
    add('_true', pairs.truth)
    add('_true_err', pairs.truthError)
    add(
      '_residual',
      pairs.predicted.map((value, i) => value - pairs.truth[i]),
    )
    add('_z', pulls(pairs.predicted, pairs.truth, pairs.predictedError, pairs.truthError), '')
  }
  const flags = new FlagSet(predicted.flagBits)
  const reasons = new Map(outliers.map((outlier) => [outlier.row, outlier.reasons.join('; ')]))
  columns.push(
    { name: 'flags', values: Uint32Array.from(match.predictedRows, (row) => predicted.flags[row]) },
    {
      name: 'flag_names',
      values: Array.from(match.predictedRows, (row) => flags.names(predicted.flags[row]).join(' ')),
    },
    { name: 'outlier', values: Array.from(match.predictedRows, (row) => reasons.get(row) ?? '') },
  )
  const taken = new Set(columns.map((column) => column.name))
  for (const [labels, rows] of [
    [predicted, match.predictedRows],
    [truth, match.truthRows],
  ] as const) {
    if (labels.extra === undefined) continue
    for (const column of takeRows(labels.extra, rows).columns.values()) {
      if (taken.has(column.name)) continue
      taken.add(column.name)
      columns.push(column)
    }
  }
  return makeTable(columns)
}
