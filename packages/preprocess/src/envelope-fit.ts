import { solvePositiveDefinite } from './solve-positive-definite.js'

/** How a fit is drawn to the upper envelope of a spectrum. */
export interface EnvelopeRule {
  readonly order: number
  /** Fits after the first one. */
  readonly iterations: number
  /** Weight of the residuals of pixels below the previous fit. */
  readonly lowerWeight?: number | undefined
  /** Pixels further than these multiples of the weighted rms residual from the previous fit are left out. */
  readonly clip?: readonly [below: number, above: number] | undefined
}

/**
 * Chebyshev polynomials T_0 … T_2·order at each pixel, (n × (2 order + 1)), with wavelength mapped to [-1, 1].
 *
 * Those above the order give the normal matrix by T_i T_j = (T_{i+j} + T_{|i-j|}) / 2: 2 order + 1 sums over pixels
 * instead of (order + 1)(order + 2) / 2.
 */
export function chebyshevBasis(wave: Float64Array, order: number): Float64Array {
  const n = wave.length
  const width = 2 * order + 1
  const out = new Float64Array(n * width)
  const first = wave[0]!
  const span = wave[n - 1]! - first
  for (let i = 0; i < n; i++) {
    const x = span > 0 ? (2 * (wave[i]! - first)) / span - 1 : 0
    let before = 1
    let here = x
    out[i * width] = 1
    for (let k = 1; k < width; k++) {
      out[i * width + k] = here
      const next = 2 * x * here - before
      before = here
      here = next
    }
  }
  return out
}

/** Fits polynomials to one piece of a spectrum after another, with room to work that is taken once. */
export class EnvelopeFitter {
  readonly #rule: EnvelopeRule
  readonly #basis: Float64Array
  readonly #weight: Float64Array
  readonly #fit: Float64Array
  readonly #moments: Float64Array
  readonly #matrix: Float64Array
  readonly #coefficients: Float64Array

  constructor(wave: Float64Array, rule: EnvelopeRule) {
    this.#rule = rule
    this.#basis = chebyshevBasis(wave, rule.order)
    this.#weight = new Float64Array(wave.length)
    this.#fit = new Float64Array(wave.length)
    this.#moments = new Float64Array(2 * rule.order + 1)
    this.#matrix = new Float64Array((rule.order + 1) ** 2)
    this.#coefficients = new Float64Array(rule.order + 1)
  }

  /**
   * Fit, then reweight and fit again as the rule says.
   *
   * @param flux (nPix).
   * @param base (nPix) weights of squared residuals; 0 leaves a pixel out.
   * @param out (nPix) the polynomial; 0 when there are not more usable pixels than coefficients, or they do not tell
   *   them.
   */
  fit(flux: Float32Array, base: Float64Array, out: Float32Array): void {
    const { iterations } = this.#rule
    this.#weight.set(base)
    let found = this.#solve(flux)
    for (let k = 0; found && k < iterations; k++) {
      if (!this.#reweight(flux, base)) break
      // Too few pixels are left to fit again: the fit before stands.
      if (!this.#solve(flux)) break
    }
    if (found) out.set(this.#fit)
    else out.fill(0)
  }

  /** Weighted least squares into #fit, which is untouched when it fails. */
  #solve(flux: Float32Array): boolean {
    const { order } = this.#rule
    const width = 2 * order + 1
    const basis = this.#basis
    const moments = this.#moments.fill(0)
    const right = this.#coefficients.fill(0)
    let used = 0
    for (let i = 0; i < flux.length; i++) {
      const w = this.#weight[i]!
      if (w === 0) continue
      used++
      const y = w * flux[i]!
      const at = i * width
      for (let k = 0; k <= order; k++) {
        const t = basis[at + k]!
        moments[k]! += w * t
        right[k]! += y * t
      }
      for (let k = order + 1; k < width; k++) moments[k]! += w * basis[at + k]!
    }
    if (used <= order) return false
    const size = order + 1
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) this.#matrix[i * size + j] = (moments[i + j]! + moments[Math.abs(i - j)]!) / 2
    if (!solvePositiveDefinite(this.#matrix, right, size)) return false
    for (let i = 0; i < flux.length; i++) {
      let sum = 0
      for (let k = 0; k <= order; k++) sum += right[k]! * basis[i * width + k]!
      this.#fit[i] = sum
    }
    return true
  }

  /** New weights from the residuals of #fit; false when none changes, so that another fit would be the same. */
  #reweight(flux: Float32Array, base: Float64Array): boolean {
    const { lowerWeight, clip } = this.#rule
    const weight = this.#weight
    const fit = this.#fit
    let low = Number.NEGATIVE_INFINITY
    let high = Number.POSITIVE_INFINITY
    if (clip !== undefined) {
      let squares = 0
      let sum = 0
      for (let i = 0; i < weight.length; i++) {
        if (weight[i] === 0) continue
        const residual = flux[i]! - fit[i]!
        squares += weight[i]! * residual * residual
        sum += weight[i]!
      }
      const sigma = Math.sqrt(squares / sum)
      low = clip[0] * sigma
      high = clip[1] * sigma
    }
    const below = lowerWeight === undefined ? 1 : lowerWeight * lowerWeight
    let changed = false
    for (let i = 0; i < weight.length; i++) {
      if (base[i] === 0) continue
      const residual = flux[i]! - fit[i]!
      const next = residual < low || residual > high ? 0 : residual < 0 ? base[i]! * below : base[i]!
      if (next !== weight[i]) changed = true
      weight[i] = next
    }
    return changed
  }
}
