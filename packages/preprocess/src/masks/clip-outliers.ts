import type { Spectra } from '@astrolabel/spectra'
import { pixelWavelengths, withHistory } from '@astrolabel/spectra'
import { cutPieces } from '../pixels/pieces.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'
import { againstMedian, checkOption, errorOf, robustScatter } from './against-median.js'

/** Options of {@link clipOutliers}. */
export interface ClipOptions {
  /** Pixels of the running median, odd; 101. */
  readonly window?: number
  /** σ below the median beyond which a pixel is left out; none unless given, as lines go down. */
  readonly below?: number
  /** σ above the median beyond which a pixel is left out; 6. */
  readonly above?: number
  /** Rounds; 3. Later ones see the median without what earlier ones left out. */
  readonly iterations?: number
}

/**
 * Leave out pixels far from the running median of their neighbourhood: ivar 0, flux kept. σ is the larger of the pixel's
 * own error and the robust scatter of the arm about its median, so that neither underestimated errors nor a line-rich
 * spectrum make many outliers. Cost n × nPix × iterations.
 *
 * @throws `preprocess/option` for options out of range.
 */
export function clipOutliers(spectra: Spectra, options: ClipOptions = {}, run: StepRunOptions = {}): Spectra {
  const { window = 101, below = Number.POSITIVE_INFINITY, above = 6, iterations = 3 } = options
  checkOption(
    Number.isInteger(window) && window >= 3 && window % 2 === 1,
    'window',
    window,
    'an odd number of pixels from 3',
  )
  checkOption(above > 0 && below > 0, 'below or above', [below, above], 'numbers of σ above 0')
  checkOption(Number.isInteger(iterations) && iterations >= 1, 'iterations', iterations, '1 or more')
  const resolved = { window, ...(Number.isFinite(below) ? { below } : {}), above, iterations }
  const { n, nPix } = spectra
  const pieces = cutPieces(spectra.meta, pixelWavelengths(spectra.meta))
  const ivar = spectra.ivar.slice()
  forRowBlocks(n, run, (from, to) => {
    for (let round = 0; round < iterations; round++) {
      const { flux, median } = againstMedian(spectra, ivar, from, to, pieces, window)
      let dropped = 0
      for (let row = from; row < to; row++)
        for (const { start, end } of pieces) {
          const at = row * nPix
          const scatter = robustScatter(flux, median, ivar, at, (row - from) * nPix, start, end)
          for (let i = start; i < end; i++) {
            const iv = ivar[at + i]!
            if (!(iv > 0)) continue
            const inBlock = (row - from) * nPix + i
            const sigma = Math.max(errorOf(iv, spectra), scatter)
            const residual = flux[inBlock]! - median[inBlock]!
            if (residual <= above * sigma && residual >= -below * sigma) continue
            ivar[at + i] = 0
            dropped++
          }
        }
      if (dropped === 0) break
    }
  })
  return { ...spectra, ivar, meta: withHistory(spectra.meta, 'clip', resolved) }
}
