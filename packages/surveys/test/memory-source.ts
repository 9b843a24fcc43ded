import { bytesSource, encodeFits } from '@astrolabel/io-fits'
import type { HduInput } from '@astrolabel/io-fits'
import type { FileSource, IngestWarning } from '@astrolabel/surveys'

/** A file in memory. */
export function memoryFile(name: string, bytes: Uint8Array): FileSource {
  return { name, open: () => Promise.resolve(bytesSource(bytes)) }
}

/** A FITS file in memory. */
export function fitsFile(name: string, hdus: readonly HduInput[]): FileSource {
  return memoryFile(name, encodeFits(hdus))
}

/** All that an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const item of items) out.push(item)
  return out
}

/** A place for warnings, and what puts them there. */
export function warnings(): {
  list: IngestWarning[]
  onWarning: (warning: IngestWarning) => void
  codes: () => string[]
} {
  const list: IngestWarning[] = []
  return { list, onWarning: (warning) => list.push(warning), codes: () => list.map((warning) => warning.code) }
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error & { code: string }
  }
  throw new Error('it did not fail')
}
