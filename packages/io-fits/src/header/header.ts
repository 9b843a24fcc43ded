import type { Card, HeaderValue } from './card.js'
import { CARD_BYTES, normalizeKey } from './card.js'
import { parseCard, wantsContinue } from './parse-card.js'

interface Entry {
  readonly key: string
  /** Where the card's text lies in the header's, with its CONTINUE cards; of no meaning once `card` is there. */
  readonly start: number
  end: number
  card: Card | undefined
}

/**
 * The cards of one HDU, in file order, duplicates kept. Cards are parsed when first asked for: long headers open fast.
 * Keywords are matched without regard to case, with or without `HIERARCH `; lookups answer from the first match.
 */
export class Header implements Iterable<Card> {
  #text = ''
  #entries: Entry[]
  #first: Map<string, number>

  constructor(cards: Iterable<Card> = []) {
    this.#entries = Array.from(cards, entryOf)
    this.#first = indexEntries(this.#entries)
  }

  /** A header from its text: cards of 80 characters each, without END. */
  static parse(text: string): Header {
    const header = new Header()
    header.#text = text
    header.#entries = splitCards(text)
    header.#first = indexEntries(header.#entries)
    return header
  }

  get size(): number {
    return this.#entries.length
  }

  /** Every card in file order; parses what was not parsed before. */
  get cards(): readonly Card[] {
    return this.#entries.map((entry) => this.#parse(entry))
  }

  [Symbol.iterator](): Iterator<Card> {
    return this.cards[Symbol.iterator]()
  }

  has(key: string): boolean {
    return this.#indexOf(key) !== undefined
  }

  /** The value of the first card with this keyword; undefined where there is none or the card gives no value. */
  get(key: string): HeaderValue | undefined {
    return this.card(key)?.value
  }

  /** The value when it is a number (a bigint is rounded to a double), otherwise undefined. */
  getNumber(key: string): number | undefined {
    const value = this.get(key)
    return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined
  }

  /** The value when it is a string, otherwise undefined. */
  getString(key: string): string | undefined {
    const value = this.get(key)
    return typeof value === 'string' ? value : undefined
  }

  /** The value when it is T or F, otherwise undefined. */
  getBoolean(key: string): boolean | undefined {
    const value = this.get(key)
    return typeof value === 'boolean' ? value : undefined
  }

  /** The comment of the first card with this keyword, empty where there is none. */
  comment(key: string): string {
    return this.card(key)?.comment ?? ''
  }

  /** The first card with this keyword. */
  card(key: string): Card | undefined {
    const at = this.#indexOf(key)
    return at === undefined ? undefined : this.#parse(this.#entries[at] as Entry)
  }

  /** All cards with this keyword, in order. */
  all(key: string): readonly Card[] {
    const wanted = normalizeKey(key)
    return this.#entries.filter((entry) => entry.key === wanted).map((entry) => this.#parse(entry))
  }

  /** The lines of HISTORY. */
  get history(): readonly string[] {
    return this.all('HISTORY').map((card) => String(card.value))
  }

  /** The lines of COMMENT. */
  get comments(): readonly string[] {
    return this.all('COMMENT').map((card) => String(card.value))
  }

  /** Replaces the first card with this keyword, or adds one at the end; the comment stays unless a new one is given. */
  set(key: string, value: HeaderValue | undefined, comment?: string): this {
    const name = normalizeKey(key)
    const at = this.#first.get(name)
    if (at === undefined) return this.add(name, value, comment)
    this.#entries[at] = entryOf({ key: name, value, comment: comment ?? this.comment(name) })
    return this
  }

  /** Adds a card at the end, even where the keyword is there already. */
  add(key: string, value: HeaderValue | undefined, comment = ''): this {
    return this.#append({ key: normalizeKey(key), value, comment })
  }

  /** Adds a line of HISTORY; the writer wraps what is longer than a card. */
  addHistory(text: string): this {
    return this.#append({ key: 'HISTORY', value: text, comment: '', commentary: true })
  }

  /** Adds a line of COMMENT; the writer wraps what is longer than a card. */
  addComment(text: string): this {
    return this.#append({ key: 'COMMENT', value: text, comment: '', commentary: true })
  }

  /** Removes every card with this keyword; does nothing where there is none. */
  delete(key: string): this {
    const name = normalizeKey(key)
    this.#entries = this.#entries.filter((entry) => entry.key !== name)
    this.#first = indexEntries(this.#entries)
    return this
  }

  #append(card: Card): this {
    if (!this.#first.has(card.key)) this.#first.set(card.key, this.#entries.length)
    this.#entries.push(entryOf(card))
    return this
  }

  // Most lookups ask in the stored form, and most of those for what is not there: that must not cost string work.
  #indexOf(key: string): number | undefined {
    return this.#first.get(isStoredForm(key) ? key : normalizeKey(key))
  }

  #parse(entry: Entry): Card {
    return (entry.card ??= parseCard(this.#text.slice(entry.start, entry.end)))
  }
}

function entryOf(card: Card): Entry {
  return { key: card.key, start: 0, end: 0, card }
}

function isStoredForm(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    if (code <= 0x20 || (code >= 0x61 && code <= 0x7a) || code > 0x7e) return false
  }
  return true
}

function indexEntries(entries: readonly Entry[]): Map<string, number> {
  const first = new Map<string, number>()
  for (let i = 0; i < entries.length; i++) {
    const key = entries[i]?.key ?? ''
    if (!first.has(key)) first.set(key, i)
  }
  return first
}

function splitCards(text: string): Entry[] {
  const entries: Entry[] = []
  for (let start = 0; start < text.length; start += CARD_BYTES) {
    const end = start + CARD_BYTES
    let keyEnd = start + 8
    while (keyEnd > start && text.charCodeAt(keyEnd - 1) === 0x20) keyEnd--
    const key = text.slice(start, keyEnd)
    const last = entries.at(-1)
    if (key === 'CONTINUE' && last?.end === start && wantsContinue(text.slice(last.start, last.end))) {
      last.end = end
      // A HIERARCH card was parsed for its keyword, without what continues it.
      last.card = undefined
    } else if (key === 'HIERARCH') {
      const card = parseCard(text.slice(start, end))
      entries.push({ key: card.key, start, end, card })
    } else {
      entries.push({ key: key.toUpperCase(), start, end, card: undefined })
    }
  }
  return entries
}
