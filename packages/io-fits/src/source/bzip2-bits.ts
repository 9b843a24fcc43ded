/** The bits of a bzip2 file, highest bit of each byte first. */
export class Bzip2Bits {
  readonly #bytes: Uint8Array
  #at: number
  #hold = 0
  #bits = 0

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** The byte after the last bit taken. Fails where bits were taken that are not there. */
  get byteOffset(): number {
    return this.#at - (this.#bits >> 3)
  }

  /** The next `count` bits, at most 24, as a number. Fails with an `Error` where the bytes end. */
  take(count: number): number {
    const value = this.peek(count)
    this.skip(count)
    return value
  }

  /** The same, left in place; zeros stand for what is behind the end. */
  peek(count: number): number {
    while (this.#bits < count) {
      this.#hold = (this.#hold << 8) | (this.#bytes[this.#at++] ?? 0)
      this.#bits += 8
    }
    return (this.#hold >>> (this.#bits - count)) & ((1 << count) - 1)
  }

  /** Takes bits that were peeked at. Fails with an `Error` where the bytes end before them. */
  skip(count: number): void {
    this.#bits -= count
    if (this.#at > this.#bytes.length && this.byteOffset > this.#bytes.length) throw new Error('an early end')
  }
}
