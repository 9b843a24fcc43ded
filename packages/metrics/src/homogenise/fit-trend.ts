import { AstrolabelError } from '@astrolabel/spectra'
import { medianInPlace, scaledMadInPlace } from '../order-statistics.js'
import { invertSymmetric } from './invert-symmetric.js'
import type { TrendBasis } from './trend-basis.js'
import { basisSize, evaluateBasis } from './trend-basis.js'

/** One label of stars that two surveys have in common. */
export interface CommonStars {
  /** (n × J) predictors of the first survey, no NaN; the label itself is predictor 0. */
  readonly x: Float64Array
  /** (n × J × J) their covariances; 0 where errors are not known. */
  readonly covariance: Float64Array
  /** (n) label of the second survey minus that of the first. */
  readonly difference: Float64Array
  /** (n) variance of the label of the second survey; 0 where it is not known. */
  readonly variance: Float64Array
  /** (n) star of each row, as a number. */
  readonly star: Int32Array
}

/** A bias and how well it is known. */
export interface TrendFit {
  /** (m) coefficients of the basis. */
  readonly theta: Float64Array
  /** (m × m) their covariance, from the residuals themselves, by star. */
  readonly covariance: Float64Array
  /** Scatter between the surveys that their errors do not explain, one standard deviation. */
  readonly intrinsic: number
  /** Rows that were not thrown out as outliers. */
  readonly used: number
}

/** Rows further than this many standard deviations do not count (Tukey's biweight, 95 % efficient). */
const TUKEY = 4.685
/** Residuals count up to here in the scale: nearly all that a normal distribution can tell, in spite of outliers. */
const SCALE_LIMIT = 2
/** Mean of min(z², 4) of a standard normal z. */
const SCALE_MEAN = 0.920536
const ROUNDS = 60
const STEPS = 4
const CONVERGED = 1e-8

/**
 * Fit the difference between two surveys by a linear combination of basis functions, with errors in both, robustly.
 *
 * Minimises Σ ρ(e²/V), e = difference − f(x), with the effective variance V = σ_B² + gᵀ Σ_A g + s² of the structural
 * relation (Deming's regression when f is linear; Tremaine et al. 2002, eq. 3 for s): g are the derivatives of the
 * transformed label by the predictors, so that noise of the first survey does not flatten the trend. s² makes the
 * scale of the residuals over √V 1, robustly.
 *
 * @throws `metrics/too-few-stars` for fewer than three rows a coefficient, `metrics/degenerate-trend` when the stars do not
 * tell the coefficients apart.
 * Cost: n m² times some hundred rounds.
 */
export function fitTrend(basis: TrendBasis, stars: CommonStars): TrendFit {
  const n = stars.difference.length
  const m = basisSize(basis)
  if (n < 3 * m)
    throw new AstrolabelError('metrics/too-few-stars', 'There are too few common stars for this bias', {
      got: `${n} stars for ${m} coefficients`,
      expected: `at least ${3 * m}`,
      remedy: 'Use a simpler trend, fewer labels, or more common stars',
    })
  const state = new FitState(basis, stars)
  const start = new Float64Array(m)
  start[0] = medianInPlace(stars.difference.slice())
  state.moveTo(start)
  state.updateIntrinsic()
  for (let round = 0; round < ROUNDS; round++) {
    const before = state.intrinsic2
    let moved = 0
    for (let step = 0; step < STEPS; step++) moved = state.step()
    state.updateIntrinsic()
    if (moved < CONVERGED && Math.abs(state.intrinsic2 - before) <= CONVERGED * before) break
  }
  return state.result()
}

class FitState {
  intrinsic2 = 0
  readonly #n: number
  readonly #m: number
  readonly #stars: CommonStars
  readonly #values: Float64Array
  readonly #slopes: Float64Array
  #theta: Float64Array
  /** (n) residuals, and their variances without the intrinsic one. */
  readonly #e: Float64Array
  readonly #v: Float64Array
  /** (n × m) half of the derivative of the variance by each coefficient. */
  readonly #dv: Float64Array

  constructor(basis: TrendBasis, stars: CommonStars) {
    const n = stars.difference.length
    const m = basisSize(basis)
    const count = basis.predictors.length
    this.#n = n
    this.#m = m
    this.#stars = stars
    this.#values = new Float64Array(n * m)
    this.#slopes = new Float64Array(n * m * count)
    for (let i = 0; i < n; i++)
      evaluateBasis(
        basis,
        stars.x.subarray(i * count, (i + 1) * count),
        this.#values.subarray(i * m, (i + 1) * m),
        this.#slopes.subarray(i * m * count, (i + 1) * m * count),
      )
    this.#theta = new Float64Array(m)
    this.#e = new Float64Array(n)
    this.#v = new Float64Array(n)
    this.#dv = new Float64Array(n * m)
  }

  /** Residuals and variances at these coefficients. */
  moveTo(theta: Float64Array): void {
    const m = this.#m
    const { x, covariance, difference, variance } = this.#stars
    const count = x.length / this.#n
    const gradient = new Float64Array(count)
    const image = new Float64Array(count)
    this.#theta = theta
    for (let i = 0; i < this.#n; i++) {
      let value = 0
      gradient.fill(0)
      gradient[0] = 1
      for (let t = 0; t < m; t++) {
        value += theta[t] * this.#values[i * m + t]
        for (let j = 0; j < count; j++) gradient[j] += theta[t] * this.#slopes[(i * m + t) * count + j]
      }
      let v = variance[i]
      for (let j = 0; j < count; j++) {
        image[j] = 0
        for (let k = 0; k < count; k++) image[j] += covariance[(i * count + j) * count + k] * gradient[k]
        v += gradient[j] * image[j]
      }
      for (let t = 0; t < m; t++) {
        let dv = 0
        for (let j = 0; j < count; j++) dv += image[j] * this.#slopes[(i * m + t) * count + j]
        this.#dv[i * m + t] = dv
      }
      this.#e[i] = difference[i] - value
      this.#v[i] = v
    }
  }

