import { AstrolabelError } from '@astrolabel/spectra'
import { continuumFlux } from './continuum-flux.js'
import { lineAbsorption } from './line-absorption.js'
import { desiResolvingPower, smoothToPixels } from './line-spread.js'
import { greyTemperature } from './photosphere.js'
import { gridPosition, gridWave, MODEL_RANGE } from './rest-grid.js'
import type { StellarLabels } from './stellar-labels.js'

/** How {@link modelSpectrum} and {@link modelFlux} look at the star. */
export interface ModelOptions {
  /** λ / FWHM at a wavelength in Å (default: DESI's, 2000 at 3600 Å to 5500 at 9800 Å). */
  readonly resolution?: (wave: number) => number
  /** Radial velocity, km s⁻¹, positive when receding (default 0). */
  readonly vRad?: number
  /** Width of a pixel over which the light is averaged, Å (default 0: the value at each wavelength). */
  readonly pixelWidth?: number
}

/**
 * Spectrum of a star over its own continuum, from the line model.
 *
 * A Milne–Eddington layer: F / F_c = 1 - D η / (1 + η) with η the line over continuous opacity and D the depth that a
 * saturated line reaches, convolved with the spectrograph's Gaussian.
 *
 * @param wave (n) vacuum Å, rising, between 3560 and 9920 in the star's frame.
 * @returns (n) flux over continuum, 0 to 1.
 * @throws `simulator/out-of-range` for a wavelength that the line list does not cover.
 * Cost: about 15 ms for the whole optical range.
 */
export function modelSpectrum(
  labels: StellarLabels,
  wave: ArrayLike<number>,
  options: ModelOptions = {},
): Float64Array {
  const { resolution = desiResolvingPower, vRad = 0, pixelWidth = 0 } = options
  const rest = restWave(wave, vRad)
  const first = Math.floor(gridPosition(rest[0]! * 0.997))
  const length = Math.ceil(gridPosition(rest[rest.length - 1]! * 1.003)) - first + 1
  const fine = lineAbsorption(labels, first, length)
  // The depth varies slowly: its value in the middle of each 500 steps of the grid is enough.
  const stride = 500
  for (let block = first - (first % stride); block < first + length; block += stride) {
    const depth = saturatedDepth(labels.teff, gridWave(block + stride / 2))
    const end = Math.min(length, block + stride - first)
    for (let i = Math.max(0, block - first); i < end; i++) fine[i] = 1 - (depth * fine[i]!) / (1 + fine[i]!)
  }
  return smoothToPixels(fine, first, rest, resolution, pixelWidth)
}

/**
 * Flux of a star's surface with its lines: {@link modelSpectrum} times the continuum.
 *
 * @param wave (n) vacuum Å, as for {@link modelSpectrum}.
 * @returns (n) erg s⁻¹ cm⁻² Å⁻¹ at the surface.
 */
export function modelFlux(labels: StellarLabels, wave: ArrayLike<number>, options: ModelOptions = {}): Float64Array {
  const continuum = continuumFlux(labels, restWave(wave, options.vRad ?? 0))
  return modelSpectrum(labels, wave, options).map((value, i) => value * continuum[i]!)
}

/**
 * Depth of a saturated line: the source function falls to that of the top, and further by the lines' scattering, for
 * which 0.6 makes the cores of MILES stars.
 */
function saturatedDepth(teff: number, wave: number): number {
  const u = 1.438777e8 / (wave * greyTemperature(teff, 0))
  const beta = (0.375 * u) / -Math.expm1(-u)
  return 1 - 0.6 / (1 + (2 / 3) * beta)
}

function restWave(wave: ArrayLike<number>, vRad: number): Float64Array {
  const beta = vRad / 299792.458
  const shift = Math.sqrt((1 + beta) / (1 - beta))
  const rest = Float64Array.from(wave, (w) => w / shift)
  const [low, high] = MODEL_RANGE
  for (const w of rest) {
    if (!(w >= low && w <= high)) {
      throw new AstrolabelError(
        'simulator/out-of-range',
        'The line model does not cover this wavelength (Å, at rest)',
        {
          got: w,
          expected: `${low} to ${high}`,
        },
      )
    }
  }
  return rest
}
