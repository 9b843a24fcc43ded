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
  const strings = cells.cells * perCell
  if (chars === 0) {
    out.fill('', at, at + strings)
    return
  }
  const packed = new Uint8Array(Math.ceil((strings * chars) / 4) * 4)
  gather1(view, { ...cells, count: perCell * chars }, packed, 0, 0)
  // Many columns say the same in most rows (a telescope, a survey): such strings are made once.
  let last = ''
  let lastStart = -1
  let lastEnd = -1
  const full = hasNoNul(packed, strings * chars)
  // One call to the decoder for all strings; slices of its answer are cheap.
  const text = isAscii(packed) ? ascii.decode(packed) : undefined
  for (let i = 0, start = 0; i < strings; i++, start += chars) {
    const end = full ? blankEnd(packed, start, start + chars) : stringEnd(packed, start, start + chars)
    if (end - start !== lastEnd - lastStart || !sameBytes(packed, start, end, lastStart)) {
      last = text === undefined ? decodeOne(packed.subarray(start, end)) : text.slice(start, end)
      lastStart = start
      lastEnd = end
    }
    out[at + i] = last
  }
}

/** Whether none of the first `length` bytes is NUL. */
export function hasNoNul(packed: Uint8Array, length: number): boolean {
  const words = new Uint32Array(packed.buffer, 0, length >> 2)
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number
    // The high bit of a byte is set in this where the byte is 0 (Mycroft 1987).
    if (((word - 0x01010101) & ~word & 0x80808080) !== 0) return false
  }
  return !packed.subarray(words.length * 4, length).includes(0)
}

function sameBytes(bytes: Uint8Array, start: number, end: number, other: number): boolean {
  for (let i = start, j = other; i < end; i++, j++) if (bytes[i] !== bytes[j]) return false
  return true
}

/** Where a string without NUL ends, its trailing blanks cut off. */
export function blankEnd(bytes: Uint8Array, start: number, limit: number): number {
  let end = limit
  while (end > start && bytes[end - 1] === 0x20) end--
  return end
}

/** Where a string ends: at its first NUL or at `limit`, trailing blanks cut off. */
export function stringEnd(bytes: Uint8Array, start: number, limit: number): number {
  let end = start
  for (let i = start; i < limit; i++) {
    const byte = bytes[i]
    if (byte === 0) break
    if (byte !== 0x20) end = i + 1
  }
  return end
}

/** Whether no byte is above 127; `packed` is as long as whole words are. */
export function isAscii(packed: Uint8Array): boolean {
  const words = new Uint32Array(packed.buffer)
  let bits = 0
  for (let i = 0; i < words.length; i++) bits |= words[i] as number
  return (bits & 0x80808080) === 0
}

/** One string: UTF-8 where its bytes are that, else Latin-1. */
export function decodeOne(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    let latin = ''
    for (let at = 0; at < bytes.length; at += 4096) latin += String.fromCharCode(...bytes.subarray(at, at + 4096))
    return latin
  }
}
