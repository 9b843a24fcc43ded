import { runningMedian } from '@astrolabel/kernels'
import type { Continuum, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, pixelWavelengths } from '@astrolabel/spectra'
import { filledFlux } from '../pixels/interpolate-bad.js'
import { cutPieces, gatherPiece, scatterPiece } from '../pixels/pieces.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks, requireCommonGrid } from '../pixels/row-operation.js'

/** Options of {@link runningMedianContinuum}. */
export interface RunningMedianOptions {
  /** Pixels, odd; default 151. */
  readonly window?: number
  /**
   * What stands for bad pixels in the window: `interpolate` a line between their good neighbours, `keep` the flux they
   * have. Default: `keep` when an interpolate step came after the last mask step, `interpolate` otherwise.
   */
  readonly bad?: 'interpolate' | 'keep'
}

export const DEFAULT_WINDOW = 151

/**
 * Running median of the flux along each arm or chip, the end pixels repeated outwards (scipy.ndimage.median_filter with
 * mode 'nearest'). Bad pixels do not pull it. Cost n × nPix whatever the window.
 *
 * @throws `preprocess/option` for a window that is not a positive odd number.
 */
export function runningMedianContinuum(options: RunningMedianOptions = {}): Continuum {
  const window = options.window ?? DEFAULT_WINDOW
  if (!Number.isInteger(window) || window < 1 || window % 2 === 0) {
    throw new AstrolabelError('preprocess/option', 'The window of a running median needs a middle pixel', {
      got: window,
      expected: 'a positive odd number of pixels',
      remedy: `Take ${Number.isInteger(window) && window > 0 ? window + 1 : DEFAULT_WINDOW}`,
    })
  }
  return {
    kind: 'running-median',
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      requireCommonGrid(spectra, 'continuum')
      const { n, nPix } = spectra
      const bad = options.bad ?? defaultBad(spectra)
      const flux = bad === 'keep' ? spectra.flux : filledFlux(spectra, { signal: run.signal })
      const out = new Float32Array(n * nPix)
      const pieces = cutPieces(spectra.meta, pixelWavelengths(spectra.meta))
      forRowBlocks(n, run, (from, to) => {
        if (pieces.length === 1) {
          runningMedian(
            to - from,
            nPix,
            flux.subarray(from * nPix, to * nPix),
            window,
            out.subarray(from * nPix, to * nPix),
          )
          return
        }
        for (const piece of pieces) {
          const block = gatherPiece(flux, nPix, from, to, piece)
          const median = new Float32Array(block.length)
          runningMedian(to - from, piece.end - piece.start, block, window, median)
          scatterPiece(median, out, nPix, from, piece)
        }
      })
      return out
    },
  }
}

/** How bad pixels are best treated, from what was done before. */
export function defaultBad(spectra: Spectra): 'interpolate' | 'keep' {
  const steps = spectra.meta.history.map(({ step }) => step)
  return steps.lastIndexOf('interpolate') > steps.lastIndexOf('mask') ? 'keep' : 'interpolate'
}
