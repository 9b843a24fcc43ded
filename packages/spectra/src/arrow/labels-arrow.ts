import type { RecordBatch, Schema, Vector } from 'apache-arrow'
import { AstrolabelError } from '../errors.js'
import type { FlagBit } from '../flag-set.js'
import type { Labels } from '../labels.js'
import { makeLabels } from '../labels.js'
import type { Column } from '../table.js'
import { columnNumbers, makeTable } from '../table.js'
import type { LabelInfo } from '../vocabulary.js'
import { columnFromVector, matrixColumn, nullableNumbers, numberColumn, numericValues, stringColumn, tableColumn } from './columns.js'
import { makeRecordBatch } from './record-batch.js'

const META_KEY = 'astrolabel:labels'

interface LabelsMeta {
  readonly formatVersion: string
  readonly labels: readonly LabelInfo[]
  readonly flagBits: readonly FlagBit[]
  readonly hasCovariance: boolean
}

/**
 * Labels as one Arrow record batch: `star_id`, then `name`, `name_err` of each label (null = missing), `flags`,
 * `covariance` when there is one, then the extra columns.
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
    columns.push(nullableNumbers(label.name, Float64Array.from({ length: n }, (_, i) => labels.values[i * count + j]!), metadata))
    columns.push(nullableNumbers(`${label.name}_err`, Float64Array.from({ length: n }, (_, i) => labels.errors[i * count + j]!), metadata))
  })
  columns.push(numberColumn('flags', labels.flags))
  if (labels.covariance !== undefined) columns.push(matrixColumn('covariance', labels.covariance, n, count * count))
  for (const column of labels.extra?.columns.values() ?? []) columns.push(tableColumn(column))
  const meta: LabelsMeta = { formatVersion: '1', labels: labels.labels, flagBits: labels.flagBits, hasCovariance: labels.covariance !== undefined }
  return makeRecordBatch(columns, n, new Map([[META_KEY, JSON.stringify(meta)]]))
}

/** True when an Arrow schema is that of labels. */
export function isLabelsSchema(schema: Schema): boolean {
  return schema.metadata.has(META_KEY)
}

/** Labels of a record batch. @throws `labels/not-labels`. */
export function labelsFromRecordBatch(batch: RecordBatch): Labels {
  const json = batch.schema.metadata.get(META_KEY)
  if (json === undefined) {
    throw new AstrolabelError('labels/not-labels', 'The Arrow table does not hold labels', { got: `columns ${batch.schema.names.slice(0, 12).map(String).join(', ')}`, remedy: 'Make labels with `astrolabel label`' })
  }
  const meta = JSON.parse(json) as LabelsMeta
  const n = batch.numRows
  const count = meta.labels.length
  const values = new Float64Array(n * count)
  const errors = new Float64Array(n * count)
  const vector = (name: string): Vector => {
    const found = batch.getChild(name)
    if (found === null) throw new AstrolabelError('labels/damaged', `The labels lack column ${name}`)
    return found as Vector
  }
  meta.labels.forEach((label, j) => {
    const value = columnNumbers(columnFromVector(label.name, vector(label.name)))
    const error = columnNumbers(columnFromVector(label.name, vector(`${label.name}_err`)))
    for (let i = 0; i < n; i++) {
      values[i * count + j] = value[i]!
      errors[i * count + j] = error[i]!
    }
  })
  const own = new Set(['star_id', 'flags', 'covariance', ...meta.labels.flatMap(({ name }) => [name, `${name}_err`])])
  const extra: Column[] = []
  for (const field of batch.schema.fields) if (!own.has(String(field.name))) extra.push(columnFromVector(String(field.name), vector(String(field.name))))
  return makeLabels({
    starId: Array.from(vector('star_id'), String),
    labels: meta.labels,
    values,
    errors,
    flags: numericValues('flags', vector('flags')) as Uint32Array,
    flagBits: meta.flagBits,
    ...(meta.hasCovariance ? { covariance: numericValues('covariance', vector('covariance').getChildAt(0)!) as Float64Array } : {}),
    ...(extra.length === 0 ? {} : { extra: makeTable(extra, n) }),
  })
}
