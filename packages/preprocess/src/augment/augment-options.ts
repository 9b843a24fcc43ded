import { AstrolabelError } from '@astrolabel/spectra'
import type { TelluricOptions } from '../masks/mask-windows.js'

/** How copies of training spectra differ from their originals, as plain JSON; what is absent is not done. */
export interface AugmentOptions {
  /** Copies of each star; default 1. */
  readonly copies?: number | undefined
  /** Whether the originals come too, each before its copies; default true. */
  readonly keepOriginals?: boolean | undefined
  /**
   * Gaussian noise: a number for so many times each pixel's own error, or one σ for all pixels, in the unit of flux.
   * ivar becomes that of both noises together.
   */
  readonly noise?: number | { readonly sigma: number } | undefined
  /** Shift by a Gaussian velocity of this σ, km/s. */
  readonly velocity?: number | undefined
  /** Rotation by a v sin i drawn uniformly up to this, or between the two, km/s. */
  readonly rotation?: number | readonly [number, number] | undefined
  /** Linear limb darkening of the rotation; default 0.6. */
  readonly limbDarkening?: number | undefined
  /** Share of pixels, drawn at random, that become bad: flux and ivar 0. */
  readonly zero?: number | undefined
  /** Bands of the Earth's atmosphere, where each star was seen through them: their ivar becomes 0, as maskTellurics does. */
  readonly telluric?: TelluricOptions | undefined
  /** A smooth factor exp(Σ a_k T_k), with Chebyshev polynomials along each arm or chip. */
  readonly wiggles?: WiggleOptions | undefined
}

/** How a continuum may be off. */
export interface WiggleOptions {
  /** Standard deviation of the factor's logarithm, such as 0.01. */
  readonly amplitude: number
  /** Highest order of its polynomials; default 4. */
  readonly order?: number | undefined
}

const KNOWN: Readonly<Record<keyof AugmentOptions, true>> = {
  copies: true,
  keepOriginals: true,
  noise: true,
  velocity: true,
  rotation: true,
  limbDarkening: true,
  zero: true,
  telluric: true,
  wiggles: true,
}

/**
 * Check options as they may come from a file.
 *
 * @param batchRows most rows of a batch: copies of a star stay in one.
 * @throws `augment/unknown-option` and `augment/option`, saying what is possible.
 */
export function checkAugment(options: AugmentOptions, batchRows: number): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN, name))
  if (unknown !== undefined)
    throw new AstrolabelError('augment/unknown-option', 'Augmentation has no such option', {
      got: unknown,
      expected: Object.keys(KNOWN),
    })
  const { copies = 1, noise, velocity, rotation, limbDarkening = 0.6, zero, wiggles } = options
  const notNegative = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY
  const [low, high] = rotationRange(rotation)
  const faults: readonly (readonly [fault: boolean, name: string, got: unknown, expected: string])[] = [
    [!Number.isInteger(copies) || copies < 1 || copies >= batchRows, 'copies', copies, `1 to ${batchRows - 1}`],
    [
      noise !== undefined && !notNegative(typeof noise === 'number' ? noise : noise.sigma),
      'noise',
      JSON.stringify(noise),
      'a number, or a sigma, that is not negative',
    ],
    [velocity !== undefined && !notNegative(velocity), 'velocity', velocity, 'km/s, not negative'],
    [!notNegative(low) || !notNegative(high) || low > high, 'rotation', rotation, 'km/s, not negative, ascending'],
    [!(limbDarkening >= 0 && limbDarkening <= 1), 'limbDarkening', limbDarkening, '0 to 1'],
    [zero !== undefined && !(zero >= 0 && zero < 1), 'zero', zero, 'a share from 0 to below 1'],
    [
      wiggles !== undefined && !notNegative(wiggles.amplitude),
      'wiggles.amplitude',
      wiggles?.amplitude,
      'a number that is not negative',
    ],
    [
      wiggles?.order !== undefined && !(Number.isInteger(wiggles.order) && wiggles.order >= 1),
      'wiggles.order',
      wiggles?.order,
      'an integer from 1 on',
    ],
  ]
  const fault = faults.find(([is]) => is)
  if (fault !== undefined)
    throw new AstrolabelError('augment/option', `The option ${fault[1]} of augmentation is out of range`, {
      got: fault[2],
      expected: fault[3],
    })
}

/** Smallest and largest v sin i, km/s. */
export function rotationRange(rotation: AugmentOptions['rotation']): readonly [number, number] {
  if (rotation === undefined) return [0, 0]
  return typeof rotation === 'number' ? [0, rotation] : rotation
}
