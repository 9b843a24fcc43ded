/** What went wrong, for programs: the message says it for people. */
export type InferenceErrorCode = 'shape-mismatch' | 'not-finite' | 'bad-bounds' | 'bad-option' | 'negative-ivar'

/** The facts of a {@link InferenceError}; they also make up its message. */
export interface InferenceErrorFacts {
  /** What was found. */
  readonly got?: string
  /** What would have been right. */
  readonly expected?: string
  /** What to do about it. */
  readonly remedy?: string
}

/** Misuse of a fit: a wrong shape, a start that is no number or out of bounds, bounds in the wrong order. A fit that merely fails says so in its result. */
export class InferenceError extends Error {
  override readonly name: string = 'InferenceError'
  readonly code: InferenceErrorCode
  readonly got: string | undefined
  readonly expected: string | undefined
  readonly remedy: string | undefined

  constructor(code: InferenceErrorCode, what: string, facts: InferenceErrorFacts = {}) {
    const { got, expected, remedy } = facts
    const found = [got && `got ${got}`, expected && `expected ${expected}`].filter(Boolean).join(', ')
    super(`${what}${found ? `: ${found}` : ''}.${remedy ? ` ${remedy}` : ''}`)
    this.code = code
    this.got = got
    this.expected = expected
    this.remedy = remedy
  }
}
