import type { Data, DataType, RecordBatch, Vector } from 'apache-arrow'
import {
  Bool,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  Precision,
  Type,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  makeData,
} from 'apache-arrow'
import { AstrolabelError } from '../errors.js'
import type { Column, ColumnValues } from '../table.js'

/** A field with its values, ready for a record batch. */
export interface ArrowColumn {
  readonly field: Field
  readonly data: Data
}

/** The numeric storage of a column. */
export type NumericArray = Exclude<ColumnValues, readonly string[]>

const ARROW_TYPES: readonly [new (n: number) => NumericArray, () => DataType][] = [
  [Float64Array, () => new Float64()],
  [Float32Array, () => new Float32()],
  [Int32Array, () => new Int32()],
  [Uint32Array, () => new Uint32()],
  [Int16Array, () => new Int16()],
  [Uint16Array, () => new Uint16()],
  [Int8Array, () => new Int8()],
  [Uint8Array, () => new Uint8()],
  [BigInt64Array, () => new Int64()],
  [BigUint64Array, () => new Uint64()],
]

/**
 * A matrix as an Arrow column of fixed-size lists, zero-copy.
 *
 * Building by makeData takes microseconds; Arrow's builders take a hundred times the copy for spectra.
 *
 * @param values (n × width) row-major.
 */
export function matrixColumn(
  name: string,
  values: NumericArray,
  n: number,
  width: number,
  metadata?: Map<string, string>,
): ArrowColumn {
  const data = listData(numberData(values), n, width)
  return { field: new Field(name, data.type, false, metadata), data }
}

/** A number column, zero-copy. */
export function numberColumn(name: string, values: NumericArray): ArrowColumn {
  const data = numberData(values)
  return { field: new Field(name, data.type, false), data }
}

/** Float64 values where NaN means missing, as a nullable column, zero-copy. */
export function nullableNumbers(name: string, values: Float64Array, metadata?: Map<string, string>): ArrowColumn {
  const data = numberData(
    values,
    Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)),
  )
  return { field: new Field(name, data.type, true, metadata), data }
}

/** Strings as UTF-8. */
export function stringColumn(name: string, values: readonly string[]): ArrowColumn {
  const data = stringData(values)
  return { field: new Field(name, data.type, false), data }
}

/**
 * A catalogue column of any kind; numbers are not copied.
 *
 * It is nullable even when no row is missing: the batches of a file must agree, and the next one may have a gap.
 */
export function tableColumn(column: Column, name: string = column.name): ArrowColumn {
  const { values, valid, width = 1 } = column
  const items = width === 1 ? valid : undefined
  const flat = isStrings(values)
    ? stringData(values, items)
    : column.boolean === true
      ? booleanData(values as Uint8Array, items)
      : numberData(values, items)
  const data = width === 1 ? flat : listData(flat, values.length / width, width, valid)
  const metadata = column.unit === undefined ? undefined : new Map([['unit', column.unit]])
  return { field: new Field(name, data.type, true, metadata), data }
}

/** The columns of a record batch as catalogue columns, but for those of these names. @throws `arrow/unsupported-type`. */
export function readColumns(batch: RecordBatch, but: ReadonlySet<string> = new Set()): Column[] {
  const columns: Column[] = []
  batch.schema.fields.forEach((field, i) => {
    if (but.has(field.name)) return
    const unit = field.metadata.get('unit')
    const column = columnFromVector(field.name, batch.getChildAt(i)!)
    columns.push(unit === undefined || unit === '' ? column : { ...column, unit })
  })
  return columns
}

/**
 * The catalogue column that an Arrow vector holds; numbers stay on Arrow's own buffer when it is one chunk.
 *
 * @throws `arrow/unsupported-type`, naming the column.
 */
export function columnFromVector(name: string, vector: Vector): Column {
  const type = vector.type as DataType
  const valid = validOf(vector)
  const present = valid === undefined ? {} : { valid }
  if (type.typeId !== Type.FixedSizeList) return { name, ...itemsOf(name, vector, valid), ...present }
  const width = (type as FixedSizeList).listSize
  const inner = vector.getChildAt(0) as Vector
  const itemValid = validOf(inner) ?? (valid === undefined ? undefined : new Uint8Array(inner.length).fill(1))
  valid?.forEach((row, i) => {
    if (row === 0) itemValid!.fill(0, i * width, (i + 1) * width)
  })
  return { name, ...itemsOf(name, inner, itemValid), ...present, width }
}

