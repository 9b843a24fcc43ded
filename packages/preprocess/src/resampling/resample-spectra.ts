import type { Spectra, SpectraMeta, WavelengthGrid } from '@astrolabel/spectra'
import {
  AstrolabelError,
  airToVacuum,
  pixelWavelengths,
  vacuumToAir,
  wavelengths,
  withHistory,
} from '@astrolabel/spectra'
import { resampleLineSpread } from '../broadening/line-spread.js'
import type { Piece } from '../pixels/pieces.js'
import type { GridChoice } from './grid-choice.js'
import { resolveGrid } from './grid-choice.js'
import { copyOnLattice } from './lattice.js'
import { gatherPiece, scatterPiece } from '../pixels/pieces.js'
import type { ResamplingMethod, RowResampler } from './resampling-method.js'
import { resolveMethod, rowResampler } from './resampling-method.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'

/** Options of {@link resampleSpectra}. */
export interface ResampleOptions extends ResamplingMethod {
  readonly wavelength: GridChoice
}

/**
 * Put all spectra on one grid; ivar follows the errors, as 1 / Σ (w² / ivar) over the pixels that a result is made of
 * with weights w, 0 where a pixel that is used is bad (`maxBad` of the other kinds loosens that). Noise of neighbouring
 * pixels is correlated afterwards, which ivar cannot say: {@link resampledCorrelation} tells how much.
 *
 * Onto a grid on the lattice of the spectra pixels are copied bit for bit, whatever the kind. Beyond the ends of a spectrum ivar is 0 and flux that of its end pixel, as numpy.interp gives it. Arms are merged:
 * where they overlap the pixel of greater ivar is taken. A target in the other medium is read at converted wavelengths.
 * The survey's mask bits survive only a copy (ivar carries what is bad).
 */
export function resampleSpectra(spectra: Spectra, options: ResampleOptions, run: StepRunOptions = {}): Spectra {
  const { segments: _, ...rest } = spectra.meta
  const wavelength = resolveGrid(options.wavelength)
  const method = resolveMethod(options)
  const meta = withHistory({ ...rest, wavelength }, 'resample', { wavelength, ...method })
  return (
    copyOnLattice(spectra, wavelength, meta) ??
    resampleShifted(spectra, wavelength, new Float64Array(spectra.n).fill(1), meta, run, method)
  )
}

/**
 * Resample rows whose wavelengths are stretched: the pixel at λ of the target is read at λ × factor of the source.
 *
 * @param target the common grid, or undefined to keep each arm on its own.
 * @param factors (n), e.g. 1 + v/c.
 */
export function resampleShifted(
  spectra: Spectra,
  target: WavelengthGrid | undefined,
  factors: Float64Array,
  meta: SpectraMeta,
  run: StepRunOptions,
  method: ResamplingMethod = {},
): Spectra {
  const { n, nPix } = spectra
  if (target === undefined && spectra.wave !== undefined) {
    throw new AstrolabelError(
      'preprocess/own-wavelengths',
      'Stars with wavelengths of their own need a common grid to go to',
      {
        remedy: 'Give the grid of the result',
      },
    )
  }
  const whole = target === undefined ? undefined : wavelengths(target)
  const nOut = whole?.length ?? nPix
  const flux = new Float32Array(n * nOut)
  const ivar = new Float32Array(n * nOut)
  const common = inMedium(pixelWavelengths(spectra.meta), spectra, target)
  const waveOf = (row: number, { start, end }: Piece): Float64Array =>
    spectra.wave === undefined
      ? common.subarray(start, end)
      : inMedium(spectra.wave.subarray(row * nPix + start, row * nPix + end), spectra, target)
  const segmented = spectra.meta.wavelength.kind === 'segmented'
  const arms: readonly Piece[] = segmented ? (spectra.meta.segments ?? []) : [{ start: 0, end: nPix }]
  const resample = rowResampler(method)
  forRowBlocks(n, run, (from, to) => {
    // Ascending, so that each arm replaces only what lies above its start.
    const ordered = arms.toSorted((a, b) => waveOf(from, a)[0]! - waveOf(from, b)[0]!)
    ordered.forEach((arm, k) => {
      const waveOut = whole ?? common.subarray(arm.start, arm.end)
      const block = resampleArm(spectra, arm, from, to, factors, (row) => waveOf(row, arm), waveOut, resample)
      if (whole === undefined) {
        scatterPiece(block.flux, flux, nOut, from, arm)
        scatterPiece(block.ivar, ivar, nOut, from, arm)
      } else mergeArm(block, k === 0 ? undefined : block.begins, flux, ivar, from * nOut, nOut)
    })
  })
  if (spectra.meta.noise === 'unknown') for (let i = 0; i < ivar.length; i++) if (ivar[i]! > 0) ivar[i] = 1
  const { mask: _, wave: __, ...rest } = spectra
  return { ...rest, meta, nPix: nOut, flux, ivar, catalog: resampleLineSpread(spectra, target, factors) }
}

