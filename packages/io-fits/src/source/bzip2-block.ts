/** One block of a bzip2 file: bytes in the order of the Burrows-Wheeler transform go in, the bytes meant come out. */
export class Bzip2Block {
  /** Bytes that fit, before runs are drawn out. */
  readonly capacity: number
  /** The byte in the low 8 bits; above it, after `finish`, the place of the byte that follows. */
  readonly #links: Uint32Array
  readonly #counts = new Uint32Array(256)
  #size = 0
  #left = 0
  #place = 0
  #byte = -1
  #same = 0
  #repeat = 0
  #crc = -1

  constructor(capacity: number) {
    this.capacity = capacity
    this.#links = new Uint32Array(capacity)
  }

  /** The CRC of the bytes taken so far. */
  get crc(): number {
    return ~this.#crc >>> 0
  }

  /** Begins an empty block. */
  start(): void {
    this.#counts.fill(0)
    this.#size = 0
  }

  /** Adds a byte `times` times. Fails with an `Error` where the block is full. */
  push(byte: number, times: number): void {
    if (this.#size + times > this.capacity) throw new Error(`a block of more than ${this.capacity} bytes`)
    this.#links.fill(byte, this.#size, this.#size + times)
    this.#counts[byte] = (this.#counts[byte] as number) + times
    this.#size += times
  }

  /** Ends the block: its first byte is the one whose place in the sorted order is `origin`. Fails with an `Error`. */
  finish(origin: number): void {
    const size = this.#size
    if (origin >= size) throw new Error(`a block that starts at ${origin} of ${size} bytes`)
    const links = this.#links
    const places = new Uint32Array(256)
    for (let byte = 0, sum = 0; byte < 256; byte++) {
      places[byte] = sum
      sum += this.#counts[byte] as number
    }
    for (let i = 0; i < size; i++) {
      const byte = (links[i] as number) & 0xff
      const place = places[byte] as number
      places[byte] = place + 1
      links[place] = (links[place] as number) | (i << 8)
    }
    this.#place = (links[origin] as number) >>> 8
    this.#left = size
    this.#byte = -1
    this.#same = 0
    this.#repeat = 0
    this.#crc = -1
  }

  /** Fills `out` with the next bytes, drawing out runs: four bytes of a kind are followed by how many more there are. */
  take(out: Uint8Array): number {
    const links = this.#links
    let crc = this.#crc
    let place = this.#place
    let left = this.#left
    let byte = this.#byte
    let same = this.#same
    let repeat = this.#repeat
    let to = 0
    for (;;) {
      for (; repeat > 0 && to < out.length; repeat--) {
        out[to++] = byte
        crc = (crc << 8) ^ (CRC[(crc >>> 24) ^ byte] as number)
      }
      if (left === 0 || to === out.length) break
      left--
      const entry = links[place] as number
      place = entry >>> 8
      const next = entry & 0xff
      if (same === 4) {
        repeat = next
        same = 0
        continue
      }
      same = next === byte ? same + 1 : 1
      byte = next
      repeat = 1
    }
    this.#crc = crc
    this.#place = place
    this.#left = left
    this.#byte = byte
    this.#same = same
    this.#repeat = repeat
    return to
  }
}

/** CRC-32 with the highest bit first. */
const CRC: Int32Array = Int32Array.from({ length: 256 }, (_, i) => {
  let crc = i << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})
