import { gemmF64 } from '@astrolabel/kernels'
import type { Continuum, Spectra } from '@astrolabel/spectra'
import { pixelWavelengths } from '@astrolabel/spectra'
import { defaultWeighting } from './piecewise-polynomial.js'
import type { Piece } from './pieces.js'
import { cutPieces } from './pieces.js'
import type { WidthUnit } from './pixel-coordinate.js'
import { checkWidth, pixelCoordinate } from './pixel-coordinate.js'
import type { StepRunOptions } from './row-operation.js'
import { forRowBlocks, isGood, requireCommonGrid } from './row-operation.js'

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
/** Pixels whose sums are taken together, as one matrix product. */
const BLOCK = 64

/**
 * Continuum as the running mean of the flux with Gaussian weights, c_i = Σ_j F_j w_j g_ij / Σ_j w_j g_ij with
 * g_ij = exp(-(λ_i - λ_j)² / 2σ²) and w the ivar (Ho et al. 2017, section 3.1: σ = 50 Å for LAMOST). It runs through
 * the lines, not above them: good for models that learn from spectra divided alike. Cost n × nPix × 12 σ.
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
      const pieces = cutPieces(spectra.meta, wave, rule.splits)
      forRowBlocks(spectra.n, run, (from, to) => {
        for (const piece of pieces)
          for (let first = piece.start; first < piece.end; first += BLOCK)
            smoothBlock(
              spectra,
              rule,
              at,
              piece,
              { start: first, end: Math.min(piece.end, first + BLOCK) },
              from,
              to,
              out,
            )
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

/** The continuum of rows from … to-1 at the pixels of one block. */
function smoothBlock(
  { nPix, flux, ivar }: Spectra,
  { width, weighting }: GaussianRule,
  at: Float64Array,
  piece: Piece,
  block: Piece,
  from: number,
  to: number,
  out: Float32Array,
): void {
  let low = block.start
  while (low > piece.start && at[block.start]! - at[low - 1]! <= REACH * width) low--
  let high = block.end
  while (high < piece.end && at[high]! - at[block.end - 1]! <= REACH * width) high++
  const rows = to - from
  const reach = high - low
  const count = block.end - block.start
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
  for (let i = 0; i < count; i++)
    for (let j = 0; j < reach; j++) {
      const distance = (at[low + j]! - at[block.start + i]!) / width
      if (Math.abs(distance) <= REACH) kernel[i * reach + j] = Math.exp(-0.5 * distance * distance)
    }
  const smooth = new Float64Array(2 * rows * count)
  gemmF64(2 * rows, count, reach, sums, kernel, smooth, { transB: true })
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < count; i++) {
      const weight = smooth[(rows + row) * count + i]!
      out[(from + row) * nPix + block.start + i] = weight > 0 ? smooth[row * count + i]! / weight : 0
    }
}
