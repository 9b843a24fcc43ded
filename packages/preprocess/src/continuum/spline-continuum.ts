import type { Continuum, Spectra } from '@astrolabel/spectra'
import { BSplineFitter } from './bspline-fitter.js'
import type { ContinuumPixelOptions } from './continuum-pixel-options.js'
import { fittedPixels } from './continuum-pixel-options.js'
import type { RejectionRule } from './envelope-weights.js'
import type { PixelRule } from './fit-by-piece.js'
import { fitByPiece } from './fit-by-piece.js'
import { checkRule, defaultWeighting } from './piecewise-polynomial.js'
import { checkWidth } from './width-unit.js'
import type { StepRunOptions } from '../pixels/row-operation.js'

/** Options of {@link splineContinuum}. */
export interface SplineOptions extends ContinuumPixelOptions {
  /** Å between knots, about: each arm is cut into equal parts, no more than it has pixels; default 200. */
  readonly spacing?: number
  /** Fits after the first; default 8, or none when continuum pixels are given. */
  readonly iterations?: number
  /** Weight of the residuals of pixels below the previous fit, so that their squares count with its square; default 1. */
  readonly lowerWeight?: number
  /** Leave out pixels further than [below, above] × weighted rms residual from the previous fit; default [-1.2, 3]. */
  readonly clip?: readonly [below: number, above: number]
  /** Å at which arms are split; default none. Arm boundaries and gaps in the wavelengths always split. */
  readonly splits?: readonly number[]
  /** Weight pixels by ivar or all good ones alike. Default: ivar where the noise was measured. */
  readonly weighting?: 'ivar' | 'uniform'
}

/** A rule with every default filled in. */
interface SplineRule extends RejectionRule, PixelRule {
  readonly spacing: number
}

/**
 * Continuum as one cubic spline an arm, by weighted least squares on equally spaced knots, refitted with the pixels
 * far below the last fit left out, so that it rises to the upper envelope. Where an arm has no pixel between several
 * knots (masked, or all in lines) the spline crosses in a straight line. Cost n × nPix × iterations × 16.
 *
 * Knots closer than the widest line follow it: Balmer lines of hot stars want 400 Å.
 *
 * The continuum of an arm with fewer than five good pixels is 0.
 *
 * @throws `preprocess/option` for options out of range or a pixel that is not there.
 */
export function splineContinuum(options: SplineOptions = {}): Continuum {
  const checked = resolve(options, 'uniform')
  checkRule({ order: 3, ...checked })
  checkWidth('spacing', checked.spacing)
  return {
    kind: 'spline',
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      const rule = resolve(options, defaultWeighting(spectra))
      return fitByPiece(spectra, rule, (wave) => new BSplineFitter(wave, rule.spacing, rule), run)
    },
  }
}

/** The options with their defaults filled in. */
export function resolveSpline(options: SplineOptions, spectra: Spectra): SplineRule {
  return resolve(options, defaultWeighting(spectra))
}

function resolve(options: SplineOptions, weighting: 'ivar' | 'uniform'): SplineRule {
  const fitted = fittedPixels(options)
  const given = fitted.pixels !== undefined || fitted.windows !== undefined
  return {
    spacing: options.spacing ?? 200,
    iterations: options.iterations ?? (given ? 0 : 8),
    lowerWeight: options.lowerWeight ?? 1,
    clip: options.clip ?? [-1.2, 3],
    splits: options.splits ?? [],
    weighting: options.weighting ?? weighting,
    ...fitted,
  }
}
