/** How the real values of a tile were made integers (FITS 4.0, section 10.2). */
export type Quantizer = 'NO_DITHER' | 'SUBTRACTIVE_DITHER_1' | 'SUBTRACTIVE_DITHER_2'

export interface TileQuantization {
  readonly quantizer: Quantizer
  readonly scale: number
  readonly zero: number
  /** The integer that stands for NaN. */
  readonly blank: number | undefined
  /** Place of the tile in the table, from 0, plus ZDITHER0 − 1: where its random numbers begin. */
  readonly seed: number
}

const RANDOM_COUNT = 10_000
// The integer that SUBTRACTIVE_DITHER_2 keeps for values that were exactly 0.
export const EXACT_ZERO = -2147483646

let randoms: Float32Array | undefined

/** The 10 000 numbers in [0, 1) of FITS 4.0, appendix I: Park and Miller's generator from seed 1, in single precision. */
export function ditherSequence(): Float32Array {
  if (randoms !== undefined) return randoms
  const values = new Float32Array(RANDOM_COUNT)
  let seed = 1
  for (let i = 0; i < RANDOM_COUNT; i++) {
    seed = (16807 * seed) % 2147483647
    values[i] = seed / 2147483647
  }
  randoms = values
  return values
}

/** The random numbers of one tile, one a pixel; `seed` as in `TileQuantization`. */
export class DitherSequence {
  readonly #random = ditherSequence()
  #row: number
  #next: number

  constructor(seed: number) {
    this.#row = seed % RANDOM_COUNT
    this.#next = firstOf(this.#random, this.#row)
  }

  next(): number {
    const value = this.#random[this.#next] as number
    if (++this.#next === RANDOM_COUNT) {
      if (++this.#row === RANDOM_COUNT) this.#row = 0
      this.#next = firstOf(this.#random, this.#row)
    }
    return value
  }
}

/** Where the numbers of a tile, or of its next part, begin. */
function firstOf(random: Float32Array, row: number): number {
  return Math.trunc(Math.fround((random[row] as number) * 500))
}

/** Real values from the integers of a tile: `(integer − dither + ½) × scale + zero`, without dither `integer × scale + zero`. */
export function dequantize(
  from: Int32Array | Float64Array,
  length: number,
  how: TileQuantization,
  out: Float32Array | Float64Array,
): void {
  const { quantizer, scale, zero, blank } = how
  if (quantizer === 'NO_DITHER') {
    for (let i = 0; i < length; i++) out[i] = (from[i] as number) * scale + zero
  } else {
    const random = ditherSequence()
    let row = how.seed % RANDOM_COUNT
    for (let i = 0; i < length;) {
      const first = firstOf(random, row)
      const stop = Math.min(length, i + RANDOM_COUNT - first)
      addDither(from, i, stop, random, first, scale, zero, out)
      i = stop
      if (++row === RANDOM_COUNT) row = 0
    }
  }
  // Loops of their own: a comparison for each value would make the ones above three times as long.
  if (quantizer === 'SUBTRACTIVE_DITHER_2') replace(from, length, EXACT_ZERO, 0, out)
  if (blank !== undefined) replace(from, length, blank, NaN, out)
}

function addDither(
  from: Int32Array | Float64Array,
  start: number,
  stop: number,
  random: Float32Array,
  first: number,
  scale: number,
  zero: number,
  out: Float32Array | Float64Array,
): void {
  const shift = first - start
  for (let i = start; i < stop; i++) {
    out[i] = ((from[i] as number) - (random[i + shift] as number) + 0.5) * scale + zero
  }
}

function replace(
  from: Int32Array | Float64Array,
  length: number,
  mark: number,
  meant: number,
  out: Float32Array | Float64Array,
): void {
  for (let i = 0; i < length; i++) if (from[i] === mark) out[i] = meant
}
