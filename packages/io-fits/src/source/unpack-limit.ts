import { FitsError } from '../fits-error.js'

/** How far packed files may grow. */
export interface UnpackOptions {
  /**
   * Bytes that a packed file (gzip, bzip2, compress, zip) may unpack to. Default: 100 times its packed size, at least 64 MiB
   * and at most 16 GiB.
   */
  readonly maxUnpacked?: number
}

const MIB = 1024 * 1024
// Tables and spectra pack 2 to 10 times, masks of zeros up to 1000 times and those are small. A file of kilobytes that
// grows to gigabytes was made to harm.
const FLOOR_BYTES = 64 * MIB
const RATIO = 100
const CEILING_BYTES = 16 * 1024 * MIB

/** Bytes that a file of `packedSize` bytes may unpack to. Fails with `fits/bad-input` on a limit that is none. */
export function unpackLimit(packedSize: number, { maxUnpacked }: UnpackOptions): number {
  if (maxUnpacked === undefined) return Math.min(CEILING_BYTES, Math.max(FLOOR_BYTES, RATIO * packedSize))
  if (maxUnpacked >= 0) return maxUnpacked
  throw new FitsError('fits/bad-input', 'maxUnpacked is no number of bytes', {
    got: maxUnpacked,
    expected: '0 or more',
    remedy: 'Leave it out for the default.',
  })
}

/** The error for a file that unpacks to more than `limit` bytes. */
export function tooLarge(format: string, packedSize: number, limit: number): FitsError {
  return new FitsError('fits/too-large', `${format} file unpacks to more than it may`, {
    got: `more than ${limit} bytes from ${packedSize}`,
    expected: `at most ${limit} bytes`,
    remedy: 'If the file is what you think it is, allow more with the option maxUnpacked, or unpack it on disk first.',
  })
}

/** The chunks of a stream, up to `limit` bytes; then fails with the error of `tooLong`. */
export async function* limitBytes(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit: number,
  tooLong: () => Error,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > limit) throw tooLong()
    yield chunk
  }
}
