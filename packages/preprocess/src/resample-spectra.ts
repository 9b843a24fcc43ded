import { resampleRows } from '@astrolabel/kernels'
import type { Spectra, SpectraMeta, WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, airToVacuum, gridLength, pixelWavelengths, vacuumToAir, wavelengths, withHistory } from '@astrolabel/spectra'
import type { Piece } from './pieces.js'
import { gatherPiece, scatterPiece } from './pieces.js'
import type { StepRunOptions } from './row-operation.js'
import { forRowBlocks } from './row-operation.js'

/** Options of {@link resampleSpectra}. */
export interface ResampleOptions {
  readonly wavelength: WavelengthGrid
}

/**
 * Put all spectra on one grid by linear interpolation; ivar follows the errors: 1 / (w0² / ivar0 + w1² / ivar1), 0 where
 * a pixel that is used is bad. Noise of neighbouring pixels is correlated afterwards, which ivar cannot say.
 *
 * Beyond the ends of a spectrum ivar is 0 and flux that of its end pixel, as numpy.interp gives it. Arms are merged:
 * where they overlap the pixel of greater ivar is taken. A target in the other medium is read at converted wavelengths.
 * The survey's mask bits do not survive (ivar carries what is bad).
 */
export function resampleSpectra(spectra: Spectra, options: ResampleOptions, run: StepRunOptions = {}): Spectra {
  const { segments: _, ...rest } = spectra.meta
  const meta = withHistory({ ...rest, wavelength: options.wavelength }, 'resample', { ...options })
  return resampleShifted(spectra, options.wavelength, new Float64Array(spectra.n).fill(1), meta, run)
}

/**
 * Resample rows whose wavelengths are stretched: the pixel at λ of the target is read at λ × factor of the source.
 *
 * @param target the common grid, or undefined to keep each arm on its own.
 * @param factors (n), e.g. 1 + v/c.
 */
export function resampleShifted(spectra: Spectra, target: WavelengthGrid | undefined, factors: Float64Array, meta: SpectraMeta, run: StepRunOptions): Spectra {
  const { n, nPix } = spectra
  if (target === undefined && spectra.wave !== undefined) {
    throw new AstrolabelError('preprocess/own-wavelengths', 'Stars with wavelengths of their own need a common grid to go to', {
      remedy: 'Give the grid of the result',
    })
  }
  const common = inMedium(pixelWavelengths(spectra.meta), spectra, target)
  const arms: readonly Piece[] = spectra.meta.wavelength.kind === 'segmented' ? (spectra.meta.segments ?? []) : [{ start: 0, end: nPix }]
  const whole = target === undefined ? undefined : wavelengths(target)
  const nOut = target === undefined ? nPix : gridLength(target)
  const flux = new Float32Array(n * nOut)
  const ivar = new Float32Array(n * nOut)
  forRowBlocks(n, run, (from, to) => {
    // Ascending, so that each arm replaces only what lies above its start.
    const ordered = [...arms].sort((a, b) => startOf(spectra, common, from, a) - startOf(spectra, common, from, b))
    ordered.forEach((arm, k) => {
      const armFlux = gatherPiece(spectra.flux, nPix, from, to, arm)
      const armIvar = gatherPiece(spectra.ivar, nPix, from, to, arm)
      const width = arm.end - arm.start
      const waveOut = whole ?? common.subarray(arm.start, arm.end)
      const count = (to - from) * waveOut.length
      const block = { flux: new Float32Array(count), ivar: new Float32Array(count) }
      const waveOf = (row: number): Float64Array =>
        spectra.wave === undefined
          ? common.subarray(arm.start, arm.end)
          : inMedium(spectra.wave.subarray(row * nPix + arm.start, row * nPix + arm.end), spectra, target)
      if (spectra.wave === undefined) {
        resampleRows(to - from, waveOf(from), armFlux, armIvar, factors.subarray(from, to), waveOut, block.flux, block.ivar)
      }
      for (let row = from; row < to; row++) {
        const r = row - from
        const wave = waveOf(row)
        const source = { flux: armFlux.subarray(r * width, (r + 1) * width), ivar: armIvar.subarray(r * width, (r + 1) * width) }
        const out = { flux: block.flux.subarray(r * waveOut.length, (r + 1) * waveOut.length), ivar: block.ivar.subarray(r * waveOut.length, (r + 1) * waveOut.length) }
        if (spectra.wave !== undefined) resampleRows(1, wave, source.flux, source.ivar, factors.subarray(row, row + 1), waveOut, out.flux, out.ivar)
        const begins = extendEnds(waveOut, factors[row]!, wave, source.flux, out.flux)
        if (whole !== undefined) {
          const at = row * nOut
          mergeArm(out, k === 0 ? 0 : begins, flux.subarray(at, at + nOut), ivar.subarray(at, at + nOut))
        }
      }
      if (whole === undefined) {
        scatterPiece(block.flux, flux, nOut, from, arm)
        scatterPiece(block.ivar, ivar, nOut, from, arm)
      }
    })
  })
  if (spectra.meta.noise === 'unknown') for (let i = 0; i < ivar.length; i++) if (ivar[i]! > 0) ivar[i] = 1
  const { mask: _, wave: __, ...rest } = spectra
  return { ...rest, meta, nPix: nOut, flux, ivar }
}

function startOf(spectra: Spectra, common: Float64Array, row: number, arm: Piece): number {
  return spectra.wave === undefined ? common[arm.start]! : spectra.wave[row * spectra.nPix + arm.start]!
}

function inMedium(wave: Float64Array, spectra: Spectra, target: WavelengthGrid | undefined): Float64Array {
  if (target === undefined || target.medium === spectra.meta.wavelength.medium) return wave
  return target.medium === 'air' ? vacuumToAir(wave) : airToVacuum(wave)
}

/** Repeat the end pixels beyond the source; returns the first target pixel inside it. */
function extendEnds(target: Float64Array, factor: number, wave: Float64Array, source: Float32Array, out: Float32Array): number {
  const last = wave.length - 1
  let begin = 0
  while (begin < target.length && target[begin]! * factor < wave[0]!) begin++
  let end = target.length
  while (end > begin && target[end - 1]! * factor > wave[last]!) end--
  out.fill(source[0]!, 0, begin)
  out.fill(source[last]!, end)
  return begin
}

function mergeArm(arm: { flux: Float32Array; ivar: Float32Array }, begins: number, flux: Float32Array, ivar: Float32Array): void {
  for (let j = 0; j < flux.length; j++) {
    if (arm.ivar[j]! <= ivar[j]! && !(ivar[j] === 0 && j >= begins)) continue
    flux[j] = arm.flux[j]!
    ivar[j] = arm.ivar[j]!
  }
}
