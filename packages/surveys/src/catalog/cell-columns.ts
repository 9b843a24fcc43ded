import type { Column, ColumnValues } from '@astrolabel/spectra'

/** Types of numbers that tables of text and XML name. */
export type CellType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'

type NumberArray = Exclude<ColumnValues, readonly string[]>

const ARRAYS: Readonly<Record<CellType, new (length: number) => NumberArray>> = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
}

/** A number of a cell as its column stores it; undefined where it is missing. */
export type CellNumber = number | bigint | undefined

/**
 * A column from its cells.
 *
 * @param cells n × width numbers, row-major; a row is missing when all of its cells are. Missing floats are NaN.
 */
export function columnOfCells(
  name: string,
  type: CellType,
  cells: readonly CellNumber[],
  width: number,
  unit: string | undefined,
): Column {
  const values = new ARRAYS[type](cells.length)
  const float = values instanceof Float64Array || values instanceof Float32Array
  if (float) values.fill(Number.NaN)
  const valid = new Uint8Array(width === 0 ? 0 : cells.length / width)
  cells.forEach((cell, i) => {
    if (cell === undefined) return
    values[i] = cell as never
    valid[Math.floor(i / width)] = 1
  })
  return {
    name,
    values,
    ...(width === 1 ? {} : { width }),
    ...(valid.includes(0) ? { valid } : {}),
    ...(unit === undefined || unit === '' ? {} : { unit }),
    ...(type === 'bool' ? { boolean: true } : {}),
  }
}

const INTEGER = /^[+-]?\d+$/
const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|nan|inf(?:inity)?)$/i

/**
 * A number in text as its type stores it, exact for 64 bits. Decimal or `0x…` for integers; `NaN` and `±Inf`, with any
 * case, for floats.
 *
 * @returns null when the text is no number of that type.
 */
export function numberOfText(text: string, type: CellType): number | bigint | null {
  if (type === 'bool') {
    if (/^(?:true|t|1)$/i.test(text)) return 1
    return /^(?:false|f|0)$/i.test(text) ? 0 : null
  }
  if (type === 'float32' || type === 'float64') {
    if (!FLOAT.test(text)) return null
    if (/nan$/i.test(text)) return Number.NaN
    if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
    return Number(text)
  }
  const hex = /^0x[\da-f]+$/i.test(text)
  if (!hex && !INTEGER.test(text)) return null
  const value = BigInt(text.replace(/^\+/, ''))
  const bits = Number(type.replace(/^u?int/, ''))
  const wrapped = type.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)
  // Hexadecimal tells the bits, decimal the value.
  if (wrapped !== value && !(hex && value < 2n ** BigInt(bits))) return null
  return bits === 64 ? wrapped : Number(wrapped)
}
