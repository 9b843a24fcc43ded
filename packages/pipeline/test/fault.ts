import { AstrolabelError } from '@astrolabel/spectra'

/** The typed error that some work ends in; any other error is passed on, and so is that there was none. */
export function fault(work: () => unknown): AstrolabelError {
  try {
    work()
  } catch (error) {
    if (error instanceof AstrolabelError) return error
    throw error
  }
  throw new Error('it went well')
}
