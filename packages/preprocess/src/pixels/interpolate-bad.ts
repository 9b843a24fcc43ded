import type { Spectra } from '@astrolabel/spectra'
import { pixelWavelengths, withHistory } from '@astrolabel/spectra'
import type { Piece } from './pieces.js'
import { cutPieces } from './pieces.js'
import type { StepRunOptions } from './row-operation.js'
import { forRowBlocks, isGood } from './row-operation.js'

/**
 * Fill the flux of bad pixels linearly in wavelength from the nearest good ones on either side (beyond the last good
 * pixel: its value), within each arm or chip. Their ivar stays 0, so that models that use it still pass over them.
 *
 * A chip without any good pixel is left as it is.
 */
export function interpolateBad(
  spectra: Spectra,
  _options: Readonly<Record<string, never>> = {},
  run: StepRunOptions = {},
): Spectra {
  return { ...spectra, flux: filledFlux(spectra, run), meta: withHistory(spectra.meta, 'interpolate', {}) }
}

/** Flux with its bad pixels filled as {@link interpolateBad} does, (n × nPix), a new matrix. */
export function filledFlux(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
  const { n, nPix, ivar } = spectra
  const common = pixelWavelengths(spectra.meta)
  const flux = spectra.flux.slice()
  const pieces = cutPieces(spectra.meta, common)
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      const at = row * nPix
      const wave = spectra.wave?.subarray(at, at + nPix) ?? common
      for (const piece of pieces) fillPiece(wave, flux.subarray(at, at + nPix), ivar.subarray(at, at + nPix), piece)
    }
  })
  return flux
}

function fillPiece(wave: Float64Array, flux: Float32Array, ivar: Float32Array, { start, end }: Piece): void {
  let left = -1
  for (let i = start; i < end; i++) {
    if (!isGood(flux[i]!, ivar[i]!)) continue
    if (left < 0) flux.fill(flux[i]!, start, i)
    else if (i > left + 1) {
      const slope = (flux[i]! - flux[left]!) / (wave[i]! - wave[left]!)
      for (let j = left + 1; j < i; j++) flux[j] = flux[left]! + slope * (wave[j]! - wave[left]!)
    }
    left = i
  }
  if (left >= 0) flux.fill(flux[left]!, left + 1, end)
}
