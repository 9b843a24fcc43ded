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

/** A column that is filled cell by cell, in its own type from the first on. */
export class CellColumn {
  readonly #type: CellType
  readonly #width: number
  #values: NumberArray
  #valid: Uint8Array = new Uint8Array(64)
  #length = 0

  /** @param width Cells of a row; a row is missing when all of its cells are. */
  constructor(type: CellType, width: number) {
    this.#type = type
    this.#width = width
    this.#values = emptyValues(type, 64 * width)
  }

  /** The next cell, row-major; missing floats are NaN. */
  push(cell: CellNumber): void {
    if (this.#length === this.#values.length) this.#grow()
    const at = this.#length++
    if (cell === undefined) return
    this.#values[at] = cell as never
    this.#valid[this.#width === 1 ? at : Math.floor(at / this.#width)] = 1
  }

  column(name: string, unit: string | undefined): Column {
    const valid = this.#valid.slice(0, this.#length / this.#width)
    return {
      name,
      values: this.#values.slice(0, this.#length),
      ...(this.#width === 1 ? {} : { width: this.#width }),
      ...(valid.includes(0) ? { valid } : {}),
      ...(unit === undefined || unit === '' ? {} : { unit }),
      ...(this.#type === 'bool' ? { boolean: true } : {}),
    }
  }

  #grow(): void {
    const values = emptyValues(this.#type, 2 * this.#values.length)
    values.set(this.#values as never)
    const valid = new Uint8Array(values.length / this.#width)
    valid.set(this.#valid)
    this.#values = values
    this.#valid = valid
  }
}

/** Room for cells, missing all. */
function emptyValues(type: CellType, length: number): NumberArray {
  const values = new ARRAYS[type](length)
  return values instanceof Float64Array || values instanceof Float32Array ? values.fill(Number.NaN) : values
}

/** A column of text, missing where it is empty. */
export function textColumn(name: string, values: readonly string[], unit: string | undefined): Column {
  return {
    name,
    values,
    ...(values.includes('') ? { valid: Uint8Array.from(values, (text) => (text === '' ? 0 : 1)) } : {}),
    ...(unit === undefined ? {} : { unit }),
  }
}

/** A column of vectors; a list that is undefined is a missing row. @param lists Of `width` cells each. */
export function columnOfLists(
  name: string,
  type: CellType,
  lists: readonly (readonly CellNumber[] | undefined)[],
  width: number,
  unit: string | undefined,
): Column {
  const out = new CellColumn(type, width)
  for (const list of lists) for (let j = 0; j < width; j++) out.push(list?.[j])
  return out.column(name, unit)
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
