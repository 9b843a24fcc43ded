import type { Column, ColumnValues } from '@astrolabel/spectra'
import type { SchemaElement, SchemaTree } from 'hyparquet'

/** How a column lies in Parquet: its primitive type, what it means, and the array that it becomes. */
export interface ParquetKind {
  readonly type: NonNullable<SchemaElement['type']>
  readonly meaning?: NonNullable<SchemaElement['converted_type']>
  /** Undefined for strings. */
  readonly array?: new (length: number) => Exclude<ColumnValues, readonly string[]>
  readonly boolean?: true
}

const KINDS: readonly ParquetKind[] = [
  { type: 'DOUBLE', array: Float64Array },
  { type: 'FLOAT', array: Float32Array },
  { type: 'INT64', array: BigInt64Array },
  { type: 'INT64', meaning: 'UINT_64', array: BigUint64Array },
  { type: 'INT32', array: Int32Array },
  { type: 'INT32', meaning: 'UINT_32', array: Uint32Array },
  { type: 'INT32', meaning: 'INT_16', array: Int16Array },
  { type: 'INT32', meaning: 'UINT_16', array: Uint16Array },
  { type: 'INT32', meaning: 'INT_8', array: Int8Array },
  { type: 'INT32', meaning: 'UINT_8', array: Uint8Array },
]
const BOOLEAN: ParquetKind = { type: 'BOOLEAN', array: Uint8Array, boolean: true }
const STRING: ParquetKind = { type: 'BYTE_ARRAY', meaning: 'UTF8' }

/** How a column of a table lies in Parquet. */
export function parquetKindOf(column: Column): ParquetKind {
  if (column.boolean === true) return BOOLEAN
  return KINDS.find(({ array }) => column.values instanceof array!) ?? STRING
}

/** What a column of a file is: a kind with `list` for vectors, or undefined when it is nested otherwise. */
export function kindOfSchema({ element, children }: SchemaTree): { kind: ParquetKind; list: boolean } | undefined {
  if (children.length === 0)
    return element.repetition_type === 'REPEATED' ? undefined : { kind: kindOfElement(element), list: false }
  const [list] = children
  const leaf = list?.children.length === 1 ? list.children[0]! : undefined
  const listLike = element.converted_type === 'LIST' || element.logical_type?.type === 'LIST'
  if (!listLike || children.length !== 1 || leaf === undefined || leaf.children.length > 0) return undefined
  return { kind: kindOfElement(leaf.element), list: true }
}

/** Times, dates, decimals and the like become what their text or number is. */
function kindOfElement({ type, converted_type: converted, logical_type: logical }: SchemaElement): ParquetKind {
  if (type === 'BOOLEAN') return BOOLEAN
  if (converted === 'DECIMAL') return KINDS[0]!
  const temporal = converted !== undefined && /^(?:DATE|TIME|TIMESTAMP)/.test(converted)
  if (
    temporal ||
    logical?.type === 'TIMESTAMP' ||
    type === 'BYTE_ARRAY' ||
    type === 'FIXED_LEN_BYTE_ARRAY' ||
    type === 'INT96'
  )
    return logical?.type === 'FLOAT16' ? KINDS[1]! : STRING
  const meaning =
    logical?.type === 'INTEGER' && !(logical.bitWidth === 64 && logical.isSigned)
      ? `${logical.isSigned ? '' : 'U'}INT_${logical.bitWidth}`
      : converted
  return (
    KINDS.find((kind) => kind.type === type && kind.meaning === meaning) ??
    KINDS.find((kind) => kind.type === type) ??
    STRING
  )
}
