const HEADER_WORDS = 7
const VERSION = -100
const OPERAND = 0xfff
// What each instruction does: see `decodePlio`.
const ZEROS = 0
const SET = 1 << 12
const RAISE = 2 << 12
const LOWER = 3 << 12
const RUN = 4 << 12
const ZEROS_AND_ONE = 5 << 12
const RAISE_AND_ONE = 6 << 12
const LOWER_AND_ONE = 7 << 12

/** The greatest value that PLIO_1 holds; the least is 0. */
export const MAX_PLIO: number = 2 ** 24 - 1

/**
 * Encodes `length` values from 0 to 2^24 − 1 by PLIO_1 (FITS 4.0, section 10.4.3: IRAF pixel lists), as big-endian
 * 16-bit words: runs of one value take a word or two, whatever their length.
 */
export function encodePlio(values: ArrayLike<number>, length: number): Uint8Array {
  const words: number[] = new Array<number>(HEADER_WORDS).fill(0)
  let value = 1
  let zeros = 0
  const putRun = (code: number, count: number): void => {
    for (let left = count; left > 0; left -= OPERAND) words.push(code | Math.min(left, OPERAND))
  }
  for (let i = 0; i < length;) {
    const next = values[i] as number
    let end = i + 1
    while (end < length && values[end] === next) end++
    const count = end - i
    i = end
    if (next === 0) {
      zeros = count
      continue
    }
    const step = next - value
    value = next
    const small = Math.abs(step) <= OPERAND
    if (count === 1 && zeros === 0 && step !== 0 && small) {
      words.push((step > 0 ? RAISE_AND_ONE : LOWER_AND_ONE) | Math.abs(step))
      continue
    }
    if (!small) words.push(SET | (next & OPERAND), next >> 12)
    else if (step !== 0) words.push((step > 0 ? RAISE : LOWER) | Math.abs(step))
    if (count === 1 && zeros < OPERAND) {
      words.push(ZEROS_AND_ONE | (zeros + 1))
    } else {
      putRun(ZEROS, zeros)
      putRun(RUN, count)
    }
    zeros = 0
  }
  putRun(ZEROS, zeros)
  words[1] = HEADER_WORDS
  words[2] = VERSION
  words[3] = words.length % 32768
  words[4] = Math.floor(words.length / 32768)
  const view = new DataView(new ArrayBuffer(words.length * 2))
  words.forEach((word, i) => view.setInt16(i * 2, word))
  return new Uint8Array(view.buffer)
}
