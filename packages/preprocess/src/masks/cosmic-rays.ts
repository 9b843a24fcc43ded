import type { Spectra } from '@astrolabel/spectra'
import { pixelWavelengths, withHistory } from '@astrolabel/spectra'
import { cutPieces } from '../pixels/pieces.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'
import { againstMedian, checkOption, errorOf, robustScatter } from './against-median.js'

/** Options of {@link maskCosmicRays}. */
export interface CosmicRayOptions {
  /** How many σ a pixel stands out; 6. */
  readonly sigma?: number
  /** Pixels that a hit may cover at most; 3. Wider features are real: emission lines have the width of the line-spread. */
  readonly width?: number
  /** Neighbours on either side that are left out, too; 1. */
  readonly grow?: number
}

/** Pixels: far more than any hit covers. */
const WIDEST = 1000

/**
 * Leave out cosmic rays: narrow spikes upwards that stand out from the median of the 7 + 2 width pixels about them by
 * more than `sigma` times their error and the local scatter, and are at most `width` pixels wide. ivar 0, flux kept.
 *
 * @throws `preprocess/option` for options out of range.
 */
export function maskCosmicRays(spectra: Spectra, options: CosmicRayOptions = {}, run: StepRunOptions = {}): Spectra {
  const { sigma = 6, width = 3, grow = 1 } = options
  checkOption(sigma > 0, 'sigma', sigma, 'a number above 0')
  checkOption(Number.isInteger(width) && width >= 1 && width <= WIDEST, 'width', width, `1 to ${WIDEST} pixels`)
  checkOption(Number.isInteger(grow) && grow >= 0, 'grow', grow, '0 pixels or more')
  const { n, nPix } = spectra
  const pieces = cutPieces(spectra.meta, pixelWavelengths(spectra.meta))
  const ivar = spectra.ivar.slice()
  forRowBlocks(n, run, (from, to) => {
    const { flux, median } = againstMedian(spectra, spectra.ivar, from, to, pieces, 7 + 2 * width)
    for (let row = from; row < to; row++)
      for (const { start, end } of pieces) {
        const at = row * nPix
        const block = (row - from) * nPix
        const scatter = robustScatter(flux, median, spectra.ivar, at, block, start, end)
        const isHigh = (i: number): boolean =>
          spectra.ivar[at + i]! > 0 &&
          flux[block + i]! - median[block + i]! > sigma * Math.max(errorOf(spectra.ivar[at + i]!, spectra), scatter)
        for (let i = start; i < end; i++) {
          if (!isHigh(i)) continue
          let stop = i + 1
          while (stop < end && isHigh(stop)) stop++
          if (stop - i <= width) ivar.fill(0, at + Math.max(start, i - grow), at + Math.min(end, stop + grow))
          i = stop
        }
      }
  })
  return { ...spectra, ivar, meta: withHistory(spectra.meta, 'cosmics', { sigma, width, grow }) }
}
