import type { Data, DataType, Field } from 'apache-arrow'
import { RecordBatch, Schema, Struct, makeData } from 'apache-arrow'
import type { ArrowColumn } from './columns.js'

/** Put columns together to a record batch of `n` rows with schema metadata. */
export function makeRecordBatch(
  columns: readonly ArrowColumn[],
  n: number,
  metadata: ReadonlyMap<string, string>,
): RecordBatch {
  const fields: Field[] = columns.map((column) => column.field)
  const children: Data[] = columns.map((column) => column.data)
  return new RecordBatch(
    new Schema(fields, new Map(metadata)),
    makeData({ type: new Struct(fields), length: n, nullCount: 0, children }),
  )
}

/** A record batch of no rows. */
export function emptyRecordBatch(schema: Schema): RecordBatch {
  const children = schema.fields.map((field) => makeData({ type: field.type as DataType, nullCount: 0 }) as Data)
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }))
}
