import type { Card, HeaderValue } from '../header/card.js'
import { BLOCK_BYTES, padToBlock } from '../header/card.js'
import { formatCard } from '../header/format-card.js'
import type { HeaderInput } from '../header/header-input.js'
import { userCards } from '../header/header-input.js'

/** An HDU ready to be written: the bytes are made chunk by chunk, and are the same each time. */
export interface EncodedHdu {
  /** Header and data in bytes, padded to blocks. */
  readonly size: number
  chunks(): Iterable<Uint8Array>
}

/** Shorthand for a structural card. */
export function card(key: string, value: HeaderValue | undefined, comment = ''): Card {
  return { key, value, comment }
}

/** Header bytes: structural cards, name and version, then the user's cards and END, padded with blanks. */
export function encodeHeader(
  structural: readonly Card[],
  { name, version, header }: { readonly name?: string; readonly version?: number; readonly header?: HeaderInput },
): Uint8Array {
  const own = new Set<string>()
  const cards = [...structural]
  if (name !== undefined) {
    own.add('EXTNAME')
    cards.push(card('EXTNAME', name, 'extension name'))
  }
  if (version !== undefined) {
    own.add('EXTVER')
    cards.push(card('EXTVER', version, 'extension version'))
  }
  cards.push(...userCards(header).filter(({ key }) => !own.has(key)))
  const text = `${cards.map(formatCard).join('')}END`
  return new TextEncoder().encode(text.padEnd(padToBlock(text.length)))
}

/** Bytes of a chunk, about. */
export const CHUNK_BYTES: number = 1024 * 1024

/** Bytes behind the items: the heap of a table. */
export interface Tail {
  readonly size: number
  chunks(): Iterable<Uint8Array>
}

/**
 * An HDU from its header and a function that fills in `count` items of `itemBytes` from item `at`.
 * `tail` follows them. The last chunk brings the padding with it: zeros, or `pad`.
 */
export function encodedHdu(
  header: Uint8Array,
  items: number,
  itemBytes: number,
  fill: (view: DataView, at: number, count: number) => void,
  tail?: Tail,
  pad = 0,
): EncodedHdu {
  const dataSize = items * itemBytes + (tail?.size ?? 0)
  const hasTail = tail !== undefined && tail.size > 0
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, itemBytes)))
  return {
    size: header.length + padToBlock(dataSize),
    *chunks() {
      yield header
      if (dataSize === 0) return
      for (let at = 0; at < items; at += perChunk) {
        const count = Math.min(perChunk, items - at)
        const last = at + count === items && !hasTail
        const bytes = new Uint8Array(count * itemBytes + (last ? padding(dataSize) : 0))
        fill(new DataView(bytes.buffer), at, count)
        bytes.fill(pad, count * itemBytes)
        yield bytes
      }
      if (!hasTail) return
      yield* tail.chunks()
      if (padding(dataSize) > 0) yield new Uint8Array(padding(dataSize))
    },
  }
}

/** Bytes from there to the end of the block. */
export function padding(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES
}
