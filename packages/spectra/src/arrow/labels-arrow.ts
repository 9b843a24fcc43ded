import type { RecordBatch, Schema } from 'apache-arrow'
import type { FlagBit } from '../flag-set.js'
import type { Labels } from '../labels.js'
import { makeLabels } from '../labels.js'
import { columnNumbers, makeTable } from '../table.js'
import type { LabelInfo } from '../vocabulary.js'
import {
  columnFromVector,
  matrixColumn,
  nullableNumbers,
  numberColumn,
  readColumns,
  stringColumn,
  tableColumn,
} from './columns.js'
import type { Layout } from './layout.js'
import { freeName, hasLayout, layoutMetadata, ownNumbers, ownVector, readLayoutMetadata } from './layout.js'
import { makeRecordBatch } from './record-batch.js'

const LAYOUT: Layout = { holds: 'labels', version: '1', remedy: 'Make labels with `astrolabel label`' }

interface LabelsMeta {
  readonly labels: readonly LabelInfo[]
  readonly flagBits: readonly FlagBit[]
  readonly hasCovariance: boolean
}

/**
 * Labels as one Arrow record batch: `star_id`, then `name`, `name_err` of each label (null = missing), `flags`,
 * `covariance` when there is one, then the extra columns.
 *
 * An extra column whose name is one of the layout's own is written with `_extra` after it.
 */
export function labelsToRecordBatch(labels: Labels): RecordBatch {
  const { n } = labels
  const count = labels.labels.length
  const columns = [stringColumn('star_id', labels.starId)]
  labels.labels.forEach((label, j) => {
    const metadata = new Map([
      ['unit', label.unit],
      ['symbol', label.symbol],
    ])
    const column = (matrix: Float64Array): Float64Array =>
      Float64Array.from({ length: n }, (_, i) => matrix[i * count + j]!)
    columns.push(nullableNumbers(label.name, column(labels.values), metadata))
    columns.push(nullableNumbers(`${label.name}_err`, column(labels.errors), metadata))
  })
  columns.push(numberColumn('flags', labels.flags))
  if (labels.covariance !== undefined) columns.push(matrixColumn('covariance', labels.covariance, n, count * count))
  const taken = ownNames(labels.labels)
  for (const column of labels.extra?.columns.values() ?? []) {
    columns.push(tableColumn(column, freeName(column.name, taken, '_extra')))
  }
  const meta: LabelsMeta = {
    labels: labels.labels,
    flagBits: labels.flagBits,
    hasCovariance: labels.covariance !== undefined,
  }
  return makeRecordBatch(columns, n, layoutMetadata(LAYOUT, meta))
}

/** True when an Arrow schema is that of labels. */
export function isLabelsSchema(schema: Schema): boolean {
  return hasLayout(schema, LAYOUT)
}

/** Labels of a record batch. @throws `labels/not-labels`, `labels/newer-format`, `labels/damaged`. */
export function labelsFromRecordBatch(batch: RecordBatch): Labels {
  const meta = readLayoutMetadata<LabelsMeta>(batch.schema, LAYOUT)
  const n = batch.numRows
  const count = meta.labels.length
  const values = new Float64Array(n * count)
  const errors = new Float64Array(n * count)
  const fill = (matrix: Float64Array, name: string, j: number): void => {
    const column = columnNumbers(columnFromVector(name, ownVector(batch, name, LAYOUT)))
    for (let i = 0; i < n; i++) matrix[i * count + j] = column[i]!
  }
  meta.labels.forEach((label, j) => {
    fill(values, label.name, j)
    fill(errors, `${label.name}_err`, j)
  })
  const extra = readColumns(batch, ownNames(meta.labels))
  return makeLabels({
    starId: Array.from(ownVector(batch, 'star_id', LAYOUT), String),
    labels: meta.labels,
    values,
    errors,
    flags: ownNumbers(batch, 'flags', Uint32Array, LAYOUT),
    flagBits: meta.flagBits,
    ...(meta.hasCovariance ? { covariance: ownNumbers(batch, 'covariance', Float64Array, LAYOUT, count * count) } : {}),
    ...(extra.length === 0 ? {} : { extra: makeTable(extra, n) }),
  })
}

function ownNames(labels: readonly LabelInfo[]): Set<string> {
  return new Set(['star_id', 'flags', 'covariance', ...labels.flatMap(({ name }) => [name, `${name}_err`])])
}
