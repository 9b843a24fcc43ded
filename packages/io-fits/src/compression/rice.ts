import { TileError } from './bad-tile.js'

/** Bytes of an integer before compression: the parameter BYTEPIX. */
export type RiceBytePix = 1 | 2 | 4

// Bits of the code of a block's split, and the split that means "not split: whole differences".
const SPLIT_BITS: Readonly<Record<RiceBytePix, number>> = { 1: 3, 2: 4, 4: 5 }
const WHOLE: Readonly<Record<RiceBytePix, number>> = { 1: 6, 2: 14, 4: 25 }

/** The fewest bytes that `length` values can take: blocks without any difference are one code each. */
export function riceLeastBytes(length: number, blockSize: number, bytePix: RiceBytePix): number {
  return bytePix + Math.ceil((Math.ceil(length / blockSize) * SPLIT_BITS[bytePix]) / 8)
}

/**
 * Decodes `length` values of RICE_1 (FITS 4.0, section 10.4.1) into `out` from its start: bytes unsigned, the others
 * signed. Fails with a `TileError` where the bytes end early.
 */
export function decodeRice(
  bytes: Uint8Array,
  length: number,
  blockSize: number,
  bytePix: RiceBytePix,
  out: Int32Array | Int16Array | Uint8Array,
): void {
  const splitBits = SPLIT_BITS[bytePix]
  const whole = WHOLE[bytePix]
  const wholeBits = bytePix * 8
  const signShift = 32 - wholeBits
  const end = bytes.length
  if (end < riceLeastBytes(length, blockSize, bytePix)) throw endsEarly(end)

  const view = new DataView(bytes.buffer, bytes.byteOffset, end)
  // Where four bytes can be read at once; behind it, zeros stand for what is not there.
  const safe = end - 4
  const tail = (from: number): number => {
    let word = 0
    for (let i = from; i < from + 4; i++) word = (word << 8) | (i < end ? (bytes[i] as number) : 0)
    return word
  }
  const bitCount = end * 8
  let last = 0
  for (let i = 0; i < bytePix; i++) last = (last << 8) | (bytes[i] as number)
  last = (last << signShift) >> signShift
  let at = bytePix * 8
  for (let i = 0; i < length;) {
    const byte = at >>> 3
    const head = (byte <= safe ? view.getInt32(byte) : tail(byte)) << (at & 7)
    const split = (head >>> (32 - splitBits)) - 1
    at += splitBits
    const stop = Math.min(i + blockSize, length)
    if (split < 0) {
      while (i < stop) out[i++] = last
    } else if (split === whole) {
      for (; i < stop; i++) {
        const from = at >>> 3
        const word = (from <= safe ? view.getInt32(from) : tail(from)) << (at & 7)
        // A code of 32 bits that starts within a byte ends in the fifth.
        const code = (word | ((from + 4 < end ? (bytes[from + 4] as number) : 0) >>> (8 - (at & 7)))) >>> signShift
        at += wholeBits
        last = ((last + ((code >>> 1) ^ -(code & 1))) << signShift) >> signShift
        out[i] = last
      }
    } else {
      for (; i < stop; i++) {
        const from = at >>> 3
        const word = (from <= safe ? view.getInt32(from) : tail(from)) << (at & 7)
        let zeros = Math.clz32(word)
        let rest = word << (zeros + 1)
        // At least 25 bits of the word are the data's.
        if (zeros + 1 + split > 25) {
          zeros = zerosAt(bytes, at)
          const next = at + zeros + 1
          const place = next >>> 3
          rest = (place <= safe ? view.getInt32(place) : tail(place)) << (next & 7)
        }
        const code = (zeros << split) | ((rest >>> 1) >>> (31 - split))
        at += zeros + 1 + split
        last = ((last + ((code >>> 1) ^ -(code & 1))) << signShift) >> signShift
        out[i] = last
      }
    }
    if (at > bitCount) throw endsEarly(end)
  }
  if (bytePix === 1 && !(out instanceof Uint8Array)) {
    for (let i = 0; i < length; i++) out[i] = (out[i] as number) & 0xff
  }
}

/** How many zero bits there are from bit `at`. Fails where no one bit follows. */
function zerosAt(bytes: Uint8Array, at: number): number {
  let byte = at >>> 3
  let value = (bytes[byte] ?? 0) & (0xff >>> (at & 7))
  while (value === 0) {
    if (++byte >= bytes.length) throw endsEarly(bytes.length)
    value = bytes[byte] as number
  }
  return byte * 8 + Math.clz32(value) - 24 - at
}

function endsEarly(bytes: number): Error {
  return new TileError('a RICE_1 tile ends early', `${bytes} bytes`, 'as many as its pixels take')
}
