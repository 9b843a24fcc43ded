import { addSums, encodeChecksum, OnesSum } from '../checksum/ones-sum.js'
import { BLOCK_BYTES } from '../header/card.js'
import { formatCard } from '../header/format-card.js'
import { parseCard } from '../header/parse-card.js'
import { joinCards, keyOf, splitCards } from './edit-header.js'

const UNSET = '0'.repeat(16)

/** What DATASUM says: a number, `absent`, or `bad` where it is not one. */
export function datasumIn(text: string): number | 'absent' | 'bad' {
  const raw = splitCards(text).find((card) => keyOf(card) === 'DATASUM')
  const value = raw === undefined ? '' : String(parseCard(raw).value ?? '').trim()
  if (value === '') return 'absent'
  return /^\d+$/.test(value) ? Number(value) : 'bad'
}

/** Whether a header has a CHECKSUM that says something. */
export function isSealed(text: string): boolean {
  const raw = splitCards(text).find((card) => keyOf(card) === 'CHECKSUM')
  return raw !== undefined && String(parseCard(raw).value ?? '').trim() !== ''
}

/** The header with its CHECKSUM and DATASUM, where it has them, set for data that add up to `datasum`. */
export function sealHeader(text: string, datasum: number): string {
  const cards = splitCards(text)
  const blocks = text.length / BLOCK_BYTES
  setValue(cards, 'DATASUM', String(datasum))
  if (!setValue(cards, 'CHECKSUM', UNSET)) return joinCards(cards, blocks)
  const sum = new OnesSum()
  sum.add(latin1Bytes(joinCards(cards, blocks)))
  setValue(cards, 'CHECKSUM', encodeChecksum(addSums(sum.value, datasum)))
  return joinCards(cards, blocks)
}

/** One byte a character, as headers are read. */
export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

/** One character a byte, whatever the bytes. */
export function latin1Text(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return text
}

/** False where there is no such card, or it says nothing. */
function setValue(cards: string[], key: string, value: string): boolean {
  const at = cards.findIndex((raw) => keyOf(raw) === key)
  const old = at < 0 ? undefined : parseCard(cards[at] as string)
  if (old === undefined || String(old.value ?? '').trim() === '') return false
  // The comment gives way where both do not fit: one card must stay one.
  if (old.value !== value) cards[at] = formatCard({ key, value, comment: old.comment.slice(0, 47) })
  return true
}
