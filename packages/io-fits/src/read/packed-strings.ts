import { gather1 } from '../big-endian.js'
import { FitsError } from '../fits-error.js'
import { blankEnd, decodeOne, decodeStrings, hasNoNul, isAscii, stringEnd } from './string-decoder.js'

/** Strings as UTF-8, one after another: string i has the bytes from `offsets[i]` up to `offsets[i + 1]`. */
export interface PackedStrings {
  readonly bytes: Uint8Array
  readonly offsets: Int32Array
}

const MAX_BYTES = 2 ** 31 - 1
const utf8 = new TextEncoder()

// Slices keep the text that they were cut from: this much of it, not the column.
const TEXT_BYTES = 256 * 1024

/**
 * Takes fixed-width strings as they are read and makes of them, at the end, what is asked for: each ends at its first
 * NUL, trailing blanks go; UTF-8 where the bytes are that, else Latin-1.
 */
export class StringSlots {
  readonly #slots: Uint8Array
  readonly #perCell: number
  readonly #chars: number
  readonly #strings: number

  constructor(rows: number, perCell: number, chars: number) {
    this.#perCell = perCell
    this.#chars = chars
    this.#strings = rows * perCell
    // Whole words, to look at four bytes at once.
    this.#slots = new Uint8Array(Math.ceil((this.#strings * chars) / 4) * 4)
  }

  /** Takes `rows` cells, `stride` bytes apart from `offset`, into the rows from `row`. */
  push(view: DataView, offset: number, stride: number, rows: number, row: number): void {
    const count = this.#perCell * this.#chars
    if (count > 0) gather1(view, { offset, stride, cells: rows, count }, this.#slots, row * count, 0)
  }

  /** The strings as such. For a million of them that takes most of the time of reading a table. */
  text(): string[] {
    const [slots, chars, strings] = [this.#slots, this.#chars, this.#strings]
    const values: string[] = new Array(strings).fill('')
    if (chars === 0) return values
    const view = new DataView(slots.buffer)
    const step = Math.max(1, Math.floor(TEXT_BYTES / chars))
    for (let at = 0; at < strings; at += step) {
      const cells = Math.min(step, strings - at)
      decodeStrings(view, { offset: at * chars, stride: chars, cells, count: chars }, 1, chars, values, at)
    }
    return values
  }

  /** The strings as UTF-8, in place of what was taken. Fails with `fits/bad-range` where they are 2 GiB or more. */
  packed(): PackedStrings {
    const [slots, chars, strings] = [this.#slots, this.#chars, this.#strings]
    if (slots.length > MAX_BYTES) throw tooMany(slots.length)
    const offsets = new Int32Array(strings + 1)
    if (chars === 0) return { bytes: new Uint8Array(0), offsets }
    if (!isAscii(slots)) return this.#recode(offsets)
    const full = hasNoNul(slots, strings * chars)
    let to = 0
    for (let i = 0, start = 0; i < strings; i++, start += chars) {
      const end = full ? blankEnd(slots, start, start + chars) : stringEnd(slots, start, start + chars)
      // Packed where they lie: what is written is never ahead of what is read.
      if (to === start) to = end
      else for (let p = start; p < end; p++) slots[to++] = slots[p] as number
      offsets[i + 1] = to
    }
    return { bytes: slots.subarray(0, to), offsets }
  }

  #recode(offsets: Int32Array): PackedStrings {
    const [slots, chars] = [this.#slots, this.#chars]
    // A byte of Latin-1 takes two of UTF-8.
    const bytes = new Uint8Array(Math.min(2 * slots.length, MAX_BYTES))
    let to = 0
    for (let i = 0, start = 0; i < this.#strings; i++, start += chars) {
      const text = decodeOne(slots.subarray(start, stringEnd(slots, start, start + chars)))
      const { read, written } = utf8.encodeInto(text, bytes.subarray(to))
      if (read < text.length) throw tooMany(2 * slots.length)
      to += written
      offsets[i + 1] = to
    }
    return { bytes: bytes.subarray(0, to), offsets }
  }
}

/** The same of strings that are there already. */
export function packStrings(values: readonly string[]): PackedStrings {
  const offsets = new Int32Array(values.length + 1)
  const encoded = utf8.encode(values.join(''))
  if (encoded.length > MAX_BYTES) throw tooMany(encoded.length)
  for (const [i, value] of values.entries()) offsets[i + 1] = (offsets[i] as number) + utf8Length(value)
  return { bytes: encoded, offsets }
}

// A lone surrogate, which no file can hold, would count as the three bytes of its replacement.
function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return bytes
}

function tooMany(bytes: number): FitsError {
  return new FitsError('fits/bad-range', 'strings of a column are too long together', {
    got: `${bytes} bytes`,
    expected: `at most ${MAX_BYTES}`,
    remedy: 'Read fewer rows at a time.',
  })
}
