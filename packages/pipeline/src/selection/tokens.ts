import { AstrolabelError } from '@astrolabel/spectra'

/** A piece of a selection and where it begins. */
export interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'operator' | 'end'
  /** Operators and the words and, or, not, is, missing in lower case; names and texts as written. */
  readonly value: string
  readonly at: number
}

const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i],
  ['text', /^(?:'[^']*'|"[^"]*")/],
  ['name', /^[A-Za-z_][A-Za-z_0-9]*/],
  ['operator', /^(?:<=|>=|==|!=|[<>=()+\-*/.,])/],
]

const WORDS = new Set(['and', 'or', 'not', 'is', 'missing', 'abs'])

/** A selection in pieces, the last of kind `end`. @throws `selection/syntax`, pointing at the character. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const blank = /^\s+/.exec(rest)
    if (blank !== null) {
      at += blank[0].length
      continue
    }
    const found = PATTERNS.map(([kind, pattern]) => ({ kind, match: pattern.exec(rest)?.[0] })).find(
      ({ match }) => match !== undefined,
    )
    if (found?.match === undefined) throw syntaxError(text, at, `'${rest[0]}' means nothing here`)
    const { kind, match } = found
    const word = kind === 'name' && WORDS.has(match.toLowerCase())
    const value = word ? match.toLowerCase() : kind === 'text' ? match.slice(1, -1) : match
    tokens.push({ kind: word ? 'operator' : kind, value, at })
    at += match.length
  }
  return [...tokens, { kind: 'end', value: '', at: text.length }]
}

/** The error of a selection that cannot be read: the text, and a mark under the character. */
export function syntaxError(text: string, at: number, what: string): AstrolabelError {
  return new AstrolabelError(
    'selection/syntax',
    `${what}, character ${at + 1} of the selection\n  ${text}\n  ${' '.repeat(at)}^`,
    {
      remedy: 'Write for example: snr > 50 and 4000 < teff < 7000 and not starflag.BAD_PIXELS',
    },
  )
}
