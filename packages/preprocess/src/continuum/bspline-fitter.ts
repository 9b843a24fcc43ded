import type { FitState, RejectionRule } from './envelope-weights.js'
import { fitToEnvelope } from './envelope-weights.js'
import type { PieceFitter } from './fit-by-piece.js'

const DEGREE = 3
/** Fewer pixels than this tell no spline. */
const MIN_PIXELS = 5
/**
 * Weight of the bends of the coefficients against the pixels. It only matters where no pixel holds a coefficient: there
 * the spline goes straight on.
 */
const STIFFNESS = 1e-9
/** A pivot this much smaller than its diagonal is rounding. */
const SMALLEST_PIVOT = 1e-14

/**
 * Cubic splines on equal knots by weighted least squares, one spectrum after another.
 *
 * A pixel touches four B-splines, so that the normal matrix is a band that Cholesky's method solves in a time
 * proportional to the knots.
 */
export class BSplineFitter implements PieceFitter {
  readonly #rule: RejectionRule
  /** Number of coefficients. */
  readonly #size: number
  /** First of the four B-splines of each pixel, and their values, (nPix × 4). */
  readonly #first: Int32Array
  readonly #values: Float64Array
  /** Lower band, (size × 4): element (i, i - k) at 4 i + k. */
  readonly #band: Float64Array
  readonly #penalty: Float64Array
  readonly #right: Float64Array
  readonly #state: FitState

  /**
   * @param wave (nPix) Å, rising.
   * @param spacing Å between knots, about.
   */
  constructor(wave: Float64Array, spacing: number, rule: RejectionRule) {
    const n = wave.length
    const start = wave[0]!
    const span = wave[n - 1]! - start
    // Knots closer than pixels would only cost.
    const intervals = Math.max(1, Math.min(n, Math.round(span / spacing)))
    this.#rule = rule
    this.#size = intervals + DEGREE
    this.#first = new Int32Array(n)
    this.#values = new Float64Array(n * 4)
    for (let i = 0; i < n; i++) {
      // Position in units of the knots' spacing.
      const x = span > 0 ? ((wave[i]! - start) / span) * intervals : 0
      const interval = Math.min(intervals - 1, Math.floor(x))
      this.#first[i] = interval
      this.#values.set(cubicValues(x, interval, intervals), 4 * i)
    }
    this.#band = new Float64Array(this.#size * 4)
    this.#penalty = bendingBand(intervals)
    this.#right = new Float64Array(this.#size)
    this.#state = { weight: new Float64Array(n), model: new Float64Array(n) }
  }

  fit(flux: Float32Array, base: Float64Array, out: Float32Array): void {
    const found = fitToEnvelope(flux, base, this.#rule, this.#state, () => this.#solve(flux))
    const { model } = this.#state
    for (let i = 0; i < out.length; i++) out[i] = found ? model[i]! : 0
  }

  #solve(flux: Float32Array): boolean {
    const { weight, model } = this.#state
    const band = this.#band.fill(0)
    const right = this.#right.fill(0)
    const values = this.#values
    let used = 0
    let total = 0
    for (let i = 0; i < weight.length; i++) {
      const w = weight[i]!
      if (w === 0) continue
      used++
      total += w
      for (let a = 0; a < 4; a++) {
        const j = this.#first[i]! + a
        const wv = w * values[4 * i + a]!
        right[j]! += wv * flux[i]!
        for (let b = 0; b <= a; b++) band[4 * j + a - b]! += wv * values[4 * i + b]!
      }
    }
    if (used < MIN_PIXELS) return false
    const stiffness = (STIFFNESS * total) / this.#size
    for (let k = 0; k < band.length; k++) band[k]! += stiffness * this.#penalty[k]!
    if (!solveBand(band, right)) return false
    for (let i = 0; i < model.length; i++) {
      let sum = 0
      for (let a = 0; a < 4; a++) sum += right[this.#first[i]! + a]! * values[4 * i + a]!
      model[i] = sum
    }
    return true
  }
}

/** Knot k of a spline on [0, intervals] with unit spacing, the ends fourfold. */
function knot(k: number, intervals: number): number {
  return Math.min(intervals, Math.max(0, k - DEGREE))
}

/** The four cubic B-splines that do not vanish in an interval, by the recurrence of Cox and de Boor. */
function cubicValues(x: number, interval: number, intervals: number): Float64Array {
  const out = new Float64Array(DEGREE + 1)
  out[0] = 1
  for (let degree = 1; degree <= DEGREE; degree++) {
    let saved = 0
    for (let r = 0; r < degree; r++) {
      const right = knot(interval + DEGREE + r + 1, intervals)
      const left = knot(interval + DEGREE + 1 - degree + r, intervals)
      const share = out[r]! / (right - left)
      out[r] = saved + (right - x) * share
      saved = (x - left) * share
    }
    out[degree] = saved
  }
  return out
}

/**
 * Σ (change of slope between neighbouring coefficients)² as a lower band. A coefficient stands at the mean of its three
 * inner knots (Greville), so that straight lines have no bend.
 */
function bendingBand(intervals: number): Float64Array {
  const size = intervals + DEGREE
  const at = (i: number): number => (knot(i + 1, intervals) + knot(i + 2, intervals) + knot(i + 3, intervals)) / DEGREE
  const band = new Float64Array(size * 4)
  for (let i = 0; i + 2 < size; i++) {
    const before = 1 / (at(i + 1) - at(i))
    const after = 1 / (at(i + 2) - at(i + 1))
    const bend = [before, -before - after, after]
    for (let a = 0; a < 3; a++) for (let b = 0; b <= a; b++) band[4 * (i + a) + a - b]! += bend[a]! * bend[b]!
  }
  return band
}

/** Solve a banded symmetric positive definite system in place, b becoming x; false when it is not positive definite. */
function solveBand(band: Float64Array, b: Float64Array): boolean {
  const n = b.length
  for (let i = 0; i < n; i++) {
    const diagonal = band[4 * i]!
    for (let k = Math.min(DEGREE, i); k >= 0; k--) {
      // Element (i, i - k) less what columns before i - k of both rows share.
      const j = i - k
      let sum = band[4 * i + k]!
      for (let m = Math.max(0, i - DEGREE); m < j; m++) sum -= band[4 * i + (i - m)]! * band[4 * j + (j - m)]!
      if (k > 0) band[4 * i + k] = sum / band[4 * j]!
      else if (sum > SMALLEST_PIVOT * diagonal) band[4 * i] = Math.sqrt(sum)
      else return false
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i]!
    for (let k = 1; k <= Math.min(DEGREE, i); k++) sum -= band[4 * i + k]! * b[i - k]!
    b[i] = sum / band[4 * i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!
    for (let k = 1; k <= DEGREE && i + k < n; k++) sum -= band[4 * (i + k) + k]! * b[i + k]!
    b[i] = sum / band[4 * i]!
  }
  return true
}
