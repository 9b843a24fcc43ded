import type { Segment, Spectra, WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, detectGrid, wavelengths, withHistory } from '@astrolabel/spectra'
import { armScales } from './arm-scales.js'
import type { GridChoice } from './grid-choice.js'
import { resolveGrid } from './grid-choice.js'
import { latticeOffset } from './lattice.js'
import { gatherPiece } from '../pixels/pieces.js'
import type { ResamplingMethod } from './resampling-method.js'
import { resolveMethod, rowResampler } from './resampling-method.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'
import { resampleLineSpread } from '../broadening/line-spread.js'

/** Options of {@link averageArms}. */
export interface AverageArmsOptions extends ResamplingMethod {
  /** Grid of the result, needed when the arms are not on one lattice. Default: that lattice, from end to end. */
  readonly wavelength?: GridChoice
  /** True to bring the arms to one flux scale by their overlaps first, outward from the middle arm; default false. */
  readonly matchFlux?: boolean
}

/** One arm and where its first pixel lies on the common grid; offset undefined when it must be resampled. */
interface PlacedArm {
  readonly segment: Segment
  readonly wave: Float64Array
  readonly offset: number | undefined
}

/**
 * Put the arms together to one spectrum: where they overlap the average with weights ivar, whose ivar is the sum.
 *
 * Arms on the lattice of the result are copied, the others resampled to it first. Bad pixels do not count; where all
 * are bad the flux is that of the bluest. A mask bit is set where it was on a pixel that counts, or on any of those
 * where none counts. Gaps between arms have flux 0 and ivar 0.
 *
 * @throws `preprocess/arms-differ` when the arms are on several lattices and no `wavelength` is given.
 */
export function averageArms(spectra: Spectra, options: AverageArmsOptions, run: StepRunOptions = {}): Spectra {
  const segments = spectra.meta.segments!
  const method = resolveMethod(options)
  const grid = options.wavelength === undefined ? commonLattice(segments) : resolveGrid(options.wavelength)
  const waveOut = wavelengths(grid)
  const arms = segments
    .map((segment): PlacedArm => {
      const wave = wavelengths(segment.wavelength)
      const offset = segment.wavelength.medium === grid.medium ? latticeOffset(wave, waveOut) : undefined
      return { segment, wave, offset }
    })
    .sort((a, b) => a.wave[0]! - b.wave[0]!)
  const { n, nPix } = spectra
  const nOut = waveOut.length
  const flux = new Float32Array(n * nOut)
  const ivar = new Float32Array(n * nOut)
  const mask =
    spectra.mask === undefined || arms.some(({ offset }) => offset === undefined)
      ? undefined
      : new Uint32Array(n * nOut)
  const resample = rowResampler(method)
  forRowBlocks(n, run, (from, to) => {
    const placed = arms.map((arm) => placeArm(spectra, arm, from, to, waveOut, resample))
    for (let row = from; row < to; row++) {
      const at = (row - from) * nOut
      const scales = options.matchFlux === true ? armScales(placed, at, nOut) : undefined
      for (let j = 0; j < nOut; j++) {
        let weight = 0
        let sum = 0
        let bits = 0
        let allBits = 0
        let first: number | undefined
        for (let a = 0; a < placed.length; a++) {
          const { flux: f, ivar: iv, reach } = placed[a]!
          if (j < reach.start || j >= reach.end) continue
          const scale = scales?.[a] ?? 1
          const value = f[at + j]! * scale
          const w = iv[at + j]! / (scale * scale)
          first ??= value
          const own = mask === undefined ? 0 : maskOf(spectra, arms[a]!, row * nPix, j)
          allBits |= own
          if (!(w > 0)) continue
          weight += w
          sum += w * value
          bits |= own
        }
        const i = row * nOut + j
        flux[i] = weight > 0 ? sum / weight : (first ?? 0)
        ivar[i] = weight
        if (mask !== undefined) mask[i] = weight > 0 ? bits : allBits
      }
    }
  })
  // Without errors each pixel counts the same, and an average carries no scale either.
  if (spectra.meta.noise === 'unknown') for (let i = 0; i < ivar.length; i++) if (ivar[i]! > 0) ivar[i] = 1
  const { segments: _, ...rest } = spectra.meta
  const { mask: __, ...other } = spectra
  const resolved = {
    overlap: 'ivar',
    matchFlux: options.matchFlux ?? false,
    ...(options.wavelength === undefined ? {} : { wavelength: grid }),
    ...method,
  }
  const meta = withHistory({ ...rest, wavelength: grid }, 'stitch', resolved)
  const catalog = resampleLineSpread(spectra, grid, new Float64Array(n).fill(1))
  return { ...other, meta, nPix: nOut, flux, ivar, catalog, ...(mask === undefined ? {} : { mask }) }
}

