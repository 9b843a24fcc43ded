import { gemmF32 } from '@astrolabel/kernels'
import type { Column, LabelInfo } from '@astrolabel/spectra'
import type { LabelScale } from './label-scale.js'
import { labelSlope } from './label-scale.js'
import type { PolynomialTerms } from './polynomial-terms.js'
import { differentiateTerms } from './polynomial-terms.js'
import type { PreparedModel } from './quadratic-forms.js'

/** Stars that share one matrix product, and pixels of one: their product stays in the cache. */
const BATCH = 64
const PIXELS = 512

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
 * The weighted fit turns flux errors δ into label errors G W δ with G = C Jᵀ, so that C = G W (Σ + S) W Gᵀ falls into
 * the noise Σ = 1/ivar and the scatter S = s² exactly; this is the diagonal of the part of S, Σ_p (w s G)². J is the
 * derivative of the terms times the coefficients, in single precision: a part of an error needs no more than six digits.
 *
 * @returns (n × L) in scaled labels, NaN for a star without a fit. Cost: n P T L.
 */
export function scatterVariances(model: PreparedModel, terms: PolynomialTerms, stars: FittedStars): Float64Array {
  const { nPix, nTerms, theta, scatter2, usable } = model
  const { n, ivar, noise, params, covariance } = stars
  const nLabels = terms.nLabels
  const size = nTerms - 1
  const batch = Math.min(BATCH, n)
  const ownVariance = noise === 'measured' ? 1 : 0
  const answers = new Float32Array(n * nLabels * size)
  const derivatives = new Float64Array(nTerms * nLabels)
  for (let star = 0; star < n; star++) {
    const own = covariance.subarray(star * nLabels ** 2, (star + 1) * nLabels ** 2)
    differentiateTerms(terms, params.subarray(star * nLabels, (star + 1) * nLabels), derivatives)
    for (let l = 0; l < nLabels; l++)
      for (let t = 0; t < size; t++) {
        let sum = 0
        for (let m = 0; m < nLabels; m++) sum += own[l * nLabels + m] * derivatives[(t + 1) * nLabels + m]
        answers[(star * nLabels + l) * size + t] = sum
      }
  }
  const out = new Float64Array(n * nLabels)
  const columns = new Float32Array(size * PIXELS)
  const product = new Float32Array(batch * nLabels * PIXELS)
  const weights = new Float32Array(PIXELS)
  for (let first = 0; first < nPix; first += PIXELS) {
    const width = Math.min(PIXELS, nPix - first)
    for (let t = 0; t < size; t++)
      for (let p = 0; p < width; p++) columns[t * width + p] = theta[(first + p) * nTerms + t + 1]
    const block = columns.subarray(0, size * width)
    for (let start = 0; start < n; start += BATCH) {
      const count = Math.min(BATCH, n - start)
      const rows = count * nLabels
      const left = answers.subarray(start * nLabels * size, (start * nLabels + rows) * size)
      gemmF32(rows, width, size, left, block, product.subarray(0, rows * width))
      for (let i = 0; i < count; i++) {
        const source = (start + i) * nPix + first
        for (let p = 0; p < width; p++) {
          const v = ivar[source + p]
          const s2 = scatter2[first + p]
          const w = v > 0 && usable[first + p] !== 0 ? v / (ownVariance + v * s2) : 0
          weights[p] = w > 0 && w < Infinity ? w * w * s2 : 0
        }
        for (let l = 0; l < nLabels; l++) {
          const row = (i * nLabels + l) * width
          let sum = 0
          for (let p = 0; p < width; p++) sum += weights[p] * product[row + p] * product[row + p]
          out[(start + i) * nLabels + l] += sum
        }
      }
    }
  }
  return out
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
