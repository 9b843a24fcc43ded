import type { RecordBatch } from 'apache-arrow'
import type { Table } from '../table.js'
import { makeTable } from '../table.js'
import { readColumns, tableColumn } from './columns.js'
import { makeRecordBatch } from './record-batch.js'

/** Any catalogue as one Arrow record batch. */
export function tableToRecordBatch(table: Table, metadata: ReadonlyMap<string, string> = new Map()): RecordBatch {
  const columns = Array.from(table.columns.values(), (column) => tableColumn(column))
  return makeRecordBatch(columns, table.n, metadata)
}

/** The columns of a record batch as a catalogue. @throws `arrow/unsupported-type`. */
export function tableFromRecordBatch(batch: RecordBatch): Table {
  return makeTable(readColumns(batch), batch.numRows)
}