/** An arm on the common grid. */
export interface ArmOnGrid {
  /** (rows × nOut). */
  readonly flux: Float32Array
  readonly ivar: Float32Array
  /** Pixels of the grid that the arm reaches. */
  readonly reach: { readonly start: number; readonly end: number }
}

function placeArm(
  spectra: Spectra,
  { segment, wave }: PlacedArm,
  from: number,
  to: number,
  waveOut: Float64Array,
  resample: ReturnType<typeof rowResampler>,
): ArmOnGrid {
  const rows = to - from
  const nOut = waveOut.length
  const flux = new Float32Array(rows * nOut)
  const ivar = new Float32Array(rows * nOut)
  const sourceFlux = gatherPiece(spectra.flux, spectra.nPix, from, to, segment)
  const sourceIvar = gatherPiece(spectra.ivar, spectra.nPix, from, to, segment)
  resample(rows, wave, sourceFlux, sourceIvar, new Float64Array(rows).fill(1), waveOut, flux, ivar)
  // A thousandth of a step: pixels of one lattice must not fall outside by their rounding.
  const slack = 1e-3 * (wave.length > 1 ? wave[1]! - wave[0]! : 0)
  let start = 0
  let end = nOut
  while (start < end && waveOut[start]! < wave[0]! - slack) start++
  while (end > start && waveOut[end - 1]! > wave.at(-1)! + slack) end--
  return { flux, ivar, reach: { start, end } }
}

function maskOf({ mask }: Spectra, { segment, offset }: PlacedArm, at: number, j: number): number {
  return mask![at + segment.start + j + offset!]!
}

/** The lattice that all arms share, from the bluest pixel to the reddest. */
function commonLattice(segments: readonly Segment[]): WavelengthGrid {
  const grids = segments.map(({ wavelength }) => wavelength).toSorted((a, b) => wavelengths(a)[0]! - wavelengths(b)[0]!)
  const first = grids[0]!
  const end = Math.max(...grids.map((grid) => wavelengths(grid).at(-1)!))
  if (first.kind !== 'explicit') {
    const place = first.kind === 'log10' ? Math.log10(end) : end
    const whole = { ...first, length: Math.round((place - first.start) / first.step) + 1 }
    const wave = wavelengths(whole)
    const shared = grids.every(
      (grid) => grid.medium === first.medium && latticeOffset(wave, wavelengths(grid)) !== undefined,
    )
    // Found from the wavelengths once more, so that steps that binary fractions cannot hold stay short decimals.
    if (shared) return detectGrid(wave, first.medium)
  }
  throw new AstrolabelError('preprocess/arms-differ', 'The arms are not on one lattice', {
    got: segments.map(
      ({ name, wavelength }) => `${name} ${wavelength.kind}${'step' in wavelength ? ` by ${wavelength.step}` : ''}`,
    ),
    expected: 'arms whose pixels coincide where they overlap',
    remedy: 'Give wavelength, the grid that they are resampled to before they are averaged',
  })
}
