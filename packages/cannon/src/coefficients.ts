import { choleskySolvePacked, gemmF32F64, gemmF64 } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { PolynomialTerms } from './polynomial-terms.js'
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
/** Variance of normalised flux below the rounding of single precision. */
const CONSTANT_PIXEL = 1e-14
/** √(scatter) is settled when no pixel moves by more than this part of its total error. */
const SCATTER_TOLERANCE = 1e-3

/** The design matrix and its products, the same for every pixel. */
interface Design {
  readonly nTerms: number
  /** (n × T) */
  readonly terms: Float64Array
  readonly nMonomials: number
  /** (n × M) distinct products of two terms. */
  readonly monomials: Float64Array
  /** Monomial of each element of a packed normal matrix. */
  readonly monomialOf: Int32Array
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
export function fitCoefficients(
  data: TrainingMatrices,
  method: ScatterMethod,
  options: RunOptions & { maxIterations?: number } = {},
): Coefficients {
  const { nPix } = data
  const design = makeDesign(data)
  const { nTerms } = design
  const workspace = makeWorkspace(data.n, Math.min(BLOCK, nPix), design)
  const result = {
    theta: new Float64Array(nPix * nTerms),
    scatter2: new Float64Array(nPix),
    usable: new Uint8Array(nPix),
  }
  let iterations = 0
  let converged = true
  for (let start = 0; start < nPix; start += BLOCK) {
    throwIfAborted(options)
    const end = Math.min(nPix, start + BLOCK)
    const block: Block = {
      start,
      theta: result.theta.subarray(start * nTerms, end * nTerms),
      scatter2: result.scatter2.subarray(start, end),
      usable: result.usable.subarray(start, end),
    }
    const rounds = fitBlock(data, design, block, workspace, method, options.maxIterations ?? 20)
    iterations = Math.max(iterations, rounds.iterations)
    converged &&= rounds.converged
    options.onProgress?.(end, nPix)
  }
  return { ...result, iterations, converged }
}

function makeDesign({ n, terms, scaled }: TrainingMatrices): Design {
  const products = termProducts(terms)
  const nTerms = terms.terms.length
  const nMonomials = products.monomials.terms.length
  const design = new Float64Array(n * nTerms)
  const monomials = new Float64Array(n * nMonomials)
  for (let i = 0; i < n; i++) {
    const x = scaled.subarray(i * terms.nLabels, (i + 1) * terms.nLabels)
    evaluateTerms(terms, x, design.subarray(i * nTerms, (i + 1) * nTerms))
    evaluateTerms(products.monomials, x, monomials.subarray(i * nMonomials, (i + 1) * nMonomials))
  }
  return { nTerms, terms: design, nMonomials, monomials, monomialOf: products.monomialOf }
}

/** The part of the result that belongs to pixels `start` … of one block. */
interface Block extends Pick<Coefficients, 'theta' | 'scatter2' | 'usable'> {
  readonly start: number
}

/** What a block of pixels writes while it is fitted: one for all blocks, as fresh memory costs as much as the sums. */
interface Workspace {
  /** (n × width) */
  readonly weights: Float32Array
  /** (n × width) weight times flux, then the model flux. */
  readonly image: Float64Array
  /** (width × M) */
  readonly sums: Float64Array
  /** (width × T(T+1)/2) */
  readonly normal: Float64Array
  /** (width × T) */
  readonly rhs: Float64Array
}

function makeWorkspace(n: number, width: number, { nTerms, nMonomials, monomialOf }: Design): Workspace {
  return {
    weights: new Float32Array(n * width),
    image: new Float64Array(n * width),
    sums: new Float64Array(width * nMonomials),
    normal: new Float64Array(width * monomialOf.length),
    rhs: new Float64Array(width * nTerms),
  }
}

function fitBlock(
  data: TrainingMatrices,
  design: Design,
  block: Block,
  workspace: Workspace,
  method: ScatterMethod,
  maxIterations: number,
): Pick<Coefficients, 'iterations' | 'converged'> {
  const { n } = data
  const { nTerms, nMonomials, monomialOf } = design
  const { start, theta, scatter2, usable } = block
  const width = scatter2.length
  const weights = workspace.weights.subarray(0, n * width)
  const image = workspace.image.subarray(0, n * width)
  const sums = workspace.sums.subarray(0, width * nMonomials)
  const normal = workspace.normal.subarray(0, width * monomialOf.length)
  const rhs = workspace.rhs.subarray(0, width * nTerms)
  let converged = false
  let iterations = 0
  while (!converged && iterations < maxIterations) {
    weigh(data, start, scatter2, weights, image)
    if (iterations++ === 0) markUsable(weights, nTerms, usable)
    gemmF32F64(width, nMonomials, n, weights, design.monomials, sums, { transA: true })
    gemmF64(width, nTerms, n, image, design.terms, rhs, { transA: true })
    expand(sums, monomialOf, nMonomials, normal)
    const status = choleskySolvePacked(width, nTerms, normal, rhs, theta)
    for (let j = 0; j < width; j++) {
      if (usable[j] === 1 && status[j] === 0) continue
      usable[j] = 0
      theta.fill(0, j * nTerms, (j + 1) * nTerms)
    }
    gemmF64(n, width, nTerms, design.terms, theta, image, { transB: true })
    if (method === 'moments') {
      scatterByMoments(data, image, start, usable, scatter2)
      converged = true
    } else
      converged =
        scatterByLikelihood(data, nTerms, image, start, usable, scatter2) <= SCATTER_TOLERANCE ||
        data.noise === 'unknown'
  }
  // Without errors of its own, a pixel that never varies would weigh infinitely much and say nothing.
  if (data.noise === 'unknown') for (let j = 0; j < width; j++) if (!(scatter2[j] > CONSTANT_PIXEL)) usable[j] = 0
  return { iterations, converged }
}

/**
 * Weights and weighted flux of a block, (n × width). Weights are rounded to single precision before the flux is weighted
 * with them, so that the normal equations are exact for those weights.
 */
function weigh(
  { n, nPix, flux, ivar, noise }: TrainingMatrices,
  start: number,
  scatter2: Float64Array,
  weights: Float32Array,
  weighted: Float64Array,
): void {
  const width = scatter2.length
  const equal = noise === 'unknown'
  for (let i = 0; i < n; i++) {
    const row = i * width
    const source = i * nPix + start
    for (let j = 0; j < width; j++) {
      const v = ivar[source + j]
      const w = v > 0 ? Math.fround(equal ? 1 : v / (1 + v * scatter2[j])) : 0
      weights[row + j] = w
      weighted[row + j] = w > 0 ? w * flux[source + j] : 0
    }
  }
}

/** Whether enough stars have each pixel of a block for it to be modelled. */
function markUsable(weights: Float32Array, nTerms: number, usable: Uint8Array): void {
  const width = usable.length
  const needed = nTerms + 2
  const good = new Uint32Array(width)
  let short = width
  // Most pixels have enough good stars after a few rows.
  for (let row = 0; row < weights.length && short > 0; row += width) {
    for (let j = 0; j < width; j++) if (weights[row + j] > 0 && ++good[j] === needed) short--
  }
  for (let j = 0; j < width; j++) usable[j] = good[j] >= needed ? 1 : 0
}

/** Packed normal equations of each pixel from its sums over monomials. */
function expand(sums: Float64Array, monomialOf: Int32Array, nMonomials: number, normal: Float64Array): void {
  for (let base = 0, at = 0; base < sums.length; base += nMonomials) {
    for (let k = 0; k < monomialOf.length; k++) normal[at++] = sums[base + monomialOf[k]]
  }
}
