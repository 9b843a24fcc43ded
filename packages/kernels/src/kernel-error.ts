/** What a {@link KernelError} says: what is wrong, what was given, what was wanted, what to do about it. */
export interface KernelErrorFields {
  readonly what: string
  readonly got: string
  readonly expected: string
  readonly remedy: string
}

/**
 * Misuse of a kernel or failure of the worker pool.
 * Codes: `bad-size`, `bad-length`, `bad-window`, `bad-grid`, `bad-option`, `bad-tree`, `bad-factor`, `worker-failed`, `pool-closed`.
 */
export class KernelError extends Error {
  readonly code: string
  readonly got: string
  readonly expected: string
  readonly remedy: string

  constructor(code: string, fields: KernelErrorFields) {
    super(`${fields.what}: got ${fields.got}, expected ${fields.expected}. ${fields.remedy}`)
    this.name = 'KernelError'
    this.code = code
    this.got = fields.got
    this.expected = fields.expected
    this.remedy = fields.remedy
  }
}
