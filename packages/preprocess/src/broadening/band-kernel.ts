/**
 * A broadening operator: pixel i of the result is the mean of source pixels first[i] … first[i] + count[i] - 1 with
 * weights from `weights[at[i]]` on. Weights of a row sum to 1; some of its pixels may lie beyond the ends of the row.
 */
export interface BandKernel {
  /** (nPix) first source pixel; may be negative. */
  readonly first: Int32Array
  readonly count: Int32Array
  /** (nPix) where the weights of the row begin: rows of one shape share them. */
  readonly at: Int32Array
  readonly weights: Float64Array
}

/** Puts a {@link BandKernel} together row by row. */
export class KernelBuilder {
  readonly #first: Int32Array
  readonly #count: Int32Array
  readonly #at: Int32Array
  #weights: Float64Array
  #length = 0

  /** @param nPix rows to come. @param width a guess of how many weights a row has. */
  constructor(nPix: number, width: number) {
    this.#first = new Int32Array(nPix)
    this.#count = new Int32Array(nPix)
    this.#at = new Int32Array(nPix)
    this.#weights = new Float64Array(Math.max(16, nPix * width))
  }

  /** Row i takes `count` pixels from `first` on, with the weights at the start of `row` scaled to sum 1. */
  add(i: number, first: number, count: number, row: Float64Array): void {
    while (this.#length + count > this.#weights.length) {
      const more = new Float64Array(this.#weights.length * 2)
      more.set(this.#weights)
      this.#weights = more
    }
    let sum = 0
    for (let k = 0; k < count; k++) sum += row[k]!
    for (let k = 0; k < count; k++) this.#weights[this.#length + k] = row[k]! / sum
    this.#first[i] = first
    this.#count[i] = count
    this.#at[i] = this.#length
    this.#length += count
  }

  /** Row i is row `like`, as many pixels further on as it is itself. */
  repeat(i: number, like: number): void {
    this.#first[i] = this.#first[like]! + i - like
    this.#count[i] = this.#count[like]!
    this.#at[i] = this.#at[like]!
  }

  done(): BandKernel {
    return {
      first: this.#first,
      count: this.#count,
      at: this.#at,
      weights: this.#weights.subarray(0, this.#length),
    }
  }
}

/**
 * Wavelengths continued by `margin` pixels beyond either end at the end's step, so that kernels do not need to know
 * where a row ends.
 */
export function continuedWave(wave: Float64Array, margin: number): Float64Array {
  const n = wave.length
  const out = new Float64Array(n + 2 * margin)
  out.set(wave, margin)
  const low = n > 1 ? wave[1]! - wave[0]! : 1
  const high = n > 1 ? wave[n - 1]! - wave[n - 2]! : 1
  for (let k = 1; k <= margin; k++) {
    out[margin - k] = wave[0]! - k * low
    out[margin + n - 1 + k] = wave[n - 1]! + k * high
  }
  return out
}
