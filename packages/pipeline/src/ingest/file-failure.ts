import { AstrolabelError, isTypedError } from '@astrolabel/spectra'

/** Why a file could not be read; plain data, the same from every thread. */
export interface FileFailure {
  readonly file: string
  /** Stable, such as `fits/truncated`. */
  readonly code: string
  /** One line: what, got, expected and remedy. */
  readonly message: string
  readonly remedy?: string
}

/** The failure that an error is for a file. */
export function failureOf(file: string, error: unknown): FileFailure {
  const message = error instanceof Error ? error.message : String(error)
  if (!isTypedError(error)) return { file, code: systemCode(error), message }
  return { file, code: error.code, message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) }
}

/** What the operating system says (`EACCES`, …); anything else is a fault of a reader, and told as such. */
function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'ingest/unexpected'
}

/**
 * The error of a run that read nothing: the file's own when there is one, `surveys/all-failed` for several, and
 * `surveys/no-stars` when the files can be read but are empty.
 */
export function nothingRead(failures: readonly FileFailure[], files: readonly string[]): AstrolabelError {
  const [first] = failures
  if (first === undefined) {
    return new AstrolabelError('surveys/no-stars', 'The files hold no stars', {
      got: `${files.length} files, such as ${files[0]}`,
      remedy: 'Check the files, and whether sky fibres are to be kept',
    })
  }
  if (files.length === 1) {
    const error = new AstrolabelError(first.code, first.message)
    // The remedy is in the message already, but programs look for the field.
    return first.remedy === undefined ? error : Object.assign(error, { remedy: first.remedy })
  }
  return new AstrolabelError('surveys/all-failed', `None of the ${failures.length} files could be read`, {
    got: first.message,
    remedy: 'Check that the files are of this survey',
  })
}
