import { TileError } from './bad-tile.js'

/** The bits of an HCOMPRESS_1 tile, most significant first. Reading past the end fails with a `TileError`. */
export class HcompressBits {
  readonly #bytes: Uint8Array
  #at: number
  #buffer = 0
  #bits = 0

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** Up to 8 bits. */
  take(count: number): number {
    if (this.#bits < count) {
      if (this.#at >= this.#bytes.length) {
        throw new TileError(
          'an HCOMPRESS_1 tile ends early',
          `${this.#bytes.length} bytes`,
          'as many as its pixels take',
        )
      }
      this.#buffer = ((this.#buffer & 0xff) << 8) | (this.#bytes[this.#at++] as number)
      this.#bits += 8
    }
    this.#bits -= count
    return (this.#buffer >>> this.#bits) & ((1 << count) - 1)
  }

  /** Goes on with the next whole byte. */
  align(): void {
    this.#bits = 0
  }

  /** A 4-bit value in the code of the quadtree: 3 bits for one bit set, up to 6 for the rare ones. */
  takeCode(): number {
    const three = this.take(3)
    if (three < 4) return 1 << three
    const four = (three << 1) | this.take(1)
    if (four < 13) return FOUR_BITS[four - 8] as number
    const five = (four << 1) | this.take(1)
    if (five < 31) return FIVE_BITS[five - 26] as number
    return this.take(1) === 0 ? 0 : 14
  }
}

const FOUR_BITS = [3, 5, 10, 12, 15]
const FIVE_BITS = [6, 7, 9, 11, 13]
