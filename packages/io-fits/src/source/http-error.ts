import { FitsError } from '../fits-error.js'

/** A failure that may pass: worth another try, after `wait` milliseconds where the server says so. */
export class PassingFailure extends Error {
  readonly wait: number | undefined

  constructor(message: string, wait?: number) {
    super(message)
    this.wait = wait
  }
}

/** The error for an answer that no further try will better. */
export function httpError(url: string, got: string, expected: string, remedy: string): FitsError {
  return new FitsError('fits/http', `${url} cannot be read`, { got, expected, remedy })
}

/** The error for the last of `tries` tries. */
export function triesFailed(url: string, tries: number, last: unknown): FitsError {
  return new FitsError('fits/http', `${url} cannot be read`, {
    got: `${last instanceof Error ? last.message : String(last)} at the last of ${tries} tries`,
    expected: 'an answer',
    remedy: 'Try again later, check the address and the network, or allow more retries.',
    cause: last,
  })
}

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504])
const MAX_WAIT_MS = 30_000

/** Throws what an answer of that status means: a `PassingFailure`, or `fits/http`. */
export function refuse(url: string, response: Response): never {
  const { status } = response
  const got = `status ${status}${response.statusText === '' ? '' : ` ${response.statusText}`}`
  if (PASSING.has(status)) {
    const seconds = Number(response.headers.get('retry-after') ?? NaN)
    throw new PassingFailure(got, seconds >= 0 ? Math.min(seconds * 1000, MAX_WAIT_MS) : undefined)
  }
  const remedy =
    status === 401 || status === 403
      ? 'Give the headers that the server wants (Authorization).'
      : 'Check the address: the server has no such file for you.'
  throw httpError(url, got, 'status 206 or 200', remedy)
}