/** One arm of a block of rows on the target. */
interface ResampledArm {
  readonly flux: Float32Array
  readonly ivar: Float32Array
  /** First target pixel within the arm, a row. */
  readonly begins: Int32Array
}

function resampleArm(
  spectra: Spectra,
  arm: Piece,
  from: number,
  to: number,
  factors: Float64Array,
  waveOf: (row: number) => Float64Array,
  waveOut: Float64Array,
  resample: RowResampler,
): ResampledArm {
  const width = arm.end - arm.start
  const nOut = waveOut.length
  const sourceFlux = gatherPiece(spectra.flux, spectra.nPix, from, to, arm)
  const sourceIvar = gatherPiece(spectra.ivar, spectra.nPix, from, to, arm)
  const flux = new Float32Array((to - from) * nOut)
  const ivar = new Float32Array((to - from) * nOut)
  const begins = new Int32Array(to - from)
  // Rows that share their wavelengths go through the kernel together.
  const together = spectra.wave === undefined ? to - from : 1
  for (let r = 0; r < to - from; r += together) {
    resample(
      together,
      waveOf(from + r),
      sourceFlux.subarray(r * width, (r + together) * width),
      sourceIvar.subarray(r * width, (r + together) * width),
      factors.subarray(from + r, from + r + together),
      waveOut,
      flux.subarray(r * nOut, (r + together) * nOut),
      ivar.subarray(r * nOut, (r + together) * nOut),
    )
  }
  for (let r = 0; r < begins.length; r++) {
    const source = sourceFlux.subarray(r * width, (r + 1) * width)
    begins[r] = extendEnds(
      waveOut,
      factors[from + r]!,
      waveOf(from + r),
      source,
      flux.subarray(r * nOut, (r + 1) * nOut),
    )
  }
  return { flux, ivar, begins }
}

function inMedium(wave: Float64Array, spectra: Spectra, target: WavelengthGrid | undefined): Float64Array {
  if (target === undefined || target.medium === spectra.meta.wavelength.medium) return wave
  return target.medium === 'air' ? vacuumToAir(wave) : airToVacuum(wave)
}

/** Repeat the end pixels beyond the source; returns the first target pixel inside it. */
function extendEnds(
  target: Float64Array,
  factor: number,
  wave: Float64Array,
  source: Float32Array,
  out: Float32Array,
): number {
  const last = wave.length - 1
  let begin = 0
  while (begin < target.length && target[begin]! * factor < wave[0]!) begin++
  let end = target.length
  while (end > begin && target[end - 1]! * factor > wave[last]!) end--
  out.fill(source[0]!, 0, begin)
  out.fill(source[last]!, end)
  return begin
}

/**
 * Take the pixels of an arm that are better than what lower arms gave, and from where it begins also those that nobody
 * gave; the lowest arm (`begins` undefined) gives all of its.
 */
function mergeArm(
  arm: ResampledArm,
  begins: Int32Array | undefined,
  flux: Float32Array,
  ivar: Float32Array,
  at: number,
  nOut: number,
): void {
  for (let i = 0; i < arm.flux.length; i++) {
    const weight = ivar[at + i]!
    const pixel = i % nOut
    const open = weight === 0 && (begins === undefined || pixel >= begins[(i - pixel) / nOut]!)
    if (arm.ivar[i]! <= weight && !open) continue
    flux[at + i] = arm.flux[i]!
    ivar[at + i] = arm.ivar[i]!
  }
}
