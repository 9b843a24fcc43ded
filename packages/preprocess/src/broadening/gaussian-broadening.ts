import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, requireColumn } from '@astrolabel/spectra'
import type { GaussianBroadening } from './broaden-options.js'
import { carriedLineSpread, sigmaOfRow } from './line-spread.js'
import type { Resolution } from './resolution.js'
import { FWHM_PER_SIGMA, isResolutionColumn, sigmaOfResolution } from './resolution.js'

/** Relative excess of the source's σ over the target's that is rounding. */
const ROUNDING = 1e-6

/** Share of the good pixels that may be broader than the target before the target is a mistake. */
const TOLERATED = 0.5

/** The options with the source's resolution found. @throws `preprocess/no-resolution` when nothing tells it. */
export function resolveGaussian(options: GaussianBroadening, spectra: Spectra): GaussianBroadening {
  if (options.from !== undefined) return options
  const column = carriedLineSpread(spectra.catalog)
  if (column !== undefined) return { ...options, from: { column: column.name } }
  const steps = spectra.meta.history.filter(({ step }) => step === 'broaden')
  const before = steps.findLast(({ options: { kind } }) => kind === 'gaussian' || kind === 'table' || kind === 'matrix')
  if (before !== undefined && before.options['kind'] === 'gaussian')
    return { ...options, from: before.options['to'] as Resolution }
  throw new AstrolabelError('preprocess/no-resolution', 'The resolution that the spectra have is not known', {
    got: 'no from, no column resolution or lsf_sigma, and no earlier broaden step',
    expected: 'the resolution of the source',
    remedy: "Give from, such as 2000 for λ / FWHM, or 'sharp' for models without an instrument's width",
  })
}

/**
 * σ of the kernel that brings each star from its resolution to the target's: σ² = σ_to² − σ_from² at each pixel.
 *
 * @returns for a row (nPix) Å, the same array for stars that share it, NaN where the source is broader than the target;
 * undefined for a star whose resolution is not known.
 * @throws `preprocess/sharper-target` when at more than half of a star's good pixels, or anywhere with a resolution
 * common to all stars, the source is broader than the target.
 */
export function gaussianWidths(
  spectra: Spectra,
  options: GaussianBroadening,
  wave: Float64Array,
): (row: number) => Float64Array | undefined {
  const from = options.from!
  const source = sigmas(spectra, from, wave)
  const target = sigmas(spectra, options.to, wave)
  const own = [from, options.to].some((end) => end !== 'sharp' && isResolutionColumn(end))
  const widths = (row: number): Float64Array | undefined => {
    const [had, wanted] = [source(row), target(row)]
    if (had === undefined || wanted === undefined) return undefined
    const sigma = had.map((s, i) => {
      const excess = (wanted[i]! - s) * (wanted[i]! + s)
      if (excess >= 0) return Math.sqrt(excess)
      return s <= wanted[i]! * (1 + ROUNDING) ? 0 : Number.NaN
    })
    requireBroader(spectra, row, sigma, { had, wanted, wave, tolerated: own ? TOLERATED : 0 })
    return sigma
  }
  if (own) return widths
  let shared: Float64Array | undefined
  return () => (shared ??= widths(0))
}

function sigmas(
  spectra: Spectra,
  resolution: Resolution | 'sharp',
  wave: Float64Array,
): (row: number) => Float64Array | undefined {
  if (resolution === 'sharp') {
    const none = new Float64Array(wave.length)
    return () => none
  }
  if (!isResolutionColumn(resolution)) {
    const sigma = sigmaOfResolution(resolution, wave)
    return () => sigma
  }
  const column = requireColumn(spectra.catalog, resolution.column)
  return (row) => {
    const sigma = sigmaOfRow(spectra, column, row, wave, resolution.unit)
    return sigma.some((s) => s > 0) ? sigma : undefined
  }
}

interface Widths {
  readonly had: Float64Array
  readonly wanted: Float64Array
  readonly wave: Float64Array
  readonly tolerated: number
}

function requireBroader(
  { nPix, ivar, starId }: Spectra,
  row: number,
  sigma: Float64Array,
  { had, wanted, wave, tolerated }: Widths,
): void {
  let good = 0
  let worst = -1
  let sharper = 0
  for (let i = 0; i < nPix; i++) {
    const counts = tolerated === 0 || ivar[row * nPix + i]! > 0
    if (!counts) continue
    good++
    if (!Number.isNaN(sigma[i]!)) continue
    sharper++
    if (worst < 0 || had[i]! / wanted[i]! > had[worst]! / wanted[worst]!) worst = i
  }
  if (sharper <= tolerated * good) return
  const power = (of: Float64Array): number => Math.round(wave[worst]! / of[worst]! / FWHM_PER_SIGMA)
  throw new AstrolabelError(
    'preprocess/sharper-target',
    `Spectra cannot be brought to a higher resolution than they have, at ${Math.round(wave[worst]! * 10) / 10} Å${tolerated === 0 ? '' : ` of star ${starId[row]!}`}`,
    {
      got: `a target of R = ${power(wanted)} for spectra of R = ${power(had)}`,
      expected: `at most R = ${power(had)}`,
      remedy: 'Take a lower resolution, or crop the wavelengths where the spectra are too broad',
    },
  )
}
