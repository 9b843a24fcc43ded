import { gather1, gather2, gather4, gather8 } from '../big-endian.js'
import type { FitsArray } from '../dtype.js'
import { makeArray } from '../dtype.js'
import type { NumberFormat, StoredDtype } from '../number-format.js'
import { NumberDecoder } from '../read/number-decoder.js'
import { unshuffle } from './gzip-tile.js'

/** The numbers in big-endian bytes, as they are stored. */
export function numbersOf(bytes: Uint8Array, stored: StoredDtype, length: number): FitsArray {
  const decoder = new NumberDecoder({ stored, dtype: stored, flip: 0 }, length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  decoder.push(view, { offset: 0, stride: bytes.length, cells: 1, count: length }, 0)
  return decoder.values
}

/** Puts big-endian bytes into an array of values as wide; `from` holds as many bytes as `out`. */
export function putBigEndian(from: Uint8Array, out: FitsArray): void {
  const { buffer, byteOffset, byteLength, length } = out
  const view = new DataView(from.buffer, from.byteOffset, from.length)
  const cells = { offset: 0, stride: byteLength, cells: 1, count: length }
  switch (out.BYTES_PER_ELEMENT) {
    case 1:
      return gather1(view, cells, new Uint8Array(buffer, byteOffset, byteLength), 0, 0)
    case 2:
      return gather2(view, cells, new Uint16Array(buffer, byteOffset, length), 0, 0)
    case 4:
      return gather4(view, cells, new Uint32Array(buffer, byteOffset, length), 0, 0)
    default:
      return gather8(view, cells, new Uint32Array(buffer, byteOffset, length * 2), 0, 0)
  }
}

/** The same for bytes that GZIP_2 sorted by significance. */
export function putSorted(from: Uint8Array, out: FitsArray): void {
  const { buffer, byteOffset, length } = out
  const [two, three] = [2 * length, 3 * length]
  if (out.BYTES_PER_ELEMENT === 2) {
    const bits = new Uint16Array(buffer, byteOffset, length)
    for (let i = 0; i < length; i++) bits[i] = ((from[i] as number) << 8) | (from[length + i] as number)
  } else if (out.BYTES_PER_ELEMENT === 4) {
    const bits = new Uint32Array(buffer, byteOffset, length)
    for (let i = 0; i < length; i++) {
      bits[i] =
        ((from[i] as number) << 24) |
        ((from[length + i] as number) << 16) |
        ((from[two + i] as number) << 8) |
        (from[three + i] as number)
    }
  } else {
    const joined = new Uint8Array(from.length)
    unshuffle(from, out.BYTES_PER_ELEMENT, joined)
    putBigEndian(joined, out)
  }
}

/** Puts `length` numbers into an array of another type, wrapping where it is narrower. */
export function putNumbers(from: FitsArray, start: number, length: number, out: FitsArray, at: number): void {
  const bigFrom = from instanceof BigInt64Array || from instanceof BigUint64Array
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    if (bigFrom) out.set(from.subarray(start, start + length), at)
    else for (let i = 0; i < length; i++) out[at + i] = BigInt(from[start + i] as number)
  } else if (bigFrom) {
    for (let i = 0; i < length; i++) out[at + i] = Number(from[start + i])
  } else {
    out.set(from.subarray(start, start + length), at)
  }
}

export interface Meant {
  readonly data: FitsArray
  readonly valid?: Uint8Array
}

/** The numbers meant by stored ones (`meant = zero + scale × stored`) and which are missing. May reuse `raw`'s memory. */
export function meantNumbers(raw: FitsArray, format: NumberFormat): Meant {
  const valid = validOf(raw, format)
  const { scaled } = format
  if (scaled === undefined) return withValid(offsetIntegers(raw, format), valid)
  const data = makeArray(format.dtype, raw.length) as Float64Array
  for (let i = 0; i < raw.length; i++) data[i] = scaled.zero + scaled.scale * Number(raw[i])
  if (valid !== undefined) for (let i = 0; i < data.length; i++) if (valid[i] === 0) data[i] = NaN
  return withValid(data, valid)
}

function withValid(data: FitsArray, valid: Uint8Array | undefined): Meant {
  return valid === undefined ? { data } : { data, valid }
}

function validOf(raw: FitsArray, format: NumberFormat): Uint8Array | undefined {
  if (format.null === undefined) return undefined
  const missing = format.stored === 'i8' ? BigInt(format.null) : Number(format.null)
  let valid: Uint8Array | undefined
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] !== missing) continue
    valid ??= new Uint8Array(raw.length).fill(1)
    valid[i] = 0
  }
  return valid
}

/** Unsigned integers stored as signed ones differ in the top bit only, and so do signed bytes. */
function offsetIntegers(raw: FitsArray, { dtype, flip }: NumberFormat): FitsArray {
  if (flip === 0) return raw
  const out = makeArray(dtype, 0).constructor as new (buffer: ArrayBufferLike) => FitsArray
  if (raw instanceof BigInt64Array) {
    const bits = new BigUint64Array(raw.buffer)
    for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] as bigint) ^ 0x8000000000000000n
  } else {
    const bits = raw as Int32Array
    for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] as number) ^ flip
  }
  return new out(raw.buffer)
}
