import type { ByteSource } from './byte-source.js'
import { bytesSource } from './byte-source.js'

/** Anything that hands over bytes piece by piece. */
export type ByteStream = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

/**
 * Takes a stream to its end and holds it in memory: FITS needs to seek, a stream cannot.
 * Memory: the stream's bytes, twice for a moment.
 */
export async function streamSource(stream: ByteStream): Promise<ByteSource> {
  return bytesSource(await collectBytes(stream))
}

/** All bytes of a stream in one array. `sizeHint` (bytes) saves the final copy when it is right; it need not be. */
export async function collectBytes(stream: ByteStream, sizeHint = 0): Promise<Uint8Array> {
  let hinted = sizeHint > 0 ? new Uint8Array(sizeHint) : undefined
  let size = 0
  let chunks: Uint8Array[] = []
  for await (const chunk of iterateStream(stream)) {
    if (hinted !== undefined && size + chunk.length <= hinted.length) {
      hinted.set(chunk, size)
    } else {
      if (hinted !== undefined) chunks = [hinted.subarray(0, size)]
      hinted = undefined
      chunks.push(chunk)
    }
    size += chunk.length
  }
  if (hinted !== undefined) return hinted.subarray(0, size)
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** The chunks of a stream; one that is not taken to its end is cancelled. */
export async function* iterateStream(stream: ByteStream): AsyncGenerator<Uint8Array> {
  if (!('getReader' in stream)) {
    yield* stream
    return
  }
  // Browsers were late to make ReadableStream async iterable, so its reader is used wherever there is one.
  const reader = stream.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      yield value
    }
    ended = true
  } finally {
    if (!ended) await reader.cancel()
    reader.releaseLock()
  }
}
