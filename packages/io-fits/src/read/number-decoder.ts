import type { CellLayout } from '../big-endian.js'
import { gather1, gather2, gather4, gather8 } from '../big-endian.js'
import type { FitsArray } from '../dtype.js'
import { makeArray } from '../dtype.js'
import type { NumberFormat } from '../number-format.js'
import { nullAsMeant } from '../number-format.js'

/** Fills one typed array from big-endian cells, in any order; `valid` appears with the first missing value. */
export class NumberDecoder {
  readonly values: FitsArray
  valid: Uint8Array | undefined
  readonly #format: NumberFormat
  readonly #null: number | bigint | undefined
  #scratch: FitsArray | undefined

  /** Allocates `length` values: the caller has checked that the source holds as many. */
  constructor(format: NumberFormat, length: number) {
    this.values = makeArray(format.dtype, length)
    this.#format = format
    this.#null = format.scaled === undefined ? nullAsMeant(format) : comparable(format)
  }

  /** Decodes the cells into values from index `at`. */
  push(view: DataView, cells: CellLayout, at: number): void {
    const length = cells.cells * cells.count
    if (length === 0) return
    if (this.#format.scaled !== undefined) return this.#pushScaled(view, cells, at, length)
    gatherInto(this.values, view, cells, at, this.#format.flip)
    if (this.#null !== undefined) this.#markNulls(this.values, 0, at, at + length)
  }

  #pushScaled(view: DataView, cells: CellLayout, at: number, length: number): void {
    const { stored, scaled } = this.#format
    if (this.#scratch === undefined || this.#scratch.length < length) this.#scratch = makeArray(stored, length)
    const raw = this.#scratch
    gatherInto(raw, view, cells, 0, 0)
    const { scale, zero } = scaled as { scale: number; zero: number }
    const out = this.values as Float64Array
    if (raw instanceof BigInt64Array) for (let i = 0; i < length; i++) out[at + i] = zero + scale * Number(raw[i])
    else for (let i = 0; i < length; i++) out[at + i] = zero + scale * (raw[i] as number)
    if (this.#null === undefined) return
    this.#markNulls(raw, at, 0, length)
    const { valid } = this
    if (valid !== undefined) for (let i = at; i < at + length; i++) if (valid[i] === 0) out[i] = NaN
  }

  #markNulls(values: FitsArray, shift: number, start: number, end: number): void {
    const missing = this.#null
    for (let i = start; i < end; i++) {
      if (values[i] !== missing) continue
      this.valid ??= new Uint8Array(this.values.length).fill(1)
      this.valid[i + shift] = 0
    }
  }
}

function comparable(format: NumberFormat): number | bigint | undefined {
  if (format.null === undefined) return undefined
  return format.stored === 'i8' ? BigInt(format.null) : Number(format.null)
}

function gatherInto(values: FitsArray, view: DataView, cells: CellLayout, at: number, flip: number): void {
  const { buffer, byteOffset, byteLength } = values
  switch (values.BYTES_PER_ELEMENT) {
    case 1:
      return gather1(view, cells, new Uint8Array(buffer, byteOffset, byteLength), at, flip)
    case 2:
      return gather2(view, cells, new Uint16Array(buffer, byteOffset, byteLength / 2), at, flip)
    case 4:
      return gather4(view, cells, new Uint32Array(buffer, byteOffset, byteLength / 4), at, flip)
    default:
      return gather8(view, cells, new Uint32Array(buffer, byteOffset, byteLength / 4), at, flip)
  }
}
