/**
 * How the pixels of one grid are made of those of another: target pixel j is the sum over k of values[k] times the
 * source pixel starts[j] + k - offsets[j], for k from offsets[j] up to, not including, offsets[j + 1].
 */
export interface PixelWeights {
  readonly starts: Int32Array
  readonly offsets: Int32Array
  readonly values: Float64Array
  /** 1 for a target pixel that the source reaches only in part, or not at all: its ivar is 0. */
  readonly partial: Uint8Array
}

/** Collects {@link PixelWeights} pixel by pixel. */
export class WeightsBuilder {
  readonly #starts: Int32Array
  readonly #offsets: Int32Array
  readonly #partial: Uint8Array
  #values: Float64Array
  #pixel = 0
  #used = 0

  constructor(nOut: number, guess: number) {
    this.#starts = new Int32Array(nOut)
    this.#offsets = new Int32Array(nOut + 1)
    this.#partial = new Uint8Array(nOut)
    this.#values = new Float64Array(Math.max(16, nOut * guess))
  }

  /** Begin the next target pixel, whose first source pixel is `start`. */
  begin(start: number, partial: boolean): void {
    this.#starts[this.#pixel] = start
    this.#partial[this.#pixel] = partial ? 1 : 0
    this.#pixel++
    this.#offsets[this.#pixel] = this.#used
  }

  /** Weight of the next source pixel. */
  push(value: number): void {
    if (this.#used === this.#values.length) {
      const wider = new Float64Array(2 * this.#values.length)
      wider.set(this.#values)
      this.#values = wider
    }
    this.#values[this.#used++] = value
    this.#offsets[this.#pixel] = this.#used
  }

  done(): PixelWeights {
    return {
      starts: this.#starts,
      offsets: this.#offsets,
      values: this.#values.subarray(0, this.#used),
      partial: this.#partial,
    }
  }
}

/**
 * Apply weights to rows of flux and ivar: flux is Σ w f, ivar 1 / Σ (w² / ivar), exact for independent source pixels.
 *
 * The weight of a bad pixel goes to the nearest good pixels on its two sides as linear interpolation would have it, so
 * the result is still a sum over measured pixels with an exact variance. Where bad pixels carry more than `maxBad` of
 * the absolute weight, ivar is 0.
 *
 * @param flux (rows × nIn). @param fluxOut (rows × nOut), as ivarOut. Cost rows × weights.
 */
export function applyWeights(
  rows: number,
  nIn: number,
  flux: Float32Array,
  ivar: Float32Array,
  { starts, offsets, values, partial }: PixelWeights,
  maxBad: number,
  fluxOut: Float32Array,
  ivarOut: Float32Array,
): void {
  const nOut = starts.length
  const variance = new Float64Array(nIn)
  const before = new Int32Array(nIn)
  const after = new Int32Array(nIn)
  const moved = new Float64Array(nIn)
  for (let row = 0; row < rows; row++) {
    const at = row * nIn
    const good = goodNeighbours(flux, ivar, at, variance, before, after)
    for (let j = 0; j < nOut; j++) {
      const begin = offsets[j]!
      const end = offsets[j + 1]!
      const first = starts[j]!
      let sum = 0
      let square = 0
      let bad = false
      for (let k = begin, i = first; k < end; k++, i++) {
        const w = values[k]!
        // Nothing of a pixel: 0 times what a bad one holds would not be nothing.
        if (w === 0) continue
        if (!(variance[i]! < Number.POSITIVE_INFINITY)) bad = true
        sum += w * flux[at + i]!
        square += w * w * variance[i]!
      }
      if (bad && good > 0) {
        let spoilt = 0
        let total = 0
        let low = nIn
        let high = -1
        const move = (i: number, w: number): void => {
          moved[i]! += w
          low = Math.min(low, i)
          high = Math.max(high, i)
        }
        for (let k = begin, i = first; k < end; k++, i++) {
          const w = values[k]!
          total += Math.abs(w)
          if (variance[i]! < Number.POSITIVE_INFINITY) move(i, w)
          else {
            spoilt += Math.abs(w)
            const left = before[i]!
            const right = after[i]!
            if (left < 0) move(right, w)
            else if (right >= nIn) move(left, w)
            else {
              const part = (i - left) / (right - left)
              move(left, w * (1 - part))
              move(right, w * part)
            }
          }
        }
        sum = 0
        square = 0
        for (let i = low; i <= high; i++) {
          const w = moved[i]!
          if (w === 0) continue
          sum += w * flux[at + i]!
          square += w * w * variance[i]!
          moved[i] = 0
        }
        bad = spoilt > maxBad * total
      }
      fluxOut[row * nOut + j] = Number.isFinite(sum) ? sum : 0
      ivarOut[row * nOut + j] = bad || partial[j] === 1 || !(square > 0) ? 0 : 1 / square
    }
  }
}

/** Variances of a row, infinite for bad pixels, and the good pixels next to each; returns how many there are. */
function goodNeighbours(
  flux: Float32Array,
  ivar: Float32Array,
  at: number,
  variance: Float64Array,
  before: Int32Array,
  after: Int32Array,
): number {
  const n = variance.length
  let good = 0
  for (let i = 0, last = -1; i < n; i++) {
    const iv = ivar[at + i]!
    const isGood = iv > 0 && iv < Number.POSITIVE_INFINITY && Number.isFinite(flux[at + i]!)
    variance[i] = isGood ? 1 / iv : Number.POSITIVE_INFINITY
    if (isGood) {
      last = i
      good++
    }
    before[i] = last
  }
  for (let i = n - 1, next = n; i >= 0; i--) {
    if (variance[i]! < Number.POSITIVE_INFINITY) next = i
    after[i] = next
  }
  return good
}

/**
 * Correlation of the noise of each target pixel with that of its right neighbour, (nOut - 1), for source pixels of
 * independent, equal noise: Σ w w' / √(Σ w² Σ w'²). What ivar cannot say after resampling. 0 where a pixel has none.
 */
export function neighbourCorrelation({ starts, offsets, values }: PixelWeights): Float64Array {
  const out = new Float64Array(Math.max(0, starts.length - 1))
  const square = (j: number): number => {
    let sum = 0
    for (let k = offsets[j]!; k < offsets[j + 1]!; k++) sum += values[k]! ** 2
    return sum
  }
  for (let j = 0; j < out.length; j++) {
    const shift = offsets[j + 1]! - starts[j + 1]!
    let sum = 0
    for (let k = offsets[j]!, i = starts[j]!; k < offsets[j + 1]!; k++, i++) {
      const other = i + shift
      if (other >= offsets[j + 1]! && other < offsets[j + 2]!) sum += values[k]! * values[other]!
    }
    const norm = Math.sqrt(square(j) * square(j + 1))
    out[j] = norm > 0 ? sum / norm : 0
  }
  return out
}
