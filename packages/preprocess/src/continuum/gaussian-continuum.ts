import { gemmF64 } from '@astrolabel/kernels'
import type { Continuum, Spectra } from '@astrolabel/spectra'
import { pixelWavelengths } from '@astrolabel/spectra'
import { defaultWeighting } from './piecewise-polynomial.js'
import type { Piece } from '../pixels/pieces.js'
import { cutPieces } from '../pixels/pieces.js'
import type { WidthUnit } from './width-unit.js'
import { checkWidth, pixelCoordinate } from './width-unit.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks, isGood, requireCommonGrid } from '../pixels/row-operation.js'

/** Options of {@link gaussianContinuum}. */
export interface GaussianOptions {
  /** σ of the Gaussian, in `unit`; default 50. */
  readonly width?: number
  /** Default angstrom. */
  readonly unit?: WidthUnit
  /** Å at which arms are split; default none. Arm boundaries and gaps in the wavelengths always split. */
  readonly splits?: readonly number[]
  /** Weight pixels by ivar or all good ones alike. Default: ivar where the noise was measured. */
  readonly weighting?: 'ivar' | 'uniform'
}

type GaussianRule = Required<GaussianOptions>

/** Pixels further than this many σ count nothing: together they would weigh 2e-9. */
const REACH = 6
/** The mean is taken at nodes this part of σ apart, and between them by cubics, right to 1e-6 of how much it changes. */
const NODE_STEP = 1 / 20
/** Nodes whose sums are taken together, as one matrix product. */
const BLOCK = 32

/**
 * Continuum as the running mean of the flux with Gaussian weights, c_i = Σ_j F_j w_j g_ij / Σ_j w_j g_ij with
 * g_ij = exp(-(λ_i - λ_j)² / 2σ²) and w the ivar (Ho et al. 2017, section 3.1: σ = 50 Å for LAMOST). It runs through
 * the lines, not above them: good for models that learn from spectra divided alike. Cost n × nPix × 250.
 *
 * The continuum is 0 where no good pixel lies within 6 σ.
 *
 * @throws `preprocess/option` for options out of range.
 */
export function gaussianContinuum(options: GaussianOptions = {}): Continuum {
  checkWidth('width', resolve(options, 'uniform').width)
  return {
    kind: 'gaussian',
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      requireCommonGrid(spectra, 'continuum')
      const rule = resolveGaussian(options, spectra)
      const wave = pixelWavelengths(spectra.meta)
      const at = pixelCoordinate(wave, rule.unit)
      const out = new Float32Array(spectra.n * spectra.nPix)
      const pieces = cutPieces(spectra.meta, wave, rule.splits).map((piece) => ({
        piece,
        nodes: placeNodes(at, piece, rule.width),
      }))
      forRowBlocks(spectra.n, run, (from, to) => {
        for (const { piece, nodes } of pieces) {
          const means = new Float64Array((to - from) * nodes.length)
          for (let first = 0; first < nodes.length; first += BLOCK)
            meansAt(spectra, rule, at, piece, nodes, first, from, to, means)
          interpolate(at, piece, nodes, means, spectra.nPix, from, to, out)
        }
      })
      return out
    },
  }
}

/** The options with their defaults filled in. */
export function resolveGaussian(options: GaussianOptions, spectra: Spectra): GaussianRule {
  return resolve(options, defaultWeighting(spectra))
}

function resolve(options: GaussianOptions, weighting: 'ivar' | 'uniform'): GaussianRule {
  return {
    width: options.width ?? 50,
    unit: options.unit ?? 'angstrom',
    splits: options.splits ?? [],
    weighting: options.weighting ?? weighting,
  }
}

