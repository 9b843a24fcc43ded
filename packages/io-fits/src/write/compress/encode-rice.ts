import type { RiceBytePix } from '../../compression/rice.js'

/** Pixels of a block with a split of its own: what the standard and every reader expect. */
export const RICE_BLOCK = 32

// Bits of the code of a block's split, and the split from which whole differences are written instead.
const SPLIT_BITS: Readonly<Record<RiceBytePix, number>> = { 1: 3, 2: 4, 4: 5 }
const WHOLE: Readonly<Record<RiceBytePix, number>> = { 1: 6, 2: 14, 4: 25 }

/**
 * Encodes `length` integers by RICE_1 (FITS 4.0, section 10.4.1): differences from one to the next, of each block of 32
 * the lower bits as they are and the upper ones as so many zeros. The bytes are those that cfitsio writes.
 */
export function encodeRice(values: ArrayLike<number>, length: number, bytePix: RiceBytePix): Uint8Array {
  const splitBits = SPLIT_BITS[bytePix]
  const whole = WHOLE[bytePix]
  const shift = 32 - bytePix * 8
  // A block takes at most 11 bits a byte-wide value, and fewer a byte of wider ones.
  const out = new Uint8Array(length * bytePix * 2 + Math.ceil(length / RICE_BLOCK) + 8)
  const codes = new Uint32Array(RICE_BLOCK)
  let at = 0
  let hold = 0
  let bits = 0
  // Up to 24 bits: with the 7 that may wait, as many as an integer of this language shifts.
  const put = (value: number, count: number): void => {
    hold = (hold << count) | value
    bits += count
    while (bits >= 8) {
      bits -= 8
      out[at++] = hold >>> bits
    }
  }
  const putWhole = (value: number): void => {
    if (bytePix === 4) put((value >>> 16) & 0xffff, 16)
    put(bytePix === 1 ? value & 0xff : value & 0xffff, bytePix === 1 ? 8 : 16)
  }

  let last = values[0] ?? 0
  putWhole(last)
  for (let start = 0; start < length; start += RICE_BLOCK) {
    const count = Math.min(RICE_BLOCK, length - start)
    let sum = 0
    for (let i = 0; i < count; i++) {
      const value = values[start + i] as number
      const difference = ((value - last) << shift) >> shift
      const code = ((difference << 1) ^ (difference >> 31)) >>> 0
      codes[i] = code
      sum += code
      last = value
    }
    const mean = Math.max(0, (sum - (count >> 1) - 1) / count)
    const split = 32 - Math.clz32(Math.floor(mean) >>> 1)
    if (split >= whole) {
      put(whole + 1, splitBits)
      for (let i = 0; i < count; i++) putWhole(codes[i] as number)
    } else if (sum === 0) {
      put(0, splitBits)
    } else {
      put(split + 1, splitBits)
      const mask = (1 << split) - 1
      for (let i = 0; i < count; i++) {
        const code = codes[i] as number
        let zeros = code >>> split
        for (; zeros >= 16; zeros -= 16) put(0, 16)
        put(1, zeros + 1)
        put(code & mask, split)
      }
    }
  }
  if (bits > 0) out[at++] = hold << (8 - bits)
  return out.slice(0, at)
}
