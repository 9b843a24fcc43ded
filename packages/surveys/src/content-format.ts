/** What the first bytes of a file tell: a format, or what packed it. */
export type ContentFormat = 'fits' | 'arrow' | 'parquet' | 'hdf5' | 'gzip' | 'bzip2' | 'xz' | 'zip'

const MAGIC: readonly (readonly [string, ContentFormat])[] = [
  ['SIMPLE  =', 'fits'],
  ['ARROW1', 'arrow'],
  ['PAR1', 'parquet'],
  ['\x89HDF\r\n\x1A\n', 'hdf5'],
  ['\x1F\x8B', 'gzip'],
  ['BZh', 'bzip2'],
  ['\xFD7zXZ', 'xz'],
  ['PK\x03\x04', 'zip'],
]

/** Bytes of a file's beginning that {@link contentFormat} needs to tell all formats. */
export const CONTENT_BYTES = 9

/** The format of a file by its first bytes; undefined for text, and for all else that has no mark at its beginning. */
export function contentFormat(head: Uint8Array): ContentFormat | undefined {
  // Not a TextDecoder: its latin1 is windows-1252, which has other characters for 0x80 to 0x9f.
  const start = String.fromCharCode(...head.subarray(0, CONTENT_BYTES))
  return MAGIC.find(([magic]) => start.startsWith(magic))?.[1]
}
