import type { Continuum, Spectra } from '@astrolabel/spectra'
import { columnNumbers, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import { checkOption, defaultWeighting } from './piecewise-polynomial.js'
import { polynomialContinuum } from './polynomial-continuum.js'
import type { PolynomialOptions } from './polynomial-continuum.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks, isGood, requireCommonGrid } from '../pixels/row-operation.js'

/** Options of {@link blackbodyContinuum}; those of the polynomial but for the order that may be none. */
export interface BlackbodyOptions extends Omit<PolynomialOptions, 'order'> {
  /** Effective temperature in K, or the catalogue column that holds it; default the column teff. */
  readonly teff?: number | string
  /** Percentile of the good pixels that becomes 1 after the division by the blackbody; default 99. */
  readonly percentile?: number
  /** Degree of the polynomials, or none to stop after the percentile; default 5. */
  readonly order?: number | 'none'
}

/** With every default filled in. */
interface BlackbodyRule extends BlackbodyOptions {
  readonly teff: number | string
  readonly percentile: number
  readonly order: number | 'none'
}

/** h c / k in Å K. */
const SECOND_RADIATION_CONSTANT = 1.438776877e8

/**
 * Continuum as blackbody × percentile × polynomial: the flux is divided by the Planck function of the star's effective
 * temperature, then by its 99th percentile over the whole spectrum, then by a polynomial an arm that is drawn to the
 * upper envelope as {@link polynomialContinuum} does. The order is that of gollum's pipeline for PHOENIX spectra, where
 * the temperature is known. Cost that of the polynomial and a sort.
 *
 * A column of temperatures that are labels to be learnt makes the spectra tell them: right for model spectra, a leak
 * for observed ones, for which a single number does, or temperatures from colours.
 *
 * The continuum of a star without a temperature is 0.
 *
 * @throws `preprocess/option` for options out of range, `table/no-column` when the catalogue has no such column.
 */
export function blackbodyContinuum(options: BlackbodyOptions = {}): Continuum {
  const checked = resolve(options)
  checkOption(
    typeof checked.teff === 'string' || (checked.teff > 0 && Number.isFinite(checked.teff)),
    'teff',
    checked.teff,
    'a positive temperature in K or the name of a column',
  )
  checkOption(
    checked.percentile > 0 && checked.percentile <= 100,
    'percentile',
    checked.percentile,
    'a number above 0, up to 100',
  )
  const bare = checked.order === 'none'
  const polynomial = polynomialContinuum({ ...options, order: checked.order === 'none' ? 0 : checked.order })
  return {
    kind: 'blackbody',
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      requireCommonGrid(spectra, 'continuum')
      const scale = blackbodyScale(spectra, checked, run)
      if (bare) return scale
      const flux = spectra.flux.map((y, i) => (scale[i]! > 0 ? y / scale[i]! : 0))
      const ivar = spectra.ivar.map((iv, i) => (spectra.meta.noise === 'measured' ? iv * scale[i]! ** 2 : iv))
      const shape = polynomial.continuum({ ...spectra, flux, ivar }, run)
      return shape.map((c, i) => c * scale[i]!)
    },
  }
}

/** The options with their defaults filled in. */
export function resolveBlackbody(options: BlackbodyOptions, spectra: Spectra): BlackbodyRule {
  return { ...resolve(options), weighting: options.weighting ?? defaultWeighting(spectra) }
}

function resolve(options: BlackbodyOptions): BlackbodyRule {
  return {
    teff: options.teff ?? 'teff',
    percentile: options.percentile ?? 99,
    order: options.order ?? 5,
    iterations: options.iterations ?? 4,
    lowerWeight: options.lowerWeight ?? (options.clip === undefined ? 0.15 : 1),
    ...(options.clip === undefined ? {} : { clip: options.clip }),
    splits: options.splits ?? [],
  }
}

/** Blackbody × percentile, (n × nPix) in the unit of flux; 0 without a temperature or a good pixel. */
function blackbodyScale(spectra: Spectra, { teff, percentile }: BlackbodyRule, run: StepRunOptions): Float32Array {
  const { n, nPix, flux, ivar } = spectra
  const wave = pixelWavelengths(spectra.meta)
  const column = typeof teff === 'string' ? columnNumbers(requireColumn(spectra.catalog, teff)) : undefined
  const out = new Float32Array(n * nPix)
  const shape = new Float64Array(nPix)
  const ratios = new Float64Array(nPix)
  forRowBlocks(n, { signal: run.signal }, (from, to) => {
    for (let row = from; row < to; row++) {
      const temperature = column === undefined ? Number(teff) : column[row]!
      if (!(temperature > 0)) continue
      relativePlanck(wave, temperature, shape)
      let count = 0
      for (let i = 0; i < nPix; i++) {
        const at = row * nPix + i
        if (isGood(flux[at]!, ivar[at]!)) ratios[count++] = flux[at]! / shape[i]!
      }
      if (count === 0) continue
      const level = percentileOf(ratios.subarray(0, count).sort(), percentile)
      for (let i = 0; i < nPix; i++) out[row * nPix + i] = level * shape[i]!
    }
  })
  return out
}

/** Planck function per wavelength at a temperature in K, (nPix) into `out`, 1 at the middle pixel. */
function relativePlanck(wave: Float64Array, temperature: number, out: Float64Array): void {
  const middle = wave[wave.length >> 1]!
  const u0 = SECOND_RADIATION_CONSTANT / (middle * temperature)
  for (let i = 0; i < out.length; i++) {
    const u = SECOND_RADIATION_CONSTANT / (wave[i]! * temperature)
    // exp(u0) - 1 over exp(u) - 1, without the overflow of either in the far blue of cool stars.
    out[i] = (middle / wave[i]!) ** 5 * Math.exp(u0 - u) * (Math.expm1(-u0) / Math.expm1(-u))
  }
}

/** Between the two nearest of sorted values, linearly, as numpy.percentile does. */
function percentileOf(sorted: Float64Array, percentile: number): number {
  const at = ((sorted.length - 1) * percentile) / 100
  const low = Math.floor(at)
  const value = sorted[low]!
  return low + 1 < sorted.length ? value + (at - low) * (sorted[low + 1]! - value) : value
}
