import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError, inFile, isTypedError, throwIfAborted } from '@astrolabel/spectra'
import type { FileSource, ReadOptions } from '../ingest.js'

/** What no other file can make good: the user asked for something impossible. */
const FATAL = new Set(['surveys/grids-differ', 'surveys/kinds-differ', 'surveys/no-column', 'surveys/options'])

/**
 * Read files one after another, closing each; one that cannot be read gets the warning `surveys/file-failed` and the
 * others go on.
 *
 * @throws its own error when there is only one file, `surveys/all-failed` when none of several could be read,
 * `surveys/no-files` when there are none.
 */
export async function* eachFile<T>(
  sources: readonly FileSource[],
  options: ReadOptions,
  read: (bytes: ByteSource, source: FileSource) => AsyncIterable<T>,
): AsyncGenerator<T> {
  if (sources.length === 0)
    throw new AstrolabelError('surveys/no-files', 'No files to read', {
      remedy: 'Name files, folders or patterns such as data/*.fits',
    })
  let first: unknown
  let failed = 0
  for (const [done, source] of sources.entries()) {
    throwIfAborted(options)
    let bytes: ByteSource | undefined
    try {
      bytes = await source.open()
      yield* read(bytes, source)
    } catch (cause) {
      options.signal?.throwIfAborted()
      const error = inFile(source.name, cause)
      if (sources.length === 1 || (isTypedError(error) && FATAL.has(error.code))) throw error
      failed++
      first ??= error
      options.onWarning?.({
        code: 'surveys/file-failed',
        source: source.name,
        message: error instanceof Error ? error.message : String(error),
      })
    } finally {
      await bytes?.close()
    }
    options.onProgress?.(done + 1, sources.length)
  }
  if (failed === sources.length) {
    throw new AstrolabelError('surveys/all-failed', `None of the ${failed} files could be read`, {
      got: first instanceof Error ? first.message : String(first),
      remedy: 'Check that the files are of this survey',
      cause: first,
    })
  }
}

/** Batch size of the options. @throws `surveys/options` when it is not from 1 to 1024. */
export function batchRowsOf({ batchRows = 1024 }: ReadOptions): number {
  if (Number.isInteger(batchRows) && batchRows >= 1 && batchRows <= 1024) return batchRows
  throw new AstrolabelError('surveys/options', 'Bad batch size', {
    got: batchRows,
    expected: 'a whole number from 1 to 1024',
  })
}
