import { runningMedian } from '@astrolabel/kernels'
import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, medianInPlace } from '@astrolabel/spectra'
import { filledFlux } from '../pixels/interpolate-bad.js'
import type { Piece } from '../pixels/pieces.js'

/** 1 / Φ⁻¹(3/4): from a median absolute deviation to σ. */
const MAD_TO_SIGMA = 1.4826022185056018

/** The error of a pixel; 0 where the survey gives none, so that the scatter alone decides. */
export function errorOf(ivar: number, { meta }: Spectra): number {
  return meta.noise === 'measured' ? 1 / Math.sqrt(ivar) : 0
}

/** Flux with bad pixels filled, and its running median piece by piece, of rows from … to-1. */
export function againstMedian(
  spectra: Spectra,
  ivar: Float32Array,
  from: number,
  to: number,
  pieces: readonly Piece[],
  window: number,
): { flux: Float32Array; median: Float32Array } {
  const { nPix } = spectra
  const rows = to - from
  const part = (matrix: Float32Array): Float32Array => matrix.subarray(from * nPix, to * nPix)
  const wave = spectra.wave === undefined ? {} : { wave: spectra.wave.subarray(from * nPix, to * nPix) }
  const flux = filledFlux({ ...spectra, ...wave, n: rows, flux: part(spectra.flux), ivar: part(ivar) })
  const median = new Float32Array(rows * nPix)
  for (let row = 0; row < rows; row++)
    for (const { start, end } of pieces) {
      const range = [row * nPix + start, row * nPix + end] as const
      runningMedian(1, end - start, flux.subarray(...range), window, median.subarray(...range))
    }
  return { flux, median }
}

/** 1.4826 × the median absolute deviation of good pixels start … end-1 from their median; 0 without any. */
export function robustScatter(
  flux: Float32Array,
  median: Float32Array,
  ivar: Float32Array,
  at: number,
  block: number,
  start: number,
  end: number,
): number {
  const deviations = new Float32Array(end - start)
  let count = 0
  for (let i = start; i < end; i++)
    if (ivar[at + i]! > 0) deviations[count++] = Math.abs(flux[block + i]! - median[block + i]!)
  return count === 0 ? 0 : MAD_TO_SIGMA * medianInPlace(deviations, count)
}

/** @throws `preprocess/option` unless `fine`. */
export function checkOption(fine: boolean, name: string, got: unknown, expected: string): void {
  if (!fine) throw new AstrolabelError('preprocess/option', `The option ${name} is out of range`, { got, expected })
}
