import { addSums, encodeChecksum, OnesSum } from '../checksum/ones-sum.js'
import { CARD_BYTES, padToBlock } from '../header/card.js'
import { formatCard } from '../header/format-card.js'
import type { EncodedHdu } from './encoded-hdu.js'
import { card } from './encoded-hdu.js'

const UNSET = '0'.repeat(16)

/** The same HDU with CHECKSUM and DATASUM in its header. Its bytes are made twice: once to add them up. */
export function checksumHdu(hdu: EncodedHdu): EncodedHdu {
  const [plain] = hdu.chunks()
  const header = plain ?? new Uint8Array(0)
  const size = hdu.size - header.length + padToBlock(cardsEnd(header) + 3 * CARD_BYTES)
  return {
    size,
    *chunks() {
      const data = new OnesSum()
      for (const chunk of dataChunks(hdu)) data.add(chunk)
      yield withChecksums(header, data.value)
      yield* dataChunks(hdu)
    },
  }
}

/** A header with CHECKSUM and DATASUM added, for data that add up to `datasum`. */
export function withChecksums(header: Uint8Array, datasum: number): Uint8Array {
  const all = new OnesSum()
  all.add(withSums(header, UNSET, datasum))
  return withSums(header, encodeChecksum(addSums(all.value, datasum)), datasum)
}

function* dataChunks(hdu: EncodedHdu): Generator<Uint8Array> {
  let isHeader = true
  for (const chunk of hdu.chunks()) {
    if (!isHeader) yield chunk
    isHeader = false
  }
}

/** Bytes of the cards before END. */
function cardsEnd(header: Uint8Array): number {
  let end = header.length
  while (end > 0 && header[end - 1] === 0x20) end--
  return end - 'END'.length
}

function withSums(header: Uint8Array, checksum: string, datasum: number): Uint8Array {
  const cards = new TextDecoder().decode(header.subarray(0, cardsEnd(header)))
  const sums =
    formatCard(card('CHECKSUM', checksum, 'HDU checksum')) +
    formatCard(card('DATASUM', String(datasum), 'data unit checksum'))
  const text = `${cards}${sums}END`
  return new TextEncoder().encode(text.padEnd(padToBlock(text.length)))
}
