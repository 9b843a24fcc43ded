/** What went wrong, for programs: the message says it for people. */
export type CrossmatchErrorCode =
  | 'shape-mismatch'
  | 'dec-out-of-range'
  | 'radius-out-of-range'
  | 'epoch-out-of-range'
  | 'k-out-of-range'
  | 'weight-out-of-range'
  | 'too-many-pairs'
  | 'id-kind-mismatch'
  | 'id-out-of-range'
  | 'threads-out-of-range'
  | 'worker-failed'

/** The facts of a {@link CrossmatchError}; they also make up its message. */
export interface CrossmatchErrorFacts {
  /** What was found. */
  readonly got?: string
  /** What would have been right. */
  readonly expected?: string
  /** What to do about it. */
  readonly remedy?: string
}

/** Misuse of the matcher: a wrong shape, an impossible declination, radius, epoch or identifier. */
export class CrossmatchError extends Error {
  override readonly name: string = 'CrossmatchError'
  readonly code: CrossmatchErrorCode
  readonly got: string | undefined
  readonly expected: string | undefined
  readonly remedy: string | undefined

  constructor(code: CrossmatchErrorCode, what: string, facts: CrossmatchErrorFacts = {}) {
    const { got, expected, remedy } = facts
    const found = [got && `got ${got}`, expected && `expected ${expected}`].filter(Boolean).join(', ')
    super(`${what}${found ? `: ${found}` : ''}.${remedy ? ` ${remedy}` : ''}`)
    this.code = code
    this.got = got
    this.expected = expected
    this.remedy = remedy
  }
}
