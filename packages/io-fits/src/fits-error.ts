/** What went wrong, for code that must react; people read the message. */
export type FitsErrorCode =
  | 'fits/not-fits'
  | 'fits/bad-gzip'
  | 'fits/bad-bzip2'
  | 'fits/bad-lzw'
  | 'fits/bad-zip'
  | 'fits/too-large'
  | 'fits/http'
  | 'fits/source-changed'
  | 'fits/bad-header'
  | 'fits/bad-table'
  | 'fits/bad-tile'
  | 'fits/truncated'
  | 'fits/no-hdu'
  | 'fits/no-column'
  | 'fits/not-an-image'
  | 'fits/not-a-table'
  | 'fits/bad-range'
  | 'fits/closed'
  | 'fits/unsupported'
  | 'fits/bad-input'

export interface FitsErrorFields {
  readonly got?: string | number | bigint
  readonly expected?: string | number | bigint
  /** What the reader of the message can do about it: one sentence. */
  readonly remedy?: string
  readonly cause?: unknown
}

/** Every error that this package throws on purpose. The message says what, got, expected and remedy. */
export class FitsError extends Error {
  override readonly name: string = 'FitsError'
  readonly code: FitsErrorCode
  readonly got?: string | number | bigint
  readonly expected?: string | number | bigint
  readonly remedy?: string

  constructor(code: FitsErrorCode, what: string, fields: FitsErrorFields = {}) {
    const { got, expected, remedy, cause } = fields
    const facts = [got === undefined ? '' : `got ${got}`, expected === undefined ? '' : `expected ${expected}`].filter(
      (fact) => fact !== '',
    )
    const sentence = facts.length > 0 ? `${what}: ${facts.join(', ')}.` : `${what}.`
    super(remedy === undefined ? sentence : `${sentence} ${remedy}`, cause === undefined ? undefined : { cause })
    this.code = code
    if (got !== undefined) this.got = got
    if (expected !== undefined) this.expected = expected
    if (remedy !== undefined) this.remedy = remedy
  }
}
