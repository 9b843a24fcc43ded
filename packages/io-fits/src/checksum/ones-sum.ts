const WORD = 2 ** 32
// So many words add up exactly in a double before the carries are folded back.
const WORDS_AT_ONCE = 1 << 20

/**
 * The 32-bit ones'-complement sum that FITS checksums are made of, over big-endian words, byte runs of any length.
 * FITS 4.0, appendix J.
 */
export class OnesSum {
  #sum = 0
  /** Bytes of the current word that are there already. */
  #phase = 0

  add(bytes: Uint8Array): void {
    let at = 0
    while (this.#phase !== 0 && at < bytes.length) this.#addByte(bytes[at++] as number)
    const words = (bytes.length - at) >> 2
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let word = 0; word < words; word += WORDS_AT_ONCE) {
      const end = at + Math.min(WORDS_AT_ONCE, words - word) * 4
      let sum = this.#sum
      for (; at < end; at += 4) sum += view.getUint32(at)
      this.#sum = fold(sum)
    }
    while (at < bytes.length) this.#addByte(bytes[at++] as number)
  }

  /** The sum so far; a word begun counts as if zeros ended it. */
  get value(): number {
    return this.#sum
  }

  #addByte(byte: number): void {
    this.#sum = fold(this.#sum + byte * 2 ** (24 - 8 * this.#phase))
    this.#phase = (this.#phase + 1) & 3
  }
}

/** Two sums in one. */
export function addSums(a: number, b: number): number {
  return fold(a + b)
}

function fold(sum: number): number {
  let folded = sum
  while (folded >= WORD) folded = (folded % WORD) + Math.floor(folded / WORD)
  return folded
}

const ZERO = 0x30
const isPunctuation = (code: number): boolean => (code >= 0x3a && code <= 0x40) || (code >= 0x5b && code <= 0x60)

/** The 16 letters and digits of CHECKSUM for the sum of an HDU in which CHECKSUM was sixteen zeros. */
export function encodeChecksum(sum: number): string {
  const complement = WORD - 1 - sum
  const codes = new Uint8Array(16)
  for (let i = 0; i < 4; i++) {
    const byte = Math.floor(complement / 2 ** (24 - 8 * i)) % 256
    const quarter = Math.floor(byte / 4) + ZERO
    const four = [quarter + (byte % 4), quarter, quarter, quarter]
    // Moving one up and its neighbour down leaves the sum alone; both must end as letters or digits.
    for (const pair of [0, 2] as const) {
      while (isPunctuation(four[pair] as number) || isPunctuation(four[pair + 1] as number)) {
        four[pair] = (four[pair] as number) + 1
        four[pair + 1] = (four[pair + 1] as number) - 1
      }
    }
    // The value starts at byte 11 of its card, one before a word: everything moves one to the right.
    four.forEach((code, j) => (codes[(4 * j + i + 1) % 16] = code))
  }
  return String.fromCharCode(...codes)
}
