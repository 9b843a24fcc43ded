import { FitsError } from '../fits-error.js'
import type { ByteSource } from '../source/byte-source.js'
import { DEFAULT_SEEK_COST, readExactly } from '../source/byte-source.js'
import { BLOCK_BYTES, CARD_BYTES, padToBlock } from './card.js'
import { Header } from './header.js'

// Ten blocks hold 360 cards: the first read often has the headers of the next HDU too. Behind data, where a header
// stands alone, three are enough for most, and what is read beyond it is read in vain, unless another call costs more.
const FIRST_BYTES = 10 * BLOCK_BYTES
const WINDOW_BYTES = 3 * BLOCK_BYTES
// 200 000 cards: more than any file has, and no more than can be held when a damaged one claims them.
const MAX_HEADER_BYTES = 16 * 1024 * 1024

export interface HeaderBlock {
  readonly header: Header
  /** Where the data start: the header's end, padded to a block. */
  readonly dataOffset: number
}

/** Reads headers one after another; what one read brought beyond a header serves the next. */
export class HeaderReader {
  readonly #source: ByteSource
  #window: Uint8Array = new Uint8Array(0)
  // One for all windows: fresh memory for each would cost as much as the reading.
  #memory: Uint8Array = new Uint8Array(0)
  #windowOffset = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** Up to `length` bytes at `offset`, fewer only at the end of the source. They are good until the next call. */
  async peek(offset: number, length: number): Promise<Uint8Array> {
    const start = offset - this.#windowOffset
    const wanted = Math.min(length, this.#source.size - offset)
    if (start < 0 || start + wanted > this.#window.length) {
      const { seekCost = DEFAULT_SEEK_COST } = this.#source
      const least = offset === 0 || seekCost > DEFAULT_SEEK_COST ? FIRST_BYTES : WINDOW_BYTES
      const bytes = Math.min(Math.max(length, least), this.#source.size - offset)
      if (offset > 0 && this.#memory.length < bytes) this.#memory = new Uint8Array(bytes)
      const into = bytes <= this.#memory.length ? this.#memory : undefined
      this.#window = await readExactly(this.#source, offset, bytes, 'header', into)
      this.#windowOffset = offset
      return this.#window.subarray(0, wanted)
    }
    return this.#window.subarray(start, start + wanted)
  }

  /** Reads the header at `offset`. Fails with `fits/bad-header` where no END card ends it. */
  async read(offset: number): Promise<HeaderBlock> {
    let scanned = 0
    for (let length = WINDOW_BYTES; ; length *= 2) {
      const bytes = await this.peek(offset, length)
      const end = findEnd(bytes, scanned, offset)
      if (end >= 0) {
        return {
          header: Header.parse(decodeText(bytes.subarray(0, end))),
          dataOffset: offset + padToBlock(end + CARD_BYTES),
        }
      }
      scanned = bytes.length - (bytes.length % CARD_BYTES)
      if (bytes.length < length || length >= MAX_HEADER_BYTES) throw noEnd(offset, `none in ${bytes.length} bytes`)
    }
  }
}

/** Offset of the END card, -1 where there is none yet. Data bytes in place of a keyword fail at once. */
function findEnd(bytes: Uint8Array, from: number, offset: number): number {
  for (let at = from; at + CARD_BYTES <= bytes.length; at += CARD_BYTES) {
    if (bytes[at] === 0x45 && bytes[at + 1] === 0x4e && bytes[at + 2] === 0x44 && isBlank(bytes, at + 3, at + 8))
      return at
    for (let i = at; i < at + 8; i++) {
      const byte = bytes[i] as number
      if (byte < 0x20 || byte > 0x7e)
        throw noEnd(offset, `byte 0x${byte.toString(16)} in a keyword at byte ${offset + i}`)
    }
  }
  return -1
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0x20) return false
  return true
}

function noEnd(offset: number, got: string): FitsError {
  return new FitsError('fits/bad-header', `header at byte ${offset} has no END card`, {
    got,
    expected: 'END',
    remedy: 'The file is damaged or cut short: fetch it again.',
  })
}

// One character a byte, whatever the bytes: card boundaries are byte offsets. The UTF-8 decoder is the fast way for
// ASCII, and gives itself away on anything else by its length or by a replacement character.
function decodeText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  if (text.length === bytes.length && !text.includes('\uFFFD')) return text
  let latin = ''
  for (let at = 0; at < bytes.length; at += 4096) latin += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return latin
}
