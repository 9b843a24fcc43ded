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

/**
 * The same error, saying which file it is about: readers of a format know bytes, not names.
 *
 * @param file As the message is to call it; its last part is enough.
 * @returns A typed error with `file: ` before its message; anything else, or a message that names it already, as it is.
 */
export function inFile(file: string, error: unknown): unknown {
  const name = file.split(/[\\/]/).at(-1)!
  if (!isTypedError(error) || error.message.includes(name)) return error
  const named = new AstrolabelError(error.code, `${name}: ${error.message}`, { cause: error })
  // The remedy is in the message already, but programs look for the field.
  return error.remedy === undefined ? named : Object.assign(named, { remedy: error.remedy })
}
