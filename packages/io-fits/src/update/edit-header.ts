import type { Card, HeaderValue } from '../header/card.js'
import { BLOCK_BYTES, CARD_BYTES, normalizeKey } from '../header/card.js'
import { formatCard } from '../header/format-card.js'
import { parseCard, wantsContinue } from '../header/parse-card.js'
import { badInput } from '../write/bad-input.js'

/**
 * Changes to a header: keyword to a value, to `[value, comment]`, or to null, which removes every card with it.
 * Without a comment the old one stays. COMMENT and HISTORY add lines, one or a list.
 */
export type HeaderChanges = Readonly<
  Record<string, HeaderValue | undefined | null | readonly [HeaderValue | undefined, string] | readonly string[]>
>

const BLANK_CARD = ' '.repeat(CARD_BYTES)
const CARDS_PER_BLOCK = BLOCK_BYTES / CARD_BYTES
// To change one of these would make other bytes of the data than those there are.
const LAYOUT =
  /^(?:SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|GROUPS|TFIELDS|THEAP|TFORM\d+|TBCOL\d+|Z(?:IMAGE|TABLE|CMPTYPE|BITPIX|NAXIS\d*|TILE\d+|TILELEN|FORM\d+|CTYP\d+|NAME\d+|VAL\d+|QUANTIZ|DITHER0))$/
const OURS = /^(?:END|CONTINUE|CHECKSUM|DATASUM|)$/

/**
 * The text of a header, from its first card through the padding behind END, with changes. Cards that do not change
 * stay as they are, letter by letter; new ones go to the end. Blank cards before END make room, so that the header
 * takes as many blocks as before, unless it needs more. Fails with `fits/bad-input` on keywords that say how the data
 * lie, and on what a header cannot hold.
 */
export function editHeader(text: string, changes: HeaderChanges, label: string): string {
  const cards = splitCards(text)
  for (const [given, change] of Object.entries(changes)) {
    const key = normalizeKey(given)
    requireFree(key, label)
    if (change === null) {
      for (let i = cards.length - 1; i >= 0; i--) if (keyOf(cards[i] as string) === key) cards.splice(i, 1)
    } else if (key === 'COMMENT' || key === 'HISTORY') {
      for (const line of [change].flat()) {
        addCard(cards, formatCard({ key, value: String(line ?? ''), comment: '', commentary: true }))
      }
    } else {
      setCard(cards, key, change, label)
    }
  }
  return joinCards(cards, text.length / BLOCK_BYTES)
}

/** Each card's text with its CONTINUE cards, up to END. */
export function splitCards(text: string): string[] {
  const cards: string[] = []
  for (let at = 0; at < text.length; at += CARD_BYTES) {
    const raw = text.slice(at, at + CARD_BYTES)
    if (raw.startsWith('END     ')) break
    const last = cards.at(-1)
    if (last !== undefined && raw.startsWith('CONTINUE') && wantsContinue(last)) cards[cards.length - 1] = last + raw
    else cards.push(raw)
  }
  return cards
}

/** A header's text from its cards: END and padding are added, and blank cards where it would be shorter than `blocks`. */
export function joinCards(cards: readonly string[], blocks: number): string {
  let body = cards.join('')
  const room = blocks * BLOCK_BYTES
  // Blank cards at the end are room that may be used up.
  while (body.length + CARD_BYTES > room && body.endsWith(BLANK_CARD)) body = body.slice(0, -CARD_BYTES)
  const least = ((blocks - 1) * CARDS_PER_BLOCK + 1) * CARD_BYTES
  const ended = `${body.padEnd(least - CARD_BYTES)}${'END'.padEnd(CARD_BYTES)}`
  return ended.padEnd(Math.ceil(ended.length / BLOCK_BYTES) * BLOCK_BYTES)
}

/** The keyword of a card's text. */
export function keyOf(raw: string): string {
  return parseCard(raw).key
}

function setCard(cards: string[], key: string, change: Exclude<HeaderChanges[string], null>, label: string): void {
  const [value, comment, more] = (Array.isArray(change) ? change : [change]) as readonly (HeaderValue | undefined)[]
  if (more !== undefined || (comment !== undefined && typeof comment !== 'string')) {
    throw badInput(`${key} of ${label} cannot be set`, 'a list of values', 'a value or [value, comment]', 'Give one.')
  }
  const at = cards.findIndex((raw) => keyOf(raw) === key)
  const old = at < 0 ? undefined : parseCard(cards[at] as string)
  const card: Card = { key, value, comment: comment ?? old?.comment ?? '' }
  if (at < 0) addCard(cards, formatCard(card))
  else cards[at] = formatCard(card)
}

/** Adds a card behind the last one that is not blank. */
function addCard(cards: string[], raw: string): void {
  let at = cards.length
  while (at > 0 && (cards[at - 1] as string).trim() === '') at--
  cards.splice(at, 0, raw)
}

function requireFree(key: string, label: string): void {
  if (LAYOUT.test(key)) {
    throw badInput(
      `${key} of ${label} cannot be changed in place`,
      key,
      'a keyword that does not say how the data lie',
      'Write the HDU anew with the data that belong to it.',
    )
  }
  if (OURS.test(key)) {
    throw badInput(
      `${JSON.stringify(key)} of ${label} cannot be set`,
      JSON.stringify(key),
      'a keyword',
      'END and CONTINUE are written where they belong; CHECKSUM and DATASUM are kept right by themselves.',
    )
  }
}
