import { FitsError } from '../fits-error.js'

// Few bytes may become this many; and no more for a byte can deflate make of the dullest data.
const FREE_BYTES = 64 * 1024 * 1024
const BYTES_PER_BYTE = 1032

/**
 * Fails with `fits/too-large` where `wanted` bytes would come out of `compressed` ones and that is more than `limit`; by
 * default 64 MiB or 1032 times the compressed bytes, whichever is more. Asked before memory is taken.
 */
export function requireRoom(wanted: number, compressed: number, limit: number | undefined, label: string): void {
  const most = limit ?? Math.max(FREE_BYTES, compressed * BYTES_PER_BYTE)
  if (wanted <= most) return
  throw new FitsError('fits/too-large', `${label} would take too much memory`, {
    got: `${wanted} bytes out of ${compressed} compressed ones`,
    expected: `at most ${most}`,
    remedy: 'Read fewer rows or columns at a time, or pass a higher maxBytes if you trust the file.',
  })
}
