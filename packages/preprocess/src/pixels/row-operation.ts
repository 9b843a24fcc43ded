import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'

/** A star that a step could not treat: its ivar is 0 everywhere from then on. */
export interface BadStar {
  /** Row within the batch. */
  readonly row: number
  readonly starId: string
  readonly step: string
  readonly reason: 'no-velocity' | 'no-continuum' | 'no-width' | 'no-resolution'
}

/** What every step takes besides its own options; progress counts stars. */
export interface StepRunOptions extends RunOptions {
  /** Told of each star that a step had to give up; without it they are only marked by their ivar. */
  readonly onBadStar?: ((star: BadStar) => void) | undefined
}

/** Where a step may leave its result, so that nobody has to copy it there. */
export interface ResultRoom {
  /** (n × nPix), all 0. */
  readonly flux: Float32Array
  readonly ivar: Float32Array
}

/** Stars treated between two looks at the abort signal: some tens of milliseconds of work, 1 MB of pixels. */
const BLOCK_ROWS = 32

/** Run `work` on blocks of rows, with the abort signal and the progress looked after. */
export function forRowBlocks(n: number, run: RunOptions, work: (from: number, to: number) => void): void {
  for (let from = 0; from < n; from += BLOCK_ROWS) {
    throwIfAborted(run)
    const to = Math.min(n, from + BLOCK_ROWS)
    work(from, to)
    run.onProgress?.(to, n)
  }
}

/** True for a pixel that carries a measurement. */
export function isGood(flux: number, ivar: number): boolean {
  return ivar > 0 && Number.isFinite(flux) && ivar < Number.POSITIVE_INFINITY
}

/** @throws `preprocess/own-wavelengths` when the wavelengths differ from star to star. */
export function requireCommonGrid(spectra: Spectra, step: string): void {
  if (spectra.wave === undefined) return
  throw new AstrolabelError('preprocess/own-wavelengths', `The step ${step} needs one wavelength grid for all stars`, {
    got: 'wavelengths that differ from star to star',
    remedy: 'Put a resample step, or a rest step with wave, before it',
  })
}
