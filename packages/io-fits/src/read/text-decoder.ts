import type { NumberDtype } from '../dtype.js'
import { makeArray } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { FitsColumn, FitsColumnInfo } from './hdu.js'

/** How a field of an ASCII table is read. */
export interface TextFormat {
  /** Of numbers: what the field holds, before scaling. */
  readonly dtype: 'i2' | 'i4' | 'i8' | 'f8'
  /** Digits behind the point in a field that has none (Fw.d and its like); 0 for integers. */
  readonly decimals: number
  readonly scaled?: { readonly scale: number; readonly zero: number }
  /** TNULL without the blanks around it. */
  readonly null?: string
}

const INTEGER = /^[+-]?\d+$/
const REAL = /^([+-]?)(\d*)(\.?)(\d*)(?:[ED]([+-]?\d+)|([+-]\d+))?$/i
const NOT_FINITE = /^([+-]?)(nan|inf(?:inity)?)$/i

/** Decodes the numbers of one column of an ASCII table, `rows` of them, fields of `width` bytes. */
export class TextNumberDecoder {
  readonly #info: FitsColumnInfo
  readonly #format: TextFormat
  readonly #width: number
  readonly #firstRow: number
  readonly #values: Float64Array | BigInt64Array
  #valid: Uint8Array | undefined

  /** `firstRow` is the table's row of the first one, for messages. */
  constructor(info: FitsColumnInfo, format: TextFormat, width: number, rows: number, firstRow: number) {
    this.#info = info
    this.#format = format
    this.#width = width
    this.#firstRow = firstRow
    this.#values = makeArray(info.dtype as NumberDtype, rows) as Float64Array
  }

  push(view: DataView, offset: number, stride: number, rows: number, row: number): void {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    for (let i = row, start = offset; i < row + rows; i++, start += stride) {
      const text = String.fromCharCode(...bytes.subarray(start, start + this.#width)).trim()
      if (text === this.#format.null) this.#markMissing(i)
      // A blank field is the number 0, says the standard.
      else if (text !== '') this.#values[i] = this.#parse(text, i) as number
      else if (this.#format.scaled !== undefined) this.#values[i] = this.#format.scaled.zero
    }
  }

  finish(): FitsColumn {
    const column = { info: this.#info, values: this.#values }
    return this.#valid === undefined ? column : { ...column, valid: this.#valid }
  }

  #markMissing(i: number): void {
    this.#valid ??= new Uint8Array(this.#values.length).fill(1)
    this.#valid[i] = 0
    if (this.#values instanceof Float64Array) this.#values[i] = NaN
  }

  #parse(text: string, i: number): number | bigint {
    const { dtype, decimals, scaled } = this.#format
    const value = dtype === 'f8' ? parseReal(text, decimals) : parseInteger(text, dtype)
    if (value === undefined) {
      throw new FitsError(
        'fits/bad-table',
        `column ${this.#info.name} has text that is no number in row ${this.#firstRow + i}`,
        {
          got: JSON.stringify(text),
          expected: `a number of TFORM ${this.#info.format}`,
          remedy: 'Read the other columns, or the rows before that one (rows count from 0).',
        },
      )
    }
    return scaled === undefined ? value : scaled.zero + scaled.scale * Number(value)
  }
}

function parseInteger(text: string, dtype: 'i2' | 'i4' | 'i8'): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined
  if (dtype !== 'i8') return Number(text)
  // BigInt takes no plus sign.
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

function parseReal(text: string, decimals: number): number | undefined {
  const match = REAL.exec(text)
  if (match === null) return parseNotFinite(text)
  const [, sign = '', whole = '', point = '', fraction = '', exponent, bare] = match
  if (whole === '' && fraction === '') return undefined
  const power = Number(exponent ?? bare ?? 0) - (point === '' ? decimals : 0)
  return Number(`${sign}${whole}.${fraction}e${power}`)
}

function parseNotFinite(text: string): number | undefined {
  const match = NOT_FINITE.exec(text)
  if (match === null) return undefined
  if (match[2]?.toLowerCase() === 'nan') return NaN
  return match[1] === '-' ? -Infinity : Infinity
}
