import type { Continuum, Spectra } from '@astrolabel/spectra'
import type { PiecewiseRule } from './piecewise-polynomial.js'
import { checkRule, defaultWeighting, piecewiseContinuum } from './piecewise-polynomial.js'

/** Options of {@link polynomialContinuum}. */
export interface PolynomialOptions {
  /** Degree of the polynomials; default 7. */
  readonly order?: number
  /** Fits after the first; default 4. */
  readonly iterations?: number
  /**
   * Weight of the residuals of pixels below the previous fit, as numpy.polyfit's `w`, so that their squares count with
   * its square; default 0.15, or 1 when `clip` is given.
   */
  readonly lowerWeight?: number
  /** Leave out pixels further than [below, above] × weighted rms residual from the previous fit, e.g. [-1.5, 3]. */
  readonly clip?: readonly [below: number, above: number]
  /** Å at which arms are split, e.g. [6000] for SDSS; default none. Arm boundaries and gaps always split. */
  readonly splits?: readonly number[]
  /** Weight pixels by ivar or all good ones alike. Default: ivar where the noise was measured. */
  readonly weighting?: 'ivar' | 'uniform'
}

/**
 * Continuum as one polynomial an arm, fitted and refitted with the pixels below the last fit counting less, so that it
 * rises to the upper envelope. Solved in Chebyshev polynomials of the wavelength mapped to [-1, 1], where order 7 is
 * well conditioned. Cost n × nPix × iterations × 3 order.
 *
 * The continuum of an arm with too few good pixels is 0.
 *
 * @throws `preprocess/option` for options out of range.
 */
export function polynomialContinuum(options: PolynomialOptions = {}): Continuum {
  checkRule(resolve(options, 'uniform'))
  return piecewiseContinuum('polynomial', (spectra) => resolvePolynomial(options, spectra))
}

/** The options with their defaults filled in. */
export function resolvePolynomial(options: PolynomialOptions, spectra: Spectra): PiecewiseRule {
  return resolve(options, defaultWeighting(spectra))
}

function resolve(options: PolynomialOptions, weighting: 'ivar' | 'uniform'): PiecewiseRule {
  return {
    order: options.order ?? 7,
    iterations: options.iterations ?? 4,
    lowerWeight: options.lowerWeight ?? (options.clip === undefined ? 0.15 : 1),
    ...(options.clip === undefined ? {} : { clip: options.clip }),
    splits: options.splits ?? [],
    weighting: options.weighting ?? weighting,
  }
}
