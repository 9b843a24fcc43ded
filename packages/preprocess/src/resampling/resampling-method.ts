import { resampleRows } from '@astrolabel/kernels'
import { AstrolabelError } from '@astrolabel/spectra'
import { lanczosWeights } from './lanczos-weights.js'
import { linearWeights } from './linear-weights.js'
import { copyLatticeRow, latticeOffset } from './lattice.js'
import { overlapWeights } from './overlap-weights.js'
import type { PixelWeights } from './pixel-weights.js'
import { applyWeights, neighbourCorrelation } from './pixel-weights.js'

/** How pixels of one grid are made of those of another. */
export interface ResamplingMethod {
  /**
   * `linear` (default) as numpy.interp; `flux-conserving` the mean over the pixel, for flux per Å of which the integral
   * is to stay; `sinc` a Lanczos window, for spectra that are well sampled and must keep their resolution.
   */
  readonly kind?: 'linear' | 'flux-conserving' | 'sinc'
  /** Lobes of `sinc` on each side; default 3. */
  readonly lobes?: number
  /**
   * Largest part of a pixel's weight that may have come from bad pixels, whose neighbours stand in; beyond it ivar is 0.
   * Default 0 for `flux-conserving`, 0.2 for `sinc` (a pixel more than one away from a bad one stays good).
   */
  readonly maxBad?: number
}

/** Resample rows that share their wavelengths: the contract of `resampleRows` of the kernels. */
export type RowResampler = typeof resampleRows

const DEFAULT_LOBES = 3

/** The method with its defaults filled in, as it is kept in the history; nothing for `linear`. @throws `preprocess/option`. */
export function resolveMethod({ kind = 'linear', lobes, maxBad }: ResamplingMethod): ResamplingMethod {
  if (lobes !== undefined && (kind !== 'sinc' || !Number.isInteger(lobes) || lobes < 2 || lobes > 32))
    throw optionError(
      'lobes',
      kind === 'sinc' ? lobes : `lobes with kind ${kind}`,
      'a whole number from 2 to 32, of sinc',
    )
  if (maxBad !== undefined && (kind === 'linear' || !(maxBad >= 0 && maxBad <= 1)))
    throw optionError(
      'maxBad',
      kind === 'linear' ? 'maxBad with kind linear' : maxBad,
      '0 to 1, of flux-conserving or sinc',
    )
  if (kind === 'linear') return {}
  if (kind === 'flux-conserving') return { kind, maxBad: maxBad ?? 0 }
  return { kind, lobes: lobes ?? DEFAULT_LOBES, maxBad: maxBad ?? 0.2 }
}

function optionError(name: string, got: unknown, expected: string): AstrolabelError {
  return new AstrolabelError('preprocess/option', `The option ${name} of a resampling does not fit`, { got, expected })
}

/**
 * The resampler of a method. Rows that are not shifted (factor 1) and go to a grid on their own lattice are copied
 * whatever the method.
 */
export function rowResampler(method: ResamplingMethod): RowResampler {
  const { kind = 'linear', maxBad = 0 } = resolveMethod(method)
  let known: { wave: Float64Array; waveOut: Float64Array; factor: number; weights: PixelWeights } | undefined
  // Rows of one grid come in many calls, each with views of the same wavelengths.
  const weightsFor = (wave: Float64Array, waveOut: Float64Array, factor: number): PixelWeights => {
    if (known?.factor !== factor || !sameView(known.wave, wave) || !sameView(known.waveOut, waveOut))
      known = { wave, waveOut, factor, weights: pixelWeights(method, wave, waveOut, factor) }
    return known.weights
  }
  return (rows, wave, flux, ivar, factors, waveOut, fluxOut, ivarOut) => {
    const nIn = wave.length
    const nOut = waveOut.length
    const offset = factors.every((factor) => factor === 1) ? latticeOffset(wave, waveOut) : undefined
    if (offset !== undefined) {
      for (let row = 0; row < rows; row++) {
        copyLatticeRow(flux, row * nIn, nIn, fluxOut, row * nOut, nOut, offset)
        copyLatticeRow(ivar, row * nIn, nIn, ivarOut, row * nOut, nOut, offset)
      }
      return
    }
    if (kind === 'linear') {
      resampleRows(rows, wave, flux, ivar, factors, waveOut, fluxOut, ivarOut)
      return
    }
    for (let row = 0, next = 0; row < rows; row = next) {
      const factor = factors[row]!
      next = row + 1
      while (next < rows && factors[next] === factor) next++
      applyWeights(
        next - row,
        nIn,
        flux.subarray(row * nIn, next * nIn),
        ivar.subarray(row * nIn, next * nIn),
        weightsFor(wave, waveOut, factor),
        maxBad,
        fluxOut.subarray(row * nOut, next * nOut),
        ivarOut.subarray(row * nOut, next * nOut),
      )
    }
  }
}

/**
 * Correlation of the noise of neighbouring pixels that a resampling makes, (nOut - 1), for source pixels of independent
 * and equal noise. ivar gives the variance of each pixel exactly; what two pixels share it cannot say, and a fit that
 * takes them as independent counts it twice.
 *
 * @param wave (nIn) Å, ascending. @param waveOut (nOut) Å, ascending, same medium.
 * @param factor target wavelength λ is read at λ × factor (1 + v/c of a shift to rest); default 1.
 */
export function resampledCorrelation(
  wave: Float64Array,
  waveOut: Float64Array,
  method: ResamplingMethod = {},
  factor = 1,
): Float64Array {
  if (factor === 1 && latticeOffset(wave, waveOut) !== undefined)
    return new Float64Array(Math.max(0, waveOut.length - 1))
  return neighbourCorrelation(pixelWeights(method, wave, waveOut, factor))
}

function pixelWeights(
  { kind, lobes = DEFAULT_LOBES }: ResamplingMethod,
  wave: Float64Array,
  waveOut: Float64Array,
  factor: number,
): PixelWeights {
  if (wave.length < 2 || waveOut.length < 2) {
    throw new AstrolabelError('preprocess/short-grid', 'A grid of one pixel has no width to resample by', {
      got: `${wave.length} and ${waveOut.length} pixels`,
      expected: 'two or more each',
      remedy: 'Use kind linear',
    })
  }
  if (kind === 'flux-conserving') return overlapWeights(wave, waveOut, factor)
  return kind === 'sinc' ? lanczosWeights(wave, waveOut, factor, lobes) : linearWeights(wave, waveOut, factor)
}

function sameView(a: Float64Array, b: Float64Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length
}
