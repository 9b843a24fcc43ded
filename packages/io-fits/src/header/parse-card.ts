import type { Card, HeaderValue } from './card.js'
import { CARD_BYTES, normalizeKey } from './card.js'

interface ValueField {
  value: HeaderValue | undefined
  comment: string
  complex?: readonly [number, number]
  /** The string value before its trailing blanks go: they count when it is continued. */
  text?: string
}

const INTEGER = /^[+-]?\d+$/
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?$/
const COMPLEX = /^\(([^,]*),([^,]*)\)$/

/**
 * Parses one card: 80 characters, followed by its CONTINUE cards (80 each) if it has any.
 * Never fails: a value that the standard does not allow is kept as its text.
 */
export function parseCard(raw: string): Card {
  const name = raw.slice(0, 8).trimEnd()
  if (name === 'HIERARCH') {
    const equals = raw.indexOf('=')
    if (equals > 0 && equals < CARD_BYTES) return valueCard(normalizeKey(raw.slice(9, equals)), raw, equals + 1)
  } else if (raw[8] === '=' && name !== '' && name !== 'COMMENT' && name !== 'HISTORY') {
    return valueCard(name.toUpperCase(), raw, 9)
  }
  return { key: name.toUpperCase(), value: raw.slice(8, CARD_BYTES).trimEnd(), comment: '', commentary: true }
}

function valueCard(key: string, raw: string, valueStart: number): Card {
  const field = parseValueField(raw.slice(valueStart, CARD_BYTES))
  const { text, comment } = field
  if (text === undefined || raw.length === CARD_BYTES) {
    const card = { key, value: field.value, comment }
    return field.complex === undefined ? card : { ...card, complex: field.complex }
  }
  // Joined once at the end: joining as they come copies all there is for each of what may be thousands.
  const texts = [text]
  const comments = comment === '' ? [] : [comment]
  for (let at = CARD_BYTES; at < raw.length; at += CARD_BYTES) {
    const next = parseValueField(raw.slice(at + 8, at + CARD_BYTES))
    texts.push((texts.pop() as string).slice(0, -1), next.text ?? '')
    if (next.comment !== '') comments.push(next.comment)
  }
  return { key, value: texts.join('').trimEnd(), comment: comments.join(' ') }
}

/** True when a card's last 80 characters end in a string that asks to be continued (`…&'`). */
export function wantsContinue(raw: string): boolean {
  const last = raw.slice(-CARD_BYTES)
  if (!last.includes("&'")) return false
  const start = last.startsWith('CONTINUE') ? 8 : last.indexOf('=') + 1
  return parseValueField(last.slice(start)).text?.endsWith('&') === true
}

/** Parses the part of a card after the value indicator: a value, then ` / comment`. */
function parseValueField(field: string): ValueField {
  const start = field.search(/\S/)
  if (start < 0) return { value: undefined, comment: '' }
  if (field[start] === "'") return parseString(field, start + 1)
  const slash = field.indexOf('/')
  const token = (slash < 0 ? field : field.slice(0, slash)).trim()
  const comment = slash < 0 ? '' : field.slice(slash + 1).trim()
  if (token === '') return { value: undefined, comment }
  if (token === 'T') return { value: true, comment }
  if (token === 'F') return { value: false, comment }
  const number = parseNumber(token)
  if (number !== undefined) return { value: number, comment }
  const parts = COMPLEX.exec(token)
  const re = parts === null ? undefined : parseNumber((parts[1] ?? '').trim())
  const im = parts === null ? undefined : parseNumber((parts[2] ?? '').trim())
  if (re !== undefined && im !== undefined) return { value: token, comment, complex: [Number(re), Number(im)] }
  return { value: token, comment }
}

function parseString(field: string, start: number): ValueField {
  let text = ''
  let at = start
  for (;;) {
    const quote = field.indexOf("'", at)
    if (quote < 0) return { value: field.slice(start).trimEnd(), comment: '' }
    text += field.slice(at, quote)
    if (field[quote + 1] !== "'") {
      const slash = field.indexOf('/', quote)
      return { value: text.trimEnd(), text, comment: slash < 0 ? '' : field.slice(slash + 1).trim() }
    }
    text += "'"
    at = quote + 2
  }
}

/** An integer (a bigint where a double cannot hold it), a real with an E or D exponent, or undefined. */
function parseNumber(token: string): number | bigint | undefined {
  if (INTEGER.test(token)) {
    const value = Number(token)
    if (Number.isSafeInteger(value)) return value === 0 ? 0 : value
    return BigInt(token.startsWith('+') ? token.slice(1) : token)
  }
  return REAL.test(token) ? Number(token.replace(/[Dd]/, 'E')) : undefined
}
