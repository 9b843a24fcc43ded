import type { Card, HeaderValue } from './card.js'
import { CARD_BYTES, normalizeKey } from './card.js'
import { parseCard, wantsContinue } from './parse-card.js'

interface Entry {
  readonly key: string
  readonly raw?: string
  card?: Card
}

/**
 * The cards of one HDU, in file order, duplicates kept. Cards are parsed when first asked for: long headers open fast.
 * Keywords are matched without regard to case, with or without `HIERARCH `; lookups answer from the first match.
 */
export class Header implements Iterable<Card> {
  #entries: Entry[]
  #first: Map<string, number>

  constructor(cards: Iterable<Card> = []) {
    this.#entries = Array.from(cards, (card) => ({ key: card.key, card }))
    this.#first = indexEntries(this.#entries)
  }

  /** A header from its text: cards of 80 characters each, without END. */
  static parse(text: string): Header {
    const header = new Header()
    header.#entries = splitCards(text)
    header.#first = indexEntries(header.#entries)
    return header
  }

  get size(): number {
    return this.#entries.length
  }

  /** Every card in file order; parses what was not parsed before. */
  get cards(): readonly Card[] {
    return this.#entries.map(cardOf)
  }

  [Symbol.iterator](): Iterator<Card> {
    return this.cards[Symbol.iterator]()
  }

  has(key: string): boolean {
    return this.#first.has(normalizeKey(key))
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
    const at = this.#first.get(normalizeKey(key))
    const entry = at === undefined ? undefined : this.#entries[at]
    return entry === undefined ? undefined : cardOf(entry)
  }

  /** All cards with this keyword, in order. */
  all(key: string): readonly Card[] {
    const wanted = normalizeKey(key)
    return this.#entries.filter((entry) => entry.key === wanted).map(cardOf)
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
    this.#entries[at] = { key: name, card: { key: name, value, comment: comment ?? this.comment(name) } }
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
    this.#entries.push({ key: card.key, card })
    return this
  }
}

function cardOf(entry: Entry): Card {
  return (entry.card ??= parseCard(entry.raw ?? ''))
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
  for (let at = 0; at < text.length; at += CARD_BYTES) {
    const raw = text.slice(at, at + CARD_BYTES)
    const key = raw.slice(0, 8).trimEnd()
    if (key === 'CONTINUE') {
      const last = entries.at(-1)
      if (last?.raw !== undefined && wantsContinue(last.raw)) {
        // A HIERARCH card was parsed for its keyword, so its parsed form is dropped along with the shorter text.
        entries[entries.length - 1] = { key: last.key, raw: last.raw + raw }
        continue
      }
    }
    if (key === 'HIERARCH') {
      const card = parseCard(raw)
      entries.push({ key: card.key, raw, card })
    } else {
      entries.push({ key: key.toUpperCase(), raw })
    }
  }
  return entries
}
