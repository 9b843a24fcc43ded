import { choleskySolvePacked, gemmF64 } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { PolynomialTerms, TermProducts } from './polynomial-terms.js'
import { evaluateTerms, termProducts } from './polynomial-terms.js'
import { scatterByLikelihood, scatterByMoments } from './scatter.js'

/** How the intrinsic scatter of each pixel is found. */
export type ScatterMethod = 'likelihood' | 'moments'

/** What is fitted: n stars, P pixels, L labels. */
export interface TrainingMatrices {
  readonly n: number
  readonly nPix: number
  readonly terms: PolynomialTerms
  /** Scaled labels, (n × L). */
  readonly scaled: Float64Array
  /** (n × P) */
  readonly flux: Float32Array
  /** (n × P); 0 = bad. */
  readonly ivar: Float32Array
  readonly noise: 'measured' | 'unknown'
}

/** Coefficients of all pixels. */
export interface Coefficients {
  /** (P × T) */
  readonly theta: Float64Array
  /** (P) intrinsic variance. */
  readonly scatter2: Float64Array
  /** (P) 1 where enough stars have the pixel for it to be modelled. */
  readonly usable: Uint8Array
  readonly iterations: number
  readonly converged: boolean
}

/** Pixels done at a time: few enough for the weights of some thousand stars to stay near the processor. */
const BLOCK = 256
/** √(scatter) is settled when no pixel moves by more than this part of its total error. */
const SCATTER_TOLERANCE = 1e-3

/** The design matrix and its products, the same for every pixel. */
interface Design {
  readonly nTerms: number
  /** (n × T) */
  readonly terms: Float64Array
  /** (n × M) distinct products of two terms. */
  readonly monomials: Float64Array
  readonly products: TermProducts
}

/**
 * Coefficients θ and intrinsic scatter s of every pixel: weighted least squares with w = 1 / (1/ivar + s²), s² chosen
 * by restricted maximum likelihood (Ness et al. 2015, eq. 3–4), both repeated until they agree.
 *
 * The normal equations of a block of pixels are one matrix product, [pixels × stars] weights times [stars × monomials],
 * and one small Cholesky a pixel. With noise `unknown` all good pixels weigh the same and s² is their residual variance.
 *
 * A pixel with fewer good stars than terms plus two is not usable: θ = 0, weight 0 for good.
 * Cost: n P M a round for M distinct products of terms, two to six rounds (`moments`: one).
 */
export function fitCoefficients(data: TrainingMatrices, method: ScatterMethod, options: RunOptions & { maxIterations?: number } = {}): Coefficients {
  const { nPix } = data
  const design = makeDesign(data)
  const { nTerms } = design
  const result = { theta: new Float64Array(nPix * nTerms), scatter2: new Float64Array(nPix), usable: new Uint8Array(nPix) }
  let iterations = 0
  let converged = true
  for (let start = 0; start < nPix; start += BLOCK) {
    throwIfAborted(options)
    const block = fitBlock(data, design, start, Math.min(nPix, start + BLOCK), method, options.maxIterations ?? 20)
    result.theta.set(block.theta, start * nTerms)
    result.scatter2.set(block.scatter2, start)
    result.usable.set(block.usable, start)
    iterations = Math.max(iterations, block.iterations)
    converged &&= block.converged
    options.onProgress?.(Math.min(nPix, start + BLOCK), nPix)
  }
  return { ...result, iterations, converged }
}

function makeDesign({ n, terms, scaled }: TrainingMatrices): Design {
  const nTerms = terms.terms.length
  const products = termProducts(terms)
  const all = { ...terms, terms: products.monomials }
  const nMonomials = products.monomials.length
  const design = new Float64Array(n * nTerms)
  const monomials = new Float64Array(n * nMonomials)
  for (let i = 0; i < n; i++) {
    const x = scaled.subarray(i * terms.nLabels, (i + 1) * terms.nLabels)
    evaluateTerms(terms, x, design.subarray(i * nTerms, (i + 1) * nTerms))
    evaluateTerms(all, x, monomials.subarray(i * nMonomials, (i + 1) * nMonomials))
  }
  return { nTerms, terms: design, monomials, products }
}

function fitBlock(data: TrainingMatrices, design: Design, start: number, end: number, method: ScatterMethod, maxIterations: number): Coefficients {
  const { n } = data
  const { nTerms, products } = design
  const width = end - start
  const nMonomials = products.monomials.length
  const weights = new Float64Array(n * width)
  const weighted = new Float64Array(n * width)
  const sums = new Float64Array(width * nMonomials)
  const normal = new Float64Array(width * products.monomialOf.length)
  const rhs = new Float64Array(width * nTerms)
  const theta = new Float64Array(width * nTerms)
  const model = new Float64Array(n * width)
  const scatter2 = new Float64Array(width)
  let usable: Uint8Array | undefined
  let converged = false
  let iterations = 0
  while (!converged && iterations < maxIterations) {
    iterations++
    weigh(data, start, scatter2, weights, weighted)
    usable ??= Uint8Array.from(countGood(weights, n, width), (good) => (good >= nTerms + 2 ? 1 : 0))
    gemmF64(width, nMonomials, n, weights, design.monomials, sums, { transA: true })
    gemmF64(width, nTerms, n, weighted, design.terms, rhs, { transA: true })
    expand(sums, products.monomialOf, nMonomials, normal)
    const status = choleskySolvePacked(width, nTerms, normal, rhs, theta)
    for (let j = 0; j < width; j++) {
      if (usable[j] === 1 && status[j] === 0) continue
      usable[j] = 0
      theta.fill(0, j * nTerms, (j + 1) * nTerms)
    }
    gemmF64(n, width, nTerms, design.terms, theta, model, { transB: true })
    if (method === 'moments') {
      scatterByMoments(data, model, start, usable, scatter2)
      converged = true
    } else converged = scatterByLikelihood(data, nTerms, model, start, usable, scatter2) <= SCATTER_TOLERANCE || data.noise === 'unknown'
  }
  return { theta, scatter2, usable: usable ?? new Uint8Array(width), iterations, converged }
}

/** Weights and weighted flux of a block, (n × width). Bad pixels weigh 0 by themselves, as their ivar is 0. */
function weigh({ n, nPix, flux, ivar, noise }: TrainingMatrices, start: number, scatter2: Float64Array, weights: Float64Array, weighted: Float64Array): void {
  const width = scatter2.length
  for (let i = 0, at = 0; i < n; i++) {
    const source = i * nPix + start
    if (noise === 'unknown') for (let j = 0; j < width; j++) weights[at + j] = ivar[source + j] > 0 ? 1 : 0
    else for (let j = 0; j < width; j++) weights[at + j] = ivar[source + j] / (1 + ivar[source + j] * scatter2[j])
    for (let j = 0; j < width; j++) weighted[at + j] = weights[at + j] * flux[source + j]
    at += width
  }
}

/** Packed normal equations of each pixel from its sums over monomials. */
function expand(sums: Float64Array, monomialOf: Int32Array, nMonomials: number, normal: Float64Array): void {
  for (let base = 0, at = 0; base < sums.length; base += nMonomials) {
    for (let k = 0; k < monomialOf.length; k++) normal[at++] = sums[base + monomialOf[k]]
  }
}

/** Stars with a good pixel, for each pixel of a block. */
function countGood(weights: Float64Array, n: number, width: number): Uint32Array {
  const good = new Uint32Array(width)
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < width; j++, at++) good[j] += weights[at] > 0 ? 1 : 0
  return good
}
