import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, pixelWavelengths, requireColumn, withHistory } from '@astrolabel/spectra'
import type { Piece } from '../pixels/pieces.js'
import { cutPieces } from '../pixels/pieces.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks, requireCommonGrid } from '../pixels/row-operation.js'
import { applyKernel } from './apply-kernel.js'
import type { BandKernel } from './band-kernel.js'
import type {
  BroadenOptions,
  MacroturbulenceBroadening,
  MatrixBroadening,
  RotationBroadening,
} from './broaden-options.js'
import { gaussianKernel } from './gaussian-kernel.js'
import { gaussianWidths, resolveGaussian } from './gaussian-broadening.js'
import { SIGMA_COLUMN, withoutLineSpread } from './line-spread.js'
import { broadenByMatrix } from './matrix-broadening.js'
import { profileKernel } from './profile-kernel.js'
import { radialTangentialProfile, rotationProfile } from './profiles.js'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'
import { tableKernel } from './table-kernel.js'

/** Of a kernel cut in the middle by the end of a row half falls on pixels: too little. */
const DEFAULT_MIN_WEIGHT = 0.75
const DEFAULT_LIMB_DARKENING = 0.6

/**
 * Broaden spectra: to a lower resolution, taking into account the one they have, by rotation, by macroturbulence, by a
 * tabulated line spread, or as an instrument of known resolution matrices would see them.
 *
 * Each arm and each side of a gap is treated by itself. Kernels are normalised, so a continuum stays where it is and
 * equivalent widths are kept. Errors follow (see applyKernel): where too little of a kernel falls on good pixels, beside
 * bad pixels and at the ends, the result is bad. Spectra without errors keep ivar 1 on good pixels.
 *
 * A star without the velocity that its column should have, or without known resolution, is left as it is with ivar 0.
 *
 * @throws `preprocess/sharper-target` for a resolution higher than the source's, `preprocess/no-resolution` when the
 * source's is not known, `preprocess/option`, `table/no-column`, `preprocess/own-wavelengths`.
 * Cost: pixels × width of the kernel a star.
 */
export function broadenSpectra(spectra: Spectra, options: BroadenOptions, run: StepRunOptions = {}): Spectra {
  requireCommonGrid(spectra, 'broaden')
  if (options.kind === 'matrix') return broadenByMatrix(spectra, run)
  const minWeight = options.minWeight ?? DEFAULT_MIN_WEIGHT
  if (!(minWeight > 0 && minWeight <= 1))
    throw new AstrolabelError('preprocess/option', 'The share of a kernel is between 0 and 1', { got: minWeight })
  const { n, nPix } = spectra
  const wave = pixelWavelengths(spectra.meta)
  const pieces = cutPieces(spectra.meta, wave)
  const resolved = resolve(options, spectra)
  const kernelsOf = kernelMaker(spectra, resolved, wave, pieces)
  const flux = spectra.flux.slice()
  const ivar = spectra.ivar.slice()
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      const at = row * nPix
      const kernels = kernelsOf(row)
      if (typeof kernels === 'string') {
        ivar.fill(0, at, at + nPix)
        run.onBadStar?.({ row, starId: spectra.starId[row]!, step: 'broaden', reason: kernels })
        continue
      }
      pieces.forEach(({ start, end }, k) => {
        const part = (matrix: Float32Array): Float32Array => matrix.subarray(at + start, at + end)
        applyKernel(
          kernels[k]!,
          { flux: part(spectra.flux), ivar: part(spectra.ivar) },
          { flux: part(flux), ivar: part(ivar) },
          minWeight,
        )
      })
    }
  })
  if (spectra.meta.noise === 'unknown') for (let i = 0; i < ivar.length; i++) if (ivar[i]! > 0) ivar[i] = 1
  return {
    ...spectra,
    flux,
    ivar,
    catalog: catalogAfter(spectra, resolved),
    meta: withHistory(spectra.meta, 'broaden', { ...resolved, minWeight }),
  }
}

type KernelBroadening = Exclude<BroadenOptions, MatrixBroadening>

