import { FitsError } from '../fits-error.js'
import type { Card } from './card.js'
import { CARD_BYTES } from './card.js'

const STANDARD_KEY = /^[A-Z0-9_-]{1,8}$/
const PRINTABLE = /^[\x20-\x7e]*$/
const COMMENTARY_CHARS = 72
const CONTINUE = 'CONTINUE  '

/**
 * Writes one card as text, a multiple of 80 characters. Keywords longer than 8 characters or with other characters than
 * A-Z 0-9 - _ become HIERARCH cards; strings that do not fit go on in CONTINUE cards, with their comment; commentary
 * wraps. A comment that does not fit behind a number is cut. Fails with `fits/bad-input` on text outside printable
 * ASCII and on numbers that are not finite.
 */
export function formatCard(card: Card): string {
  const { key, value, comment } = card
  for (const text of [key, comment, typeof value === 'string' ? value : '']) requirePrintable(key, text)
  if (card.commentary === true) return formatCommentary(key, String(value ?? ''))
  const prefix = formatPrefix(key)
  if (card.complex !== undefined) {
    const [re, im] = card.complex
    return formatFixed(key, prefix, `(${formatNumber(key, re)}, ${formatNumber(key, im)})`, comment)
  }
  if (typeof value === 'string') return formatString(key, prefix, value, comment)
  return formatFixed(key, prefix, value === undefined ? '' : formatScalar(key, value), comment)
}

function formatPrefix(key: string): string {
  if (STANDARD_KEY.test(key)) return `${key.padEnd(8)}= `
  if (key === '' || key.includes('=')) {
    throw new FitsError('fits/bad-input', 'header keyword cannot be written', {
      got: JSON.stringify(key),
      expected: 'a name without "="',
      remedy: 'Rename it, or mark the card as commentary.',
    })
  }
  return `HIERARCH ${key} = `
}

function formatScalar(key: string, value: number | bigint | boolean): string {
  if (typeof value === 'boolean') return value ? 'T' : 'F'
  return typeof value === 'bigint' ? String(value) : formatNumber(key, value)
}

/** The shortest text that reads back as the same double; integers that a double holds exactly have no point. */
function formatNumber(key: string, value: number): string {
  if (!Number.isFinite(value)) {
    throw new FitsError('fits/bad-input', `header value of ${key} cannot be written`, {
      got: value,
      expected: 'a finite number',
      remedy: 'FITS headers have no NaN or infinity: leave the value undefined.',
    })
  }
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value).toUpperCase()
  if (Number.isSafeInteger(value) || text.includes('.')) return text
  return text.includes('E') ? text.replace('E', '.0E') : `${text}.0`
}

function formatFixed(key: string, prefix: string, value: string, comment: string): string {
  const tail = comment === '' ? '' : ` / ${comment}`
  const fixed = prefix.startsWith('HIERARCH') ? value : value.padStart(20)
  if (prefix.length + value.length > CARD_BYTES) throw tooLong(key, prefix + value)
  const padding = prefix.length + fixed.length > CARD_BYTES ? value : fixed
  return (prefix + padding + tail).slice(0, CARD_BYTES).padEnd(CARD_BYTES)
}

function formatString(key: string, prefix: string, value: string, comment: string): string {
  const quoted = `'${value.replaceAll("'", "''").padEnd(prefix.startsWith('HIERARCH') ? 0 : 8)}'`
  const tail = comment === '' ? '' : ` / ${comment}`
  const padded = prefix + quoted.padEnd(tail === '' || prefix.startsWith('HIERARCH') ? 0 : 20) + tail
  if (padded.length <= CARD_BYTES) return padded.padEnd(CARD_BYTES)
  const tight = prefix + quoted + tail
  if (tight.length <= CARD_BYTES) return tight.padEnd(CARD_BYTES)
  const lines = splitString(key, value, CARD_BYTES - prefix.length - 3)
  const notes = splitWords(comment, CARD_BYTES - CONTINUE.length - `'&' / `.length)
  // Some readers take any '&' at the end of a continued string for the mark: give them one to take.
  if (value.endsWith('&') && notes.length === 0) lines.push('')
  const last = lines.length - 1
  return [...lines.map((text) => ({ text, note: '' })), ...notes.map((note) => ({ text: '', note }))]
    .map(({ text, note }, i) => {
      const more = i < last + notes.length ? '&' : ''
      const head = i === 0 ? prefix : CONTINUE
      return `${head}'${text}${more}'${note === '' ? '' : ` / ${note}`}`.padEnd(CARD_BYTES)
    })
    .join('')
}

/** Pieces of a string with its quotes doubled, never parting a doubled quote; the first has `room` characters. */
function splitString(key: string, value: string, room: number): string[] {
  if (room < 2) throw tooLong(key, `HIERARCH ${key} = '&'`)
  const pieces: string[] = []
  let piece = ''
  let left = room
  for (const char of value) {
    const written = char === "'" ? "''" : char
    if (piece.length + written.length > left) {
      pieces.push(piece)
      piece = ''
      left = CARD_BYTES - CONTINUE.length - 3
    }
    piece += written
  }
  pieces.push(piece)
  return pieces
}

/** Pieces of a comment, parted at blanks: readers join them with one. */
function splitWords(text: string, room: number): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > room) {
    const blank = rest.lastIndexOf(' ', room)
    const end = blank > 0 ? blank : room
    pieces.push(rest.slice(0, end))
    rest = rest.slice(blank > 0 ? end + 1 : end)
  }
  if (rest !== '') pieces.push(rest)
  return pieces
}

function formatCommentary(key: string, text: string): string {
  const lines: string[] = []
  for (let at = 0; at < Math.max(text.length, 1); at += COMMENTARY_CHARS) {
    lines.push((key.padEnd(8) + text.slice(at, at + COMMENTARY_CHARS)).padEnd(CARD_BYTES))
  }
  return lines.join('')
}

function requirePrintable(key: string, text: string): void {
  if (PRINTABLE.test(text)) return
  throw new FitsError('fits/bad-input', `header card ${JSON.stringify(key)} cannot be written`, {
    got: JSON.stringify(text),
    expected: 'printable ASCII on one line',
    remedy: 'Replace the other characters: FITS headers cannot hold them.',
  })
}

function tooLong(key: string, text: string): FitsError {
  return new FitsError('fits/bad-input', `header card ${JSON.stringify(key)} is too long`, {
    got: `${text.length} characters`,
    expected: `at most ${CARD_BYTES}`,
    remedy: 'Shorten the keyword.',
  })
}
