import { AstrolabelError } from '@astrolabel/spectra'

/** The typed error that a function throws. */
export function caught(f: () => unknown): AstrolabelError {
  try {
    f()
  } catch (error) {
    if (error instanceof AstrolabelError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The typed error that a promise is rejected with. */
export async function caughtLater(promise: Promise<unknown>): Promise<AstrolabelError> {
  const outcome = await promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
  return caught(() => {
    throw outcome
  })
}