/** The options with their defaults filled in. */
function resolve(options: KernelBroadening, spectra: Spectra): KernelBroadening {
  if (options.kind === 'gaussian') return resolveGaussian(options, spectra)
  if (options.kind === 'rotation') {
    const limbDarkening = options.limbDarkening ?? DEFAULT_LIMB_DARKENING
    if (!(limbDarkening >= 0 && limbDarkening <= 1))
      throw new AstrolabelError('preprocess/option', 'The limb darkening lies between 0 and 1', { got: limbDarkening })
    return { ...options, limbDarkening }
  }
  if (options.kind === 'macroturbulence') return { ...options, profile: options.profile ?? 'radial-tangential' }
  return options
}

/** Why a star cannot be broadened. */
type Reason = 'no-width' | 'no-resolution'

/** The kernels of a star, one a piece; the same object for stars that share it. */
function kernelMaker(
  spectra: Spectra,
  options: KernelBroadening,
  wave: Float64Array,
  pieces: readonly Piece[],
): (row: number) => readonly BandKernel[] | Reason {
  const each = (make: (wave: Float64Array, piece: Piece) => BandKernel): readonly BandKernel[] =>
    pieces.map((piece) => make(wave.subarray(piece.start, piece.end), piece))
  if (options.kind === 'table') {
    const kernels = each((part) => tableKernel(part, options))
    return () => kernels
  }
  if (options.kind === 'gaussian') {
    const widths = gaussianWidths(spectra, options, wave)
    let last: { readonly sigma: Float64Array; readonly kernels: readonly BandKernel[] } | undefined
    return (row) => {
      const sigma = widths(row)
      if (sigma === undefined) return 'no-resolution'
      if (last?.sigma !== sigma)
        last = { sigma, kernels: each((part, { start, end }) => gaussianKernel(part, sigma.subarray(start, end))) }
      return last.kernels
    }
  }
  const velocities = velocitiesOf(spectra, options.kind === 'rotation' ? options.vsini : options.zeta)
  let last: { readonly velocity: number; readonly kernels: readonly BandKernel[] } | undefined
  return (row) => {
    const velocity = velocities(row)
    if (!(velocity >= 0 && velocity < SPEED_OF_LIGHT)) return 'no-width'
    if (last?.velocity !== velocity)
      last = { velocity, kernels: each((part) => velocityKernel(part, velocity, options)) }
    return last.kernels
  }
}

/** The kernel of rotation or macroturbulence of so many km/s. */
function velocityKernel(
  wave: Float64Array,
  velocity: number,
  options: RotationBroadening | MacroturbulenceBroadening,
): BandKernel {
  const scale = wave.map((lambda) => (lambda * velocity) / SPEED_OF_LIGHT)
  if (options.kind === 'rotation') return profileKernel(wave, scale, rotationProfile(options.limbDarkening!))
  if (options.profile === 'gaussian')
    return gaussianKernel(
      wave,
      scale.map((zeta) => zeta / Math.SQRT2),
    )
  return profileKernel(wave, scale, radialTangentialProfile)
}

function velocitiesOf(spectra: Spectra, velocity: number | string): (row: number) => number {
  if (typeof velocity === 'string') {
    const values = columnNumbers(requireColumn(spectra.catalog, velocity))
    return (row) => values[row]!
  }
  if (!(velocity >= 0 && velocity < SPEED_OF_LIGHT))
    throw new AstrolabelError('preprocess/option', 'A broadening velocity is not negative and below that of light', {
      got: velocity,
      expected: 'km/s, or the name of a catalogue column',
    })
  return () => velocity
}

/** The line spread that travels on: of a new resolution only the history tells, unless it is a column. */
function catalogAfter(spectra: Spectra, options: KernelBroadening): Spectra['catalog'] {
  if (options.kind === 'rotation' || options.kind === 'macroturbulence') return spectra.catalog
  const { n, columns } = withoutLineSpread(spectra.catalog)
  if (options.kind === 'table' || typeof options.to === 'number' || !('column' in options.to)) return { n, columns }
  if (options.to.column !== SIGMA_COLUMN) return { n, columns }
  return { n, columns: new Map(columns).set(SIGMA_COLUMN, spectra.catalog.columns.get(SIGMA_COLUMN)!) }
}
