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
 * Chebyshev polynomials T_0 … T_2·order, each as (n) values at the pixels, with wavelength mapped to [-1, 1].
 *
 * Those above the order give the normal matrix by T_i T_j = (T_{i+j} + T_{|i-j|}) / 2: 2 order + 1 sums over pixels
 * instead of (order + 1)(order + 2) / 2.
 */
function chebyshevBasis(wave: Float64Array, order: number): Float64Array[] {
  const n = wave.length
  const first = wave[0]!
  const span = wave[n - 1]! - first
  const x = wave.map((w) => (span > 0 ? (2 * (w - first)) / span - 1 : 0))
  const basis = [new Float64Array(n).fill(1), x]
  for (let k = 2; k <= 2 * order; k++)
    basis.push(x.map((value, i) => 2 * value * basis[k - 1]![i]! - basis[k - 2]![i]!))
  return basis.slice(0, 2 * order + 1)
}

/** Fits polynomials to one piece of a spectrum after another, with room to work that is taken once. */
export class EnvelopeFitter {
  readonly #rule: EnvelopeRule
  readonly #basis: readonly Float64Array[]
  readonly #weight: Float64Array
  readonly #fit: Float64Array
  /** Pixels whose weight changed since the last fit, and by how much. */
  readonly #changed: Int32Array
  readonly #change: Float64Array
  readonly #changeFlux: Float64Array
  /** Σ w T_k and Σ w flux T_k. */
  readonly #moments: Float64Array
  readonly #right: Float64Array
  readonly #matrix: Float64Array
  readonly #coefficients: Float64Array
  #used = 0

  constructor(wave: Float64Array, rule: EnvelopeRule) {
    const n = wave.length
    this.#rule = rule
    this.#basis = chebyshevBasis(wave, rule.order)
    this.#weight = new Float64Array(n)
    this.#fit = new Float64Array(n)
    this.#changed = new Int32Array(n)
    this.#change = new Float64Array(n)
    this.#changeFlux = new Float64Array(n)
    this.#moments = new Float64Array(2 * rule.order + 1)
    this.#right = new Float64Array(rule.order + 1)
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
    this.#moments.fill(0)
    this.#right.fill(0)
    this.#used = 0
    let count = this.#firstWeights(flux, base)
    const found = this.#solve(count)
    for (let k = 0; found && k < this.#rule.iterations; k++) {
      count = this.#reweight(flux, base)
      // With the same weights, or too few pixels left to fit, the fit before stands.
      if (count === 0 || !this.#solve(count)) break
    }
    // A loop, because copying from double to single precision by set() takes ten times as long.
    const fit = this.#fit
    for (let i = 0; i < out.length; i++) out[i] = found ? fit[i]! : 0
  }

  /** Start from the base weights; returns how many pixels have one. */
  #firstWeights(flux: Float32Array, base: Float64Array): number {
    const weight = this.#weight
    const changed = this.#changed
    const change = this.#change
    const changeFlux = this.#changeFlux
    let count = 0
    for (let i = 0; i < base.length; i++) {
      const w = base[i]!
      weight[i] = w
      if (w === 0) continue
      changed[count] = i
      change[count] = w
      changeFlux[count++] = w * flux[i]!
    }
    this.#used = count
    return count
  }

  /**
   * Weighted least squares into #fit, which is untouched when it fails. Only the `count` pixels whose weight changed
   * are summed anew: after the first fit they are few.
   */
  #solve(count: number): boolean {
    const { order } = this.#rule
    for (let k = 0; k <= 2 * order; k++) this.#moments[k]! += this.#sumOver(this.#change, this.#basis[k]!, count)
    for (let k = 0; k <= order; k++) this.#right[k]! += this.#sumOver(this.#changeFlux, this.#basis[k]!, count)
    if (this.#used <= order) return false
    const size = order + 1
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        this.#matrix[i * size + j] = (this.#moments[i + j]! + this.#moments[Math.abs(i - j)]!) / 2
    this.#coefficients.set(this.#right)
    if (!solvePositiveDefinite(this.#matrix, this.#coefficients, size)) return false
    this.#evaluate()
    return true
  }

  /** Σ values × basis over the changed pixels; in two sums, which the processor adds side by side. */
  #sumOver(values: Float64Array, basis: Float64Array, count: number): number {
    const changed = this.#changed
    let even = 0
    let odd = 0
    let j = 0
    for (; j + 1 < count; j += 2) {
      even += values[j]! * basis[changed[j]!]!
      odd += values[j + 1]! * basis[changed[j + 1]!]!
    }
    if (j < count) even += values[j]! * basis[changed[j]!]!
    return even + odd
  }

  /** The polynomial at every pixel; two terms a pass, which halves the traffic with memory. */
  #evaluate(): void {
    const coefficients = this.#coefficients
    const fit = this.#fit.fill(coefficients[0]!)
    let k = 1
    for (; k + 1 < coefficients.length; k += 2) {
      const c0 = coefficients[k]!
      const c1 = coefficients[k + 1]!
      const b0 = this.#basis[k]!
      const b1 = this.#basis[k + 1]!
      for (let i = 0; i < fit.length; i++) fit[i] = fit[i]! + c0 * b0[i]! + c1 * b1[i]!
    }
    if (k === coefficients.length) return
    const c = coefficients[k]!
    const basis = this.#basis[k]!
    for (let i = 0; i < fit.length; i++) fit[i] = fit[i]! + c * basis[i]!
  }

  /** New weights from the residuals of #fit; returns how many pixels changed theirs. */
  #reweight(flux: Float32Array, base: Float64Array): number {
    const { lowerWeight, clip } = this.#rule
    const weight = this.#weight
    const fit = this.#fit
    const changed = this.#changed
    const change = this.#change
    const changeFlux = this.#changeFlux
    const sigma = clip === undefined ? 0 : this.#residualRms(flux)
    const low = clip === undefined ? Number.NEGATIVE_INFINITY : clip[0] * sigma
    const high = clip === undefined ? Number.POSITIVE_INFINITY : clip[1] * sigma
    const below = lowerWeight === undefined ? 1 : lowerWeight * lowerWeight
    let count = 0
    let used = this.#used
    for (let i = 0; i < weight.length; i++) {
      const full = base[i]!
      if (full === 0) continue
      const before = weight[i]!
      const residual = flux[i]! - fit[i]!
      const next = residual < low || residual > high ? 0 : residual < 0 ? full * below : full
      if (next === before) continue
      weight[i] = next
      if (next === 0) used--
      else if (before === 0) used++
      changed[count] = i
      change[count] = next - before
      changeFlux[count++] = (next - before) * flux[i]!
    }
    this.#used = used
    return count
  }

  #residualRms(flux: Float32Array): number {
    const weight = this.#weight
    const fit = this.#fit
    let squares = 0
    let sum = 0
    for (let i = 0; i < weight.length; i++) {
      const w = weight[i]!
      if (w === 0) continue
      const residual = flux[i]! - fit[i]!
      squares += w * residual * residual
      sum += w
    }
    return Math.sqrt(squares / sum)
  }
}
