import type { Spectra } from '@astrolabel/spectra'
import { pixelWavelengths } from '@astrolabel/spectra'
import type { PiecewiseRule } from './piecewise-polynomial.js'
import { choosePixels } from './piecewise-polynomial.js'
import { cutPieces } from '../pixels/pieces.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks, isGood, requireCommonGrid } from '../pixels/row-operation.js'

/** Fits one arm or chip of one star after another. */
export interface PieceFitter {
  /**
   * @param flux (nPix); of any value where the weight is 0.
   * @param base (nPix) weights of squared residuals, 0 for pixels that are no data.
   * @param out (nPix) the continuum; 0 where it cannot be told.
   */
  fit(flux: Float32Array, base: Float64Array, out: Float32Array): void
}

/** Which pixels are fitted, and how they weigh. */
export type PixelRule = Pick<PiecewiseRule, 'splits' | 'weighting' | 'pixels' | 'windows'>

/**
 * Continuum of each star, (n × nPix), by a fitter for each arm or chip.
 *
 * @throws `preprocess/option` when none of the pixels to fit is there.
 */
export function fitByPiece(
  spectra: Spectra,
  rule: PixelRule,
  fitterOf: (wave: Float64Array) => PieceFitter,
  run: StepRunOptions,
): Float32Array {
  requireCommonGrid(spectra, 'continuum')
  const { n, nPix, ivar } = spectra
  const wave = pixelWavelengths(spectra.meta)
  const chosen = choosePixels(wave, rule)
  const pieces = cutPieces(spectra.meta, wave, rule.splits).map(({ start, end }) => ({
    start,
    end,
    fitter: fitterOf(wave.subarray(start, end)),
    base: new Float64Array(end - start),
  }))
  const out = new Float32Array(n * nPix)
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      for (const { start, end, fitter, base } of pieces) {
        const at = row * nPix + start
        const flux = spectra.flux.subarray(at, row * nPix + end)
        for (let i = 0; i < flux.length; i++) {
          const usable = chosen[start + i] === 1 && isGood(flux[i]!, ivar[at + i]!)
          base[i] = !usable ? 0 : rule.weighting === 'ivar' ? ivar[at + i]! : 1
        }
        fitter.fit(flux, base, out.subarray(at, row * nPix + end))
      }
    }
  })
  return out
}
