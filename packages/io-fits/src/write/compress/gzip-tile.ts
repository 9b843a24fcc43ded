import { gzipSync } from 'fflate'

/** A gzip member without a date: same bytes in, same bytes out, in Node and in a browser. */
export function gzipTile(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 6, mtime: 0 })
}

/** Sorts the bytes of big-endian values of `width` bytes by significance, as GZIP_2 wants them. */
export function shuffle(bytes: Uint8Array, width: number): Uint8Array {
  if (width === 1) return bytes
  const count = bytes.length / width
  const out = new Uint8Array(bytes.length)
  for (let plane = 0, to = 0; plane < width; plane++) {
    for (let from = plane; to < (plane + 1) * count; from += width) out[to++] = bytes[from] as number
  }
  return out
}
