import type { RecordBatch } from 'apache-arrow'
import type { Table } from '../table.js'
import { makeTable } from '../table.js'
import { columnFromVector, tableColumn } from './columns.js'
import { makeRecordBatch } from './record-batch.js'

/** Any catalogue as one Arrow record batch. */
export function tableToRecordBatch(table: Table, metadata: ReadonlyMap<string, string> = new Map()): RecordBatch {
  return makeRecordBatch(Array.from(table.columns.values(), (column) => tableColumn(column)), table.n, metadata)
}

/** The columns of a record batch as a catalogue. @throws `arrow/unsupported-type`. */
export function tableFromRecordBatch(batch: RecordBatch): Table {
  return makeTable(
    batch.schema.fields.map((field) => {
      const unit = field.metadata.get('unit')
      const column = columnFromVector(String(field.name), batch.getChild(String(field.name))!)
      return unit === undefined || unit === '' ? column : { ...column, unit }
    }),
    batch.numRows,
  )
}
