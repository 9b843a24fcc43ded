import { TileError } from './bad-tile.js'
import { inflate } from './inflate.js'

const HEADER_BYTES = 10
const TRAILER_BYTES = 8

/**
 * Decompresses the gzip member of a tile into `out` and returns the bytes it gave, checked by its CRC. Fails with a
 * `TileError` where it is no gzip, damaged, or longer than `out`.
 */
export function gunzipTile(bytes: Uint8Array, out: Uint8Array): number {
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) {
    throw new TileError('a tile is not gzip', `${bytes.length} bytes`, 'a gzip member (1F 8B 08)')
  }
  const { written, end } = inflate(bytes, headerEnd(bytes), out)
  if (end + TRAILER_BYTES > bytes.length) throw new TileError('the gzip data of a tile end early', end, bytes.length)
  const sum = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0, true)
  const computed = crc32(out, written)
  if (sum !== computed) throw new TileError('the gzip data of a tile fail their check sum', computed, sum)
  return written
}

/** Where the deflate data of the gzip member at byte `start` begin. */
export function headerEnd(bytes: Uint8Array, start = 0): number {
  const flags = bytes[start + 3] as number
  let at = start + HEADER_BYTES
  if ((flags & 4) !== 0) at += 2 + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8))
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue
    const zero = bytes.indexOf(0, at)
    at = zero < 0 ? bytes.length : zero + 1
  }
  return (flags & 2) === 0 ? at : at + 2
}

/** Puts bytes that GZIP_2 sorted by significance back together: values of `width` bytes, big-endian. */
export function unshuffle(bytes: Uint8Array, width: number, out: Uint8Array): void {
  const count = bytes.length / width
  for (let plane = 0; plane < width; plane++) {
    const from = plane * count
    for (let i = 0, to = plane; i < count; i++, to += width) out[to] = bytes[from + i] as number
  }
}

const TABLES: Uint32Array = crcTables()

/** Four tables: a table each for the four bytes of a step, which a processor looks up side by side. */
function crcTables(): Uint32Array {
  const tables = new Uint32Array(4 * 256)
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320
    tables[i] = crc
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] as number
    tables[i] = (before >>> 8) ^ (tables[before & 0xff] as number)
  }
  return tables
}

/** The CRC-32 of the first `length` bytes, as gzip has it. */
export function crc32(bytes: Uint8Array, length: number): number {
  let crc = -1
  let i = 0
  for (; i + 4 <= length; i += 4) {
    crc ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    crc =
      (TABLES[768 + (crc & 0xff)] as number) ^
      (TABLES[512 + ((crc >>> 8) & 0xff)] as number) ^
      (TABLES[256 + ((crc >>> 16) & 0xff)] as number) ^
      (TABLES[crc >>> 24] as number)
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ (TABLES[(crc ^ (bytes[i] as number)) & 0xff] as number)
  return ~crc >>> 0
}
