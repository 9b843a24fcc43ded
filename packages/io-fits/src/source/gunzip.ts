import { FitsError } from '../fits-error.js'
import type { ByteSource } from './byte-source.js'
import { bytesSource, readExactly } from './byte-source.js'
import { collectBytes } from './stream-source.js'

// Deflate cannot do better than 1032:1, so a trailer that claims more is a lie and is not allocated for.
const MAX_DEFLATE_RATIO = 1032

/** True when the bytes start as a gzip member does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8
}

/** The size (bytes) that a gzip file's last four bytes promise, 0 where they cannot be true. */
export function gzipSizeHint(trailer: Uint8Array, compressedSize: number): number {
  if (trailer.length < 4) return 0
  const size = new DataView(trailer.buffer, trailer.byteOffset + trailer.length - 4, 4).getUint32(0, true)
  return size <= compressedSize * MAX_DEFLATE_RATIO ? size : 0
}

/** Turns a decompressor's complaint into a typed error. */
export function gzipError(cause: unknown): FitsError {
  return new FitsError('fits/bad-gzip', 'gzip stream cannot be decompressed', {
    got: cause instanceof Error ? cause.message : String(cause),
    expected: 'a complete gzip file',
    remedy: 'The file is damaged or cut short: fetch it again.',
    cause,
  })
}

/** Decompresses a whole gzip source into memory. Fails with `fits/bad-gzip`. */
export async function gunzipSource(source: ByteSource): Promise<ByteSource> {
  const packed = await readExactly(source, 0, source.size, 'gzip file')
  try {
    const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'))
    return bytesSource(await collectBytes(stream, gzipSizeHint(packed.subarray(-4), packed.length)))
  } catch (cause) {
    throw gzipError(cause)
  }
}
