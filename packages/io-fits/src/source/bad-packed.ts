import { TileError } from '../compression/bad-tile.js'
import { FitsError } from '../fits-error.js'

const CODES = { gzip: 'fits/bad-gzip', bzip2: 'fits/bad-bzip2', compress: 'fits/bad-lzw', zip: 'fits/bad-zip' } as const

/** The programs whose files are unpacked. */
export type PackFormat = keyof typeof CODES

/** The error for a packed file that cannot be unpacked; a typed error stays what it is. */
export function badPacked(format: PackFormat, cause: unknown): FitsError {
  if (cause instanceof FitsError) return cause
  return new FitsError(CODES[format], `${format} stream cannot be decompressed`, {
    got: cause instanceof TileError ? cause.got : cause instanceof Error ? cause.message : String(cause),
    expected: `a complete ${format} file`,
    remedy: 'The file is damaged or cut short: fetch it again.',
    cause,
  })
}
