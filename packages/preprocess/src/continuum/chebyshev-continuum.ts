import type { Continuum, Spectra } from '@astrolabel/spectra'
import type { ContinuumPixelOptions } from './continuum-pixel-options.js'
import { fittedPixels } from './continuum-pixel-options.js'
import type { PiecewiseRule } from './piecewise-polynomial.js'
import { checkRule, defaultWeighting, piecewiseContinuum } from './piecewise-polynomial.js'

/** Options of {@link chebyshevContinuum}. */
export interface ChebyshevOptions extends ContinuumPixelOptions {
  /** Degree of the polynomials; default 2. */
  readonly order?: number
  /** Leave out pixels further than [below, above] × weighted rms residual from the previous fit; default [-1.2, 3]. */
  readonly clip?: readonly [below: number, above: number]
  /** Fits after the first; default 8, or none when continuum pixels are given. */
  readonly iterations?: number
  /** Å at which chips are split; default none. Chip boundaries and gaps in the wavelengths always split. */
  readonly splits?: readonly number[]
  /** Weight pixels by ivar or all good ones alike. Default: ivar where the noise was measured. */
  readonly weighting?: 'ivar' | 'uniform'
}

/**
 * Continuum as one low Chebyshev polynomial a chip (Ness et al. 2015, section 2.3), on continuum pixels that are given
 * or, without any, on what asymmetric clipping leaves of all pixels.
 *
 * Clipping at -1.2 σ labels APOGEE giants as well as continuum pixels found from their label dependence do; at -0.8 σ
 * too few pixels are left and log g loses a third of its precision. The fit then lies one or two σ of the noise above
 * the true continuum, alike for all stars of one S/N: models that are trained on such spectra do not mind.
 *
 * The continuum of a chip with too few good pixels is 0.
 *
 * @throws `preprocess/option` for options out of range or a pixel that is not there.
 */
export function chebyshevContinuum(options: ChebyshevOptions = {}): Continuum {
  checkRule(resolve(options, 'uniform'))
  return piecewiseContinuum('chebyshev', (spectra) => resolveChebyshev(options, spectra))
}

/** The options with their defaults filled in. */
export function resolveChebyshev(options: ChebyshevOptions, spectra: Spectra): PiecewiseRule {
  return resolve(options, defaultWeighting(spectra))
}

function resolve(options: ChebyshevOptions, weighting: 'ivar' | 'uniform'): PiecewiseRule {
  const fitted = fittedPixels(options)
  const given = fitted.pixels !== undefined || fitted.windows !== undefined
  return {
    order: options.order ?? 2,
    iterations: options.iterations ?? (given ? 0 : 8),
    clip: options.clip ?? [-1.2, 3],
    splits: options.splits ?? [],
    weighting: options.weighting ?? weighting,
    ...fitted,
  }
}
