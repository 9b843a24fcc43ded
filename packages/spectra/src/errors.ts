/** What an error tells besides its message; all of it is optional and shown by the command line. */
export interface ErrorDetails {
  /** What was found. */
  readonly got?: unknown
  /** What was needed. */
  readonly expected?: unknown
  /** What the user can do about it. */
  readonly remedy?: string
  readonly cause?: unknown
}

/**
 * The error of every astrolabel package that knows this vocabulary.
 *
 * `code` is stable (`area/what`, such as `labels/constant`); the message is one line made of what, got, expected and
 * remedy, so that a program can switch on the code and a person can act on the text.
 */
export class AstrolabelError extends Error {
  readonly code: string
  readonly got: unknown
  readonly expected: unknown
  readonly remedy: string | undefined

  constructor(code: string, what: string, details: ErrorDetails = {}) {
    super(composeMessage(what, details), details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'AstrolabelError'
    this.code = code
    this.got = details.got
    this.expected = details.expected
    this.remedy = details.remedy
  }
}

function composeMessage(what: string, { got, expected, remedy }: ErrorDetails): string {
  let message = what
  if (got !== undefined) message += `: got ${show(got)}`
  if (expected !== undefined) message += `${got === undefined ? ':' : ','} expected ${show(expected)}`
  if (remedy !== undefined) message += `. ${remedy}`
  return message
}

function show(value: unknown): string {
  if (typeof value === 'string') return value === '' ? '(empty)' : value
  if (Array.isArray(value)) return value.map(String).join(', ')
  return String(value)
}

/** True for every typed error of astrolabel's packages: also the ones of packages that do not depend on this one. */
export function isTypedError(error: unknown): error is Error & { code: string; remedy?: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.includes('/')
}
