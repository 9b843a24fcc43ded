import { gemmF32 } from '@astrolabel/kernels'
import type { Column, LabelInfo } from '@astrolabel/spectra'
import type { LabelScale } from './label-scale.js'
import { labelSlope } from './label-scale.js'
import type { PolynomialTerms } from './polynomial-terms.js'
import { evaluateTerms } from './polynomial-terms.js'
import type { PreparedModel } from './quadratic-forms.js'

/** Stars that share one matrix product. */
const BATCH = 128
/** Smaller products of coefficients are 0: they add nothing, and denormal numbers would slow the kernel. */
const LEAST_PRODUCT = 1e-30

/** Fits whose errors are taken apart. */
export interface FittedStars {
  readonly n: number
  /** (n × P), 0 = bad. */
  readonly ivar: Float32Array
  readonly noise: 'measured' | 'unknown'
  /** (n × L) scaled labels, NaN for a star without a fit. */
  readonly params: Float64Array
  /** (n × L × L) covariances C of the fits. */
  readonly covariance: Float64Array
}

/**
 * How much of the variances of fitted labels comes from the intrinsic scatter of the pixels, not from their noise.
 *
 * The weighted fit turns flux errors δ into label errors C Jᵀ W δ, so that C = C Jᵀ W (Σ + S) W J C falls into the noise
 * Σ = 1/ivar and the scatter S = s² exactly; this is the diagonal of the part of S. Its quadratic form Jᵀ W S W J is
 * summed in single precision: a part of an error needs no more than six digits.
 *
 * @returns (n × L) in scaled labels, NaN for a star without a fit. Cost: half of what the fits' own forms take.
 */
export function scatterVariances(model: PreparedModel, terms: PolynomialTerms, stars: FittedStars): Float64Array {
  const { nPix, nTerms, products, scatter2, usable } = model
  const { n, ivar, noise, params, covariance } = stars
  const nLabels = terms.nLabels
  const size = nTerms - 1
  const packedSize = (size * (size + 1)) / 2
  const single = Float32Array.from(products, (value) => (Math.abs(value) < LEAST_PRODUCT ? 0 : value))
  const weights = new Float32Array(Math.min(BATCH, n) * nPix)
  const packed = new Float32Array(Math.min(BATCH, n) * packedSize)
  const ownVariance = noise === 'measured' ? 1 : 0
  const out = new Float64Array(n * nLabels)
  const projection = new Projection(terms)
  for (let start = 0; start < n; start += BATCH) {
    const count = Math.min(BATCH, n - start)
    for (let i = 0; i < count; i++) {
      const source = (start + i) * nPix
      const row = i * nPix
      for (let p = 0; p < nPix; p++) {
        const v = ivar[source + p]
        const s2 = scatter2[p]
        const w = v > 0 && usable[p] !== 0 ? v / (ownVariance + v * s2) : 0
        weights[row + p] = w > 0 && w < Infinity ? w * w * s2 : 0
      }
    }
    gemmF32(count, packedSize, nPix, weights.subarray(0, count * nPix), single, packed.subarray(0, count * packedSize))
    for (let i = 0; i < count; i++) {
      const star = start + i
      projection.variances(
        packed.subarray(i * packedSize, (i + 1) * packedSize),
        params.subarray(star * nLabels, (star + 1) * nLabels),
        covariance.subarray(star * nLabels ** 2, (star + 1) * nLabels ** 2),
        out.subarray(star * nLabels, (star + 1) * nLabels),
      )
    }
  }
  return out
}

/** From a quadratic form of the terms to variances of the labels, with room of its own for all stars. */
class Projection {
  readonly #terms: PolynomialTerms
  readonly #values: Float64Array
  /** (size × L) derivatives of the terms without the constant. */
  readonly #derivatives: Float64Array
  readonly #image: Float64Array

  constructor(terms: PolynomialTerms) {
    const { nLabels } = terms
    this.#terms = terms
    this.#values = new Float64Array(terms.terms.length)
    this.#derivatives = new Float64Array((terms.terms.length - 1) * nLabels)
    this.#image = new Float64Array((terms.terms.length - 1) * nLabels)
  }

  /** diag(C Dᵀ M D C) into `out`, (L). */
  variances(packed: Float32Array, params: Float64Array, covariance: Float64Array, out: Float64Array): void {
    const { nLabels, slopes } = this.#terms
    const { term, label, factor, source } = slopes
    const derivatives = this.#derivatives
    const image = this.#image
    const size = derivatives.length / nLabels
    evaluateTerms(this.#terms, params, this.#values)
    derivatives.fill(0)
    // D C: how each term answers to an error of the fit.
    for (let k = 0; k < term.length; k++) {
      const slope = factor[k] * this.#values[source[k]]
      for (let l = 0; l < nLabels; l++)
        derivatives[(term[k] - 1) * nLabels + l] += slope * covariance[label[k] * nLabels + l]
    }
    image.fill(0)
    for (let a = 0, at = 0; a < size; a++)
      for (let b = a; b < size; b++, at++)
        for (let l = 0; l < nLabels; l++) {
          image[a * nLabels + l] += packed[at] * derivatives[b * nLabels + l]
          if (b > a) image[b * nLabels + l] += packed[at] * derivatives[a * nLabels + l]
        }
    out.fill(0)
    for (let a = 0; a < size; a++)
      for (let l = 0; l < nLabels; l++) out[l] += derivatives[a * nLabels + l] * image[a * nLabels + l]
  }
}

/** What the parts of errors depend on besides the fit. */
export interface ErrorScale {
  readonly labels: readonly LabelInfo[]
  readonly scales: readonly LabelScale[]
  readonly noise: 'measured' | 'unknown'
  /** (L) standard deviation in scaled labels. */
  readonly floor: Float64Array
}

/**
 * The parts of the errors as columns in the labels' units, `<label>_err_formal`, `_err_scatter` and `_err_floor`, whose
 * squares sum to the square of the error; missing where the error is. Without errors of the pixels noise and scatter
 * cannot be told apart: `scatter` has both, and `formal` is missing.
 *
 * @param result Labels and their errors in the labels' units, (n × L).
 * @param fitted (n × L × L) covariances of the scaled labels. @param scatter2 (n × L) from {@link scatterVariances}.
 */
export function errorParts(
  { labels, scales, noise, floor }: ErrorScale,
  { values, errors }: { readonly values: Float64Array; readonly errors: Float64Array },
  fitted: Float64Array,
  scatter2: Float64Array,
): Column[] {
  const nLabels = labels.length
  const n = errors.length / nLabels
  return labels.flatMap(({ name, unit }, l) => {
    const [formal, scatter, cross] = [0, 1, 2].map(() => new Float64Array(n).fill(Number.NaN))
    for (let i = 0; i < n; i++) {
      const at = i * nLabels + l
      // A label at its bound has no error, and so no parts of one.
      if (Number.isNaN(errors[at])) continue
      const slope = Math.abs(labelSlope(scales[l], values[at]))
      const variance = fitted[at * nLabels + l]
      const own = noise === 'measured' ? Math.min(scatter2[at], variance) : variance
      if (noise === 'measured') formal[i] = slope * Math.sqrt(variance - own)
      scatter[i] = slope * Math.sqrt(own)
      cross[i] = slope * floor[l]
    }
    return [
      { name: `${name}_err_formal`, values: formal, unit },
      { name: `${name}_err_scatter`, values: scatter, unit },
      { name: `${name}_err_floor`, values: cross, unit },
    ]
  })
}
