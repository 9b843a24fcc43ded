import type { Column } from '@astrolabel/spectra'
import { parquetKindOf } from '@astrolabel/surveys'
import type { SchemaElement } from 'hyparquet'

/** Schema elements of a column: one, or the three levels of a list for vectors. Every column may have missing values. */
export function schemaOfColumn(column: Column): SchemaElement[] {
  const { name } = column
  const { type, meaning } = parquetKindOf(column)
  const primitive = { type, ...(meaning === undefined ? {} : { converted_type: meaning }) }
  if ((column.width ?? 1) === 1) return [{ name, repetition_type: 'OPTIONAL', ...primitive }]
  return [
    { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', ...primitive },
  ]
}
