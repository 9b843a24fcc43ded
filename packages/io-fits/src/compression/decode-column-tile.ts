import { TileError } from './bad-tile.js'
import type { ColumnCompression } from './compressed-table-layout.js'
import { gunzipTile, unshuffle } from './gzip-tile.js'
import { decodeRice, riceLeastBytes } from './rice.js'

// What the standard has, and no keyword of a table changes.
const RICE_BLOCK = 32
// Deflate cannot do better than 1032:1.
const MAX_DEFLATE_RATIO = 1032

/** Whether `wanted` bytes can come out of `bytes`; asked before memory for them is taken. */
export function columnTileCanHold({ algorithm, bytePix }: ColumnCompression, bytes: number, wanted: number): boolean {
  if (algorithm === 'NOCOMPRESS') return bytes === wanted
  if (algorithm !== 'RICE_1') return bytes * MAX_DEFLATE_RATIO >= wanted
  const width = bytePix ?? 1
  return bytes >= riceLeastBytes(wanted / width, RICE_BLOCK, width)
}

/** The `length` bytes that a tile of a column holds, big-endian as in a plain table. Fails with a `TileError`. */
export function decodeColumnTile(bytes: Uint8Array, how: ColumnCompression, length: number): Uint8Array {
  const { algorithm, sorted, bytePix = 1 } = how
  if (algorithm === 'NOCOMPRESS') return sized(bytes, bytes.length, length)
  if (algorithm === 'RICE_1') return riceBytes(bytes, length / bytePix, bytePix)
  const plain = new Uint8Array(length)
  sized(plain, gunzipTile(bytes, plain), length)
  if (algorithm === 'GZIP_1' || sorted === 1) return plain
  const joined = new Uint8Array(length)
  unshuffle(plain, sorted, joined)
  return joined
}

function sized(bytes: Uint8Array, got: number, length: number): Uint8Array {
  if (got === length) return bytes
  throw new TileError('its rows take another number of bytes', `${got} bytes`, `${length} bytes`)
}

function riceBytes(bytes: Uint8Array, count: number, bytePix: 1 | 2 | 4): Uint8Array {
  const values = new Int32Array(count)
  decodeRice(bytes, count, RICE_BLOCK, bytePix, values)
  const view = new DataView(new ArrayBuffer(count * bytePix))
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    if (bytePix === 4) view.setInt32(i * 4, value)
    else if (bytePix === 2) view.setInt16(i * 2, value)
    else view.setUint8(i, value)
  }
  return new Uint8Array(view.buffer)
}
