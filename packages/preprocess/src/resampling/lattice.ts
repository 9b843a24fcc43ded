import type { Spectra, SpectraMeta, WavelengthGrid } from '@astrolabel/spectra'
import { pixelWavelengths, wavelengths } from '@astrolabel/spectra'
import { resampleLineSpread } from '../broadening/line-spread.js'

/** Two grids share a lattice when their pixels agree to this part of a step: 70 m/s for SDSS, below what files round to. */
const LATTICE_TOLERANCE = 1e-3

/**
 * How the pixels of `target` are numbered on the lattice of `source`: target pixel j is source pixel j + offset.
 *
 * Surveys write spectra on one lattice with different ends (SDSS: log10 λ = COEFF0 + 1e-4 i). Their pixels are copied,
 * never interpolated: an interpolation with weights of 1 and 1e-13 would still spoil the good neighbour of a bad pixel.
 *
 * @param source (n) Å, ascending. @param target (m) Å, ascending, in the same medium.
 * @returns undefined when a pixel that both reach lies elsewhere, or none lies in both.
 */
export function latticeOffset(source: Float64Array, target: Float64Array): number | undefined {
  if (source.length < 2 || target.length === 0) return undefined
  // The first pair of pixels that both grids reach fixes the offset.
  const begin = Math.max(source[0]!, target[0]!)
  const step = source[1]! - source[0]!
  const i = nearest(source, begin, step)
  const j = nearest(target, begin, step)
  const offset = i - j
  const from = Math.max(0, -offset)
  const to = Math.min(target.length, source.length - offset)
  if (from >= to) return undefined
  for (let k = from; k < to; k++) {
    const at = k + offset
    const width = at + 1 < source.length ? source[at + 1]! - source[at]! : source[at]! - source[at - 1]!
    if (!(Math.abs(target[k]! - source[at]!) <= LATTICE_TOLERANCE * width)) return undefined
  }
  // What lies beyond the common pixels must do so in the wavelengths too: a finer target has more pixels within.
  const reach = LATTICE_TOLERANCE * step
  if (from > 0 && target[from - 1]! > source[0]! - reach) return undefined
  if (to < target.length && target[to]! < source.at(-1)! + reach) return undefined
  return offset
}

/**
 * The spectra on a grid that shares their lattice, copied bit for bit, mask included; undefined when it does not share
 * it, or the spectra are in arms or on wavelengths of their own. Pixels that the source does not reach have ivar 0 and
 * the flux of its end pixel.
 */
export function copyOnLattice(spectra: Spectra, target: WavelengthGrid, meta: SpectraMeta): Spectra | undefined {
  const own = spectra.meta.wavelength
  if (own.kind === 'segmented' || spectra.wave !== undefined || own.medium !== target.medium) return undefined
  const waveOut = wavelengths(target)
  const offset = latticeOffset(pixelWavelengths(spectra.meta), waveOut)
  if (offset === undefined) return undefined
  const { n, nPix } = spectra
  const nOut = waveOut.length
  const flux = new Float32Array(n * nOut)
  const ivar = new Float32Array(n * nOut)
  const mask = spectra.mask === undefined ? undefined : new Uint32Array(n * nOut)
  for (let row = 0; row < n; row++) {
    copyLatticeRow(spectra.flux, row * nPix, nPix, flux, row * nOut, nOut, offset)
    copyLatticeRow(spectra.ivar, row * nPix, nPix, ivar, row * nOut, nOut, offset)
    if (mask !== undefined) copyLatticeRow(spectra.mask!, row * nPix, nPix, mask, row * nOut, nOut, offset)
    const from = Math.max(0, -offset)
    flux.fill(spectra.flux[row * nPix]!, row * nOut, row * nOut + from)
    flux.fill(spectra.flux[(row + 1) * nPix - 1]!, row * nOut + Math.max(0, nPix - offset), (row + 1) * nOut)
  }
  const catalog = resampleLineSpread(spectra, target, new Float64Array(n).fill(1))
  return { ...spectra, meta, nPix: nOut, flux, ivar, catalog, ...(mask === undefined ? {} : { mask }) }
}

/** Copy what a row of `nPix` pixels at `at` has of the `nOut` pixels at `atOut`, shifted by `offset`. */
export function copyLatticeRow<T extends Float32Array | Uint32Array>(
  source: T,
  at: number,
  nPix: number,
  out: T,
  atOut: number,
  nOut: number,
  offset: number,
): void {
  const from = Math.max(0, -offset)
  const to = Math.min(nOut, nPix - offset)
  if (from < to) out.set(source.subarray(at + from + offset, at + to + offset), atOut + from)
}

/** Index of the first pixel at or above `value`, less a little of a step. */
function nearest(wave: Float64Array, value: number, step: number): number {
  let low = 0
  let high = wave.length
  const least = value - 0.25 * Math.abs(step)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (wave[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}