/** Pixels of a piece at which the mean is taken: its ends, and others in steps; all where steps are less than a pixel. */
function placeNodes(at: Float64Array, { start, end }: Piece, width: number): Int32Array {
  const nodes = [start]
  let last = start
  for (let i = start + 1; i < end; i++) {
    if (i + 1 < end && at[i + 1]! - at[last]! <= NODE_STEP * width) continue
    nodes.push(i)
    last = i
  }
  return nodes.length < 4 ? Int32Array.from({ length: end - start }, (_, i) => start + i) : Int32Array.from(nodes)
}

/** Means of rows from … to-1 at nodes first … first + BLOCK - 1, into `means` (rows × nodes); 0 where there is none. */
function meansAt(
  { nPix, flux, ivar }: Spectra,
  { width, weighting }: GaussianRule,
  at: Float64Array,
  piece: Piece,
  nodes: Int32Array,
  first: number,
  from: number,
  to: number,
  means: Float64Array,
): void {
  const count = Math.min(BLOCK, nodes.length - first)
  let low = nodes[first]!
  while (low > piece.start && at[nodes[first]!]! - at[low - 1]! <= REACH * width) low--
  const lastNode = nodes[first + count - 1]!
  let high = lastNode + 1
  while (high < piece.end && at[high]! - at[lastNode]! <= REACH * width) high++
  const rows = to - from
  const reach = high - low
  // Rows of weighted flux, then rows of weights.
  const sums = new Float64Array(2 * rows * reach)
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < reach; j++) {
      const i = (from + row) * nPix + low + j
      if (!isGood(flux[i]!, ivar[i]!)) continue
      const weight = weighting === 'ivar' ? ivar[i]! : 1
      sums[row * reach + j] = weight * flux[i]!
      sums[(rows + row) * reach + j] = weight
    }
  }
  const kernel = new Float64Array(count * reach)
  for (let k = 0; k < count; k++)
    for (let j = 0; j < reach; j++) {
      const distance = (at[low + j]! - at[nodes[first + k]!]!) / width
      if (Math.abs(distance) <= REACH) kernel[k * reach + j] = Math.exp(-0.5 * distance * distance)
    }
  const smooth = new Float64Array(2 * rows * count)
  gemmF64(2 * rows, count, reach, sums, kernel, smooth, { transB: true })
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < count; k++) {
      const weight = smooth[(rows + row) * count + k]!
      means[row * nodes.length + first + k] = weight > 0 ? smooth[row * count + k]! / weight : 0
    }
}

/** From the nodes to all pixels of the piece, by the cubic through the two nodes on either side. */
function interpolate(
  at: Float64Array,
  { start, end }: Piece,
  nodes: Int32Array,
  means: Float64Array,
  nPix: number,
  from: number,
  to: number,
  out: Float32Array,
): void {
  const lagrange = new Float64Array(4)
  for (let i = start, left = 0; i < end; i++) {
    while (left + 1 < nodes.length && nodes[left + 1]! <= i) left++
    const first = Math.min(Math.max(left - 1, 0), nodes.length - 4)
    if (nodes[left] !== i) {
      for (let a = 0; a < 4; a++) {
        lagrange[a] = 1
        for (let b = 0; b < 4; b++)
          if (a !== b)
            lagrange[a]! *= (at[i]! - at[nodes[first + b]!]!) / (at[nodes[first + a]!]! - at[nodes[first + b]!]!)
      }
    }
    for (let row = from; row < to; row++) {
      const base = (row - from) * nodes.length
      let value = means[base + left]!
      if (nodes[left] !== i) {
        const m0 = means[base + first]!
        const m1 = means[base + first + 1]!
        const m2 = means[base + first + 2]!
        const m3 = means[base + first + 3]!
        // Beside a node without any good pixel in reach the nearest one stands.
        if (m0 !== 0 && m1 !== 0 && m2 !== 0 && m3 !== 0)
          value = lagrange[0]! * m0 + lagrange[1]! * m1 + lagrange[2]! * m2 + lagrange[3]! * m3
      }
      out[row * nPix + i] = value
    }
  }
}
