import { AstrolabelError } from '@astrolabel/spectra'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'

/** A number for all wavelengths, or a table of them, between which lines are drawn and beyond which the end one holds. */
export type Tabulated =
  | number
  | {
      /** Å, ascending. */
      readonly wave: readonly number[]
      /** One for each wavelength. */
      readonly values: readonly number[]
    }

/**
 * How wide a point in wavelength becomes, as plain JSON. A bare number is the resolving power λ / FWHM. The line spread
 * is taken as Gaussian, so FWHM = 2.3548 σ.
 *
 * - `r` resolving power λ / FWHM.
 * - `fwhm` or `sigma` in Å.
 * - `fwhmVelocity` or `sigmaVelocity` in km/s.
 * - `column` a column of the catalogue with one σ a pixel and star, in Å or, by `unit: 'pixel'`, in pixels of the
 *   spectrum (SDSS's `wdisp`); 0 where it is not known.
 */
export type Resolution =
  | number
  | { readonly r: Tabulated }
  | { readonly fwhm: Tabulated }
  | { readonly sigma: Tabulated }
  | { readonly fwhmVelocity: Tabulated }
  | { readonly sigmaVelocity: Tabulated }
  | ResolutionColumn

/** A resolution that differs from star to star. */
export interface ResolutionColumn {
  readonly column: string
  readonly unit?: 'angstrom' | 'pixel'
}

/** FWHM of a Gaussian in σ: 2 √(2 ln 2). */
export const FWHM_PER_SIGMA: number = 2 * Math.sqrt(2 * Math.LN2)

/** True for a resolution that each star has of its own. */
export function isResolutionColumn(resolution: Resolution): resolution is ResolutionColumn {
  return typeof resolution === 'object' && 'column' in resolution
}

/**
 * σ of the line spread at each pixel.
 *
 * @param wave (nPix) Å.
 * @returns (nPix) Å.
 * @throws `preprocess/option` for a resolution that is not positive, a table that does not ascend, or lines wider
 * than their wavelength.
 */
export function sigmaOfResolution(resolution: Exclude<Resolution, ResolutionColumn>, wave: Float64Array): Float64Array {
  const [unit, values] = typeof resolution === 'number' ? ['r', resolution] : Object.entries(resolution)[0]!
  const toSigma = TO_SIGMA[unit as keyof typeof TO_SIGMA]
  if (toSigma === undefined) {
    throw new AstrolabelError('preprocess/option', 'A resolution is of a kind that there is not', {
      got: unit,
      expected: [...Object.keys(TO_SIGMA), 'column'],
    })
  }
  const at = tabulated(unit, values as Tabulated)
  const sigma = wave.map((lambda) => toSigma(at(lambda), lambda))
  const wide = sigma.findIndex((s, i) => !(s < wave[i]!))
  if (wide < 0) return sigma
  throw new AstrolabelError('preprocess/option', 'A line cannot be wider than its wavelength', {
    got: `${unit} ${at(wave[wide]!)} at ${wave[wide]!} Å`,
    expected: 'such as 2000 for λ / FWHM',
  })
}

const TO_SIGMA = {
  r: (r: number, lambda: number) => lambda / r / FWHM_PER_SIGMA,
  fwhm: (fwhm: number) => fwhm / FWHM_PER_SIGMA,
  sigma: (sigma: number) => sigma,
  fwhmVelocity: (fwhm: number, lambda: number) => (fwhm / FWHM_PER_SIGMA / SPEED_OF_LIGHT) * lambda,
  sigmaVelocity: (sigma: number, lambda: number) => (sigma / SPEED_OF_LIGHT) * lambda,
} as const

function tabulated(name: string, table: Tabulated): (lambda: number) => number {
  if (typeof table === 'number') {
    requirePositive(name, [table])
    return () => table
  }
  const { wave, values } = table
  if (wave.length === 0 || wave.length !== values.length || wave.some((w, i) => i > 0 && !(w > wave[i - 1]!))) {
    throw new AstrolabelError('preprocess/option', `The table of ${name} needs ascending wavelengths, one a value`, {
      got: `${wave.length} wavelengths and ${values.length} values`,
    })
  }
  requirePositive(name, values)
  return (lambda) => {
    let k = 0
    while (k < wave.length && wave[k]! < lambda) k++
    if (k === 0 || k === wave.length) return values[k === 0 ? 0 : k - 1]!
    const t = (lambda - wave[k - 1]!) / (wave[k]! - wave[k - 1]!)
    return values[k - 1]! * (1 - t) + values[k]! * t
  }
}

function requirePositive(name: string, values: readonly number[]): void {
  const bad = values.find((value) => !(value > 0 && value < Number.POSITIVE_INFINITY))
  if (bad === undefined) return
  throw new AstrolabelError('preprocess/option', `A resolution is a positive number, ${name} is not`, {
    got: bad,
    expected: 'such as 2000 for λ / FWHM',
  })
}
