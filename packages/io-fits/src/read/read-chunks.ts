import type { ByteSource } from '../source/byte-source.js'
import { readExactly } from '../source/byte-source.js'
import type { ReadControl } from './hdu.js'

export interface ChunkedSpan {
  readonly offset: number
  /** Bytes in all. */
  readonly length: number
  /** Bytes of each chunk but the last. */
  readonly step: number
  readonly label: string
  /** Memory of `length` bytes to read into, where the bytes are to stay; a source may give its own all the same. */
  readonly into?: Uint8Array
}

/**
 * Reads a span chunk by chunk, the next read running while `use` works on the last one; `at` is the byte offset of the
 * chunk in the span. The view is good until `use` returns. Memory: two chunks.
 */
export async function readChunks(
  source: ByteSource,
  span: ChunkedSpan,
  control: ReadControl,
  use: (view: DataView, at: number) => void,
): Promise<void> {
  const { offset, length, step, label, into } = span
  // Two buffers in turn: fresh memory for each chunk would cost more than the reading. A single chunk has none to share.
  const buffers = into !== undefined || length <= step ? [] : [new Uint8Array(step), new Uint8Array(step)]
  const read = (at: number): Promise<Uint8Array> =>
    readExactly(
      source,
      offset + at,
      Math.min(step, length - at),
      label,
      into?.subarray(at, at + step) ?? buffers[(at / step) % 2],
    )
  let pending = read(0)
  try {
    for (let at = 0; at < length; at += step) {
      const bytes = await pending
      control.signal?.throwIfAborted()
      if (at + step < length) pending = read(at + step)
      use(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), at)
      control.onProgress?.(at + bytes.length, length)
    }
  } finally {
    // When `use` or the caller throws, the read under way has no one left to report to.
    pending.catch(() => undefined)
  }
}
