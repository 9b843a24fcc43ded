import type { Continuum, Spectra } from '@astrolabel/spectra'
import type { PieceFitter } from './fit-by-piece.js'
import { fitByPiece } from './fit-by-piece.js'
import { checkOption } from './piecewise-polynomial.js'
import type { WidthUnit } from './width-unit.js'
import { checkWidth, pixelCoordinate } from './width-unit.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { slidingQuantile, windowsAround } from './sliding-quantile.js'

/** Options of {@link runningQuantileContinuum}. */
export interface RunningQuantileOptions {
  /** Whole width of the window in `unit`; default 151. Of pixels an odd number. */
  readonly window?: number
  /** Default pixel. */
  readonly unit?: WidthUnit
  /** 0 for the lowest to 1 for the highest value of the window; default 0.9. */
  readonly quantile?: number
  /** Å at which arms are split; default none. Arm boundaries and gaps in the wavelengths always split. */
  readonly splits?: readonly number[]
  /** Let pixels count by ivar or all good ones alike; default uniform. */
  readonly weighting?: 'ivar' | 'uniform'
}

type QuantileRule = Required<RunningQuantileOptions>

/**
 * Running quantile of the good pixels along each arm or chip (Ness et al. 2015, section 2.3, take 0.9 over 50 Å): the
 * value of a pixel, the first up to which the quantile of the window's weight is reached. Bad pixels are not in the
 * window at all, whatever was filled in for them, and at the ends the window is cut off. Cost n × nPix × log nPix.
 *
 * High quantiles of noisy spectra follow the noise: 0.9 lies 1.3 σ above a continuum without lines.
 *
 * The continuum is 0 where a window holds no good pixel.
 *
 * @throws `preprocess/option` for options out of range.
 */
export function runningQuantileContinuum(options: RunningQuantileOptions = {}): Continuum {
  const rule = resolveRunningQuantile(options)
  checkWidth('window', rule.window)
  checkOption(
    rule.unit !== 'pixel' || (Number.isInteger(rule.window) && rule.window % 2 === 1),
    'window',
    rule.window,
    'an odd number of pixels, or unit angstrom or km/s',
  )
  checkOption(rule.quantile >= 0 && rule.quantile <= 1, 'quantile', rule.quantile, 'a number from 0 to 1')
  return {
    kind: 'running-quantile',
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      return fitByPiece(spectra, rule, (wave) => quantileFitter(wave, rule), run)
    },
  }
}

/** The options with their defaults filled in. */
export function resolveRunningQuantile(options: RunningQuantileOptions): QuantileRule {
  return {
    window: options.window ?? 151,
    unit: options.unit ?? 'pixel',
    quantile: options.quantile ?? 0.9,
    splits: options.splits ?? [],
    weighting: options.weighting ?? 'uniform',
  }
}

function quantileFitter(wave: Float64Array, { window, unit, quantile }: QuantileRule): PieceFitter {
  const windows = windowsAround(pixelCoordinate(wave, unit), window)
  return { fit: (flux, base, out) => slidingQuantile(flux, base, windows, quantile, out) }
}
