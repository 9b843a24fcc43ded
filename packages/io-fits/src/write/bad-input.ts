import { FitsError } from '../fits-error.js'

/** The error for something that cannot be written. */
export function badInput(what: string, got: string | number | bigint, expected: string, remedy: string): FitsError {
  return new FitsError('fits/bad-input', what, { got, expected, remedy })
}