  /** One Gauss–Newton step on the scaled residuals; how far it went, in standard errors of the coefficients. */
  step(): number {
    const m = this.#m
    const { normal, gradient } = this.#normalEquations()
    const inverse = this.#invert(normal)
    const theta = this.#theta.slice()
    let moved = 0
    for (let a = 0; a < m; a++) {
      let delta = 0
      for (let b = 0; b < m; b++) delta += inverse[a * m + b] * gradient[b]
      theta[a] += delta
      moved = Math.max(moved, Math.abs(delta) / Math.sqrt(inverse[a * m + a]))
    }
    this.moveTo(theta)
    return moved
  }

  /** The s² for which residuals over √(V + s²) have unit scale (Huber's M-scale); 0 when the errors alone are large enough. */
  updateIntrinsic(): void {
    const target = SCALE_MEAN * (this.#n - this.#m)
    const tooSmall = (s2: number): boolean => {
      let sum = 0
      for (let i = 0; i < this.#n; i++) sum += Math.min(this.#e[i] ** 2 / (this.#v[i] + s2), SCALE_LIMIT ** 2)
      return sum > target
    }
    let low = 0
    let high = this.#e.reduce((sum, e) => sum + e * e, 0) / target
    // Without any error a tiny s² keeps the weights finite when two surveys agree to the last digit.
    const least = Math.max(1e-300, high * 1e-12)
    if (!tooSmall(least)) {
      this.intrinsic2 = this.#v.every((v) => v > 0) ? 0 : least
      return
    }
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2
      if (tooSmall(middle)) low = middle
      else high = middle
    }
    this.intrinsic2 = high
  }

  result(): TrendFit {
    const m = this.#m
    const { normal, scores, used } = this.#normalEquations()
    const inverse = this.#invert(normal)
    // Sandwich by star (White 1980; Liang & Zeger 1986): right also where the errors that went in are not.
    const byStar = new Map<number, Float64Array>()
    for (let i = 0; i < this.#n; i++) {
      const sum = byStar.get(this.#stars.star[i]) ?? new Float64Array(m)
      for (let a = 0; a < m; a++) sum[a] += scores[i * m + a]
      byStar.set(this.#stars.star[i], sum)
    }
    const meat = new Float64Array(m * m)
    for (const sum of byStar.values())
      for (let a = 0; a < m; a++) for (let b = 0; b < m; b++) meat[a * m + b] += sum[a] * sum[b]
    const product = multiply(multiply(inverse, meat, m), inverse, m)
    const factor = byStar.size / (byStar.size - m)
    return {
      theta: this.#theta,
      covariance: product.map((value) => value * factor),
      intrinsic: Math.sqrt(this.intrinsic2),
      used,
    }
  }

  #normalEquations(): { normal: Float64Array; gradient: Float64Array; scores: Float64Array; used: number } {
    const m = this.#m
    const normal = new Float64Array(m * m)
    const gradient = new Float64Array(m)
    const scores = new Float64Array(this.#n * m)
    const scaled = Float64Array.from(this.#e, (e, i) => e / Math.sqrt(this.#v[i] + this.intrinsic2))
    // On the way to the solution residuals can be far larger than their errors: all of them outliers, then none.
    const unit = Math.max(1, scaledMadInPlace(scaled.slice()))
    const row = new Float64Array(m)
    let used = 0
    for (let i = 0; i < this.#n; i++) {
      const t = scaled[i] / (TUKEY * unit)
      if (Math.abs(t) >= 1) continue
      const weight = (1 - t * t) ** 2
      const sigma = Math.sqrt(this.#v[i] + this.intrinsic2)
      used++
      for (let a = 0; a < m; a++)
        row[a] = this.#values[i * m + a] / sigma + (scaled[i] * this.#dv[i * m + a]) / (sigma * sigma)
      for (let a = 0; a < m; a++) {
        scores[i * m + a] = weight * scaled[i] * row[a]
        gradient[a] += scores[i * m + a]
        for (let b = 0; b < m; b++) normal[a * m + b] += weight * row[a] * row[b]
      }
    }
    return { normal, gradient, scores, used }
  }

  #invert(normal: Float64Array): Float64Array {
    const inverse = invertSymmetric(normal, this.#m)
    if (inverse === undefined)
      throw new AstrolabelError(
        'metrics/degenerate-trend',
        'The common stars do not tell the parts of the bias apart',
        {
          got: `${this.#n} stars, ${this.#m} coefficients`,
          remedy: 'Use a simpler trend or fewer labels: a label that hardly varies, or follows another, gives no trend',
        },
      )
    return inverse
  }
}

function multiply(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const out = new Float64Array(m * m)
  for (let i = 0; i < m; i++)
    for (let k = 0; k < m; k++) for (let j = 0; j < m; j++) out[i * m + j] += a[i * m + k] * b[k * m + j]
  return out
}
