import type { CellLayout } from '../big-endian.js'
import { gather1 } from '../big-endian.js'

const ascii = new TextDecoder()
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Decodes fixed-width strings into `out` from index `at`; each ends at its first NUL, and trailing blanks go.
 * `cells.count` is the bytes of a cell, which holds `perCell` strings of `chars` bytes.
 * Bytes outside ASCII are against the standard: UTF-8 where they are that, else Latin-1.
 */
export function decodeStrings(
  view: DataView,
  cells: CellLayout,
  perCell: number,
  chars: number,
  out: string[],
  at: number,
): void {
  const packed = new Uint8Array(cells.cells * perCell * chars)
  gather1(view, { ...cells, count: perCell * chars }, packed, 0, 0)
  const strings = cells.cells * perCell
  // One call to the decoder for all strings; slices of its answer are cheap.
  const text = isAscii(packed) ? ascii.decode(packed) : undefined
  for (let i = 0, start = 0; i < strings; i++, start += chars) {
    const end = stringEnd(packed, start, start + chars)
    out[at + i] = text === undefined ? decodeOne(packed.subarray(start, end)) : text.slice(start, end)
  }
}

function stringEnd(bytes: Uint8Array, start: number, limit: number): number {
  let end = start
  for (let i = start; i < limit; i++) {
    const byte = bytes[i]
    if (byte === 0) break
    if (byte !== 0x20) end = i + 1
  }
  return end
}

function isAscii(bytes: Uint8Array): boolean {
  let bits = 0
  for (let i = 0; i < bytes.length; i++) bits |= bytes[i] as number
  return bits < 0x80
}

function decodeOne(bytes: Uint8Array): string {
  if (isAscii(bytes)) return ascii.decode(bytes)
  try {
    return utf8.decode(bytes)
  } catch {
    let latin = ''
    for (let at = 0; at < bytes.length; at += 4096) latin += String.fromCharCode(...bytes.subarray(at, at + 4096))
    return latin
  }
}
