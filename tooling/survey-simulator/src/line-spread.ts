import { gridPosition, LOG_STEP } from './rest-grid.js'

/** Resolving power λ / FWHM of the simulated spectrograph: from 2000 at 3600 Å to 5500 at 9800 Å, as DESI's. */
export function desiResolvingPower(wave: number): number {
  return 2000 + (3500 * (wave - 3600)) / 6200
}

const FWHM_PER_SIGMA = 2.354820045
/** The Gaussian is cut here; what is lost, 0.006 %, is put back by its norm. */
const REACH = 4

/**
 * Convolve a spectrum on the rest grid with Gaussians and sample it.
 *
 * @param fine (length) values on the rest grid from position `first`.
 * @param wave (n) wavelengths at which to sample, in the frame of the grid, Å.
 * @param resolution λ / FWHM at a wavelength of the grid's frame.
 * @param width of the pixels, Å: their box adds width²/12 to the variance of the Gaussian.
 * @returns (n) weighted means; points beyond the ends of `fine` count as the end values.
 * Cost: n × 8 σ in steps of the grid.
 */
export function smoothToPixels(
  fine: Float64Array,
  first: number,
  wave: ArrayLike<number>,
  resolution: (wave: number) => number,
  width: number,
): Float64Array {
  const last = fine.length - 1
  return Float64Array.from(wave, (w) => {
    const relative = Math.sqrt((1 / (resolution(w) * FWHM_PER_SIGMA)) ** 2 + (width / w) ** 2 / 12)
    const sigma = relative / LOG_STEP
    const centre = gridPosition(w) - first
    const from = Math.ceil(centre - REACH * sigma)
    const to = Math.floor(centre + REACH * sigma)
    // exp(-(x + k)² / 2σ²) by its ratio, which itself falls by a constant factor: two products a point, no exponential.
    const x = (from - centre) / sigma
    const h = 1 / sigma
    let weight = Math.exp(-0.5 * x * x)
    let ratio = Math.exp(-x * h - 0.5 * h * h)
    const fall = Math.exp(-h * h)
    let sum = 0
    let norm = 0
    for (let i = from; i <= to; i++) {
      sum += weight * fine[i < 0 ? 0 : i > last ? last : i]!
      norm += weight
      weight *= ratio
      ratio *= fall
    }
    return sum / norm
  })
}