/** The numbers of a vector: Arrow's own buffer when it is one chunk. @throws `arrow/unsupported-type`. */
export function numericValues(name: string, vector: Vector): NumericArray {
  const type = vector.type as DataType
  // Dates, decimals, half floats and binary lie in typed arrays too, whose numbers are not the column's values.
  const half = type.typeId === Type.Float && (type as DataType & { precision: Precision }).precision === Precision.HALF
  if (half || (type.typeId !== Type.Int && type.typeId !== Type.Float)) {
    throw new AstrolabelError('arrow/unsupported-type', `Column ${name} has a type that is not read`, {
      got: String(vector.type),
      expected: 'numbers of 8 to 64 bits, strings, booleans or fixed-size lists of them',
      remedy: 'Convert the column or leave it out',
    })
  }
  const chunks = (vector.data as readonly Data[]).map((chunk) =>
    (chunk.values as Float64Array).subarray(0, chunk.length),
  )
  if (chunks.length === 1) return chunks[0]!
  const out = new ((chunks[0]?.constructor ?? Float64Array) as new (n: number) => Float64Array)(vector.length)
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}

function itemsOf(name: string, items: Vector, valid: Uint8Array | undefined): Pick<Column, 'values' | 'boolean'> {
  const { typeId } = items.type as DataType
  if (typeId === Type.Utf8 || typeId === Type.LargeUtf8 || typeId === Type.Dictionary) {
    return { values: Array.from(items, (value) => (value === null ? '' : String(value))) }
  }
  if (typeId === Type.Bool)
    return { values: Uint8Array.from(items, (value) => (value === true ? 1 : 0)), boolean: true }
  return { values: missingAsNaN(numericValues(name, items), valid) }
}

/** Other programs leave anything under a null; a table has NaN there. Copies only when something has to change. */
function missingAsNaN(values: NumericArray, valid: Uint8Array | undefined): NumericArray {
  if (valid === undefined || !(values instanceof Float64Array || values instanceof Float32Array)) return values
  let out = values
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] !== 0 || Number.isNaN(out[i])) continue
    if (out === values) out = values.slice()
    out[i] = Number.NaN
  }
  return out
}

/** One byte a row, 0 = null; undefined when nothing is null. */
function validOf(vector: Vector): Uint8Array | undefined {
  if (vector.nullCount === 0) return undefined
  return Uint8Array.from({ length: vector.length }, (_, i) => (vector.isValid(i) ? 1 : 0))
}

function numberData(values: NumericArray, valid?: Uint8Array): Data {
  const type = ARROW_TYPES.find(([array]) => values instanceof array)![1]()
  return makeData({ type, length: values.length, data: values, ...nullsOf(valid) } as never)
}

function booleanData(values: Uint8Array, valid?: Uint8Array): Data {
  return makeData({ type: new Bool(), length: values.length, data: packBits(values), ...nullsOf(valid) })
}

function stringData(values: readonly string[], valid?: Uint8Array): Data {
  const encoder = new TextEncoder()
  const parts = values.map((value) => encoder.encode(value))
  const valueOffsets = new Int32Array(values.length + 1)
  parts.forEach((part, i) => {
    valueOffsets[i + 1] = valueOffsets[i]! + part.length
  })
  const data = new Uint8Array(valueOffsets[values.length]!)
  parts.forEach((part, i) => data.set(part, valueOffsets[i]))
  return makeData({ type: new Utf8(), length: values.length, valueOffsets, data, ...nullsOf(valid) })
}

function listData(items: Data, length: number, width: number, valid?: Uint8Array): Data {
  const type = new FixedSizeList(width, new Field('item', items.type as DataType, false))
  return makeData({ type, length, child: items, ...nullsOf(valid) } as never)
}

function nullsOf(valid: Uint8Array | undefined): { nullBitmap?: Uint8Array; nullCount: number } {
  if (valid === undefined) return { nullCount: 0 }
  let nullCount = 0
  for (const v of valid) if (v === 0) nullCount++
  return { nullBitmap: packBits(valid), nullCount }
}

/** Bits in Arrow's order, least significant first, padded to whole 64-bit words as Arrow wants. */
function packBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bytes.length / 64) * 8)
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) bits[i >> 3]! |= 1 << (i & 7)
  return bits
}

function isStrings(values: ColumnValues): values is readonly string[] {
  return Array.isArray(values)
}
