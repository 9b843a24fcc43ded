import type { KindsOf, OptionKind } from '../options/option-kind.js'
import { choice, column, either, listOf, number, pair, ranges } from '../options/option-kind.js'
import type { StepDescription } from '../options/step-description.js'
import type { BlackbodyOptions } from './blackbody-continuum.js'
import type { ChebyshevOptions } from './chebyshev-continuum.js'
import { continuumLists } from './continuum-lists.js'
import type { ContinuumPixelOptions } from './continuum-pixel-options.js'
import type { GaussianOptions } from './gaussian-continuum.js'
import type { PolynomialOptions } from './polynomial-continuum.js'
import type { RunningMedianOptions } from './running-median-continuum.js'
import type { RunningQuantileOptions } from './running-quantile-continuum.js'
import type { SinesCosinesOptions } from './sines-cosines-continuum.js'
import type { SplineOptions } from './spline-continuum.js'

const pieces: { readonly splits: OptionKind; readonly weighting: OptionKind } = {
  splits: listOf(number(), '[6000]'),
  weighting: choice('ivar', 'uniform'),
}
const unit = choice('pixel', 'angstrom', 'km/s')
const clip = pair('two numbers of sigma, below and above', '[-1.2, 3]')
const fitted: KindsOf<ContinuumPixelOptions> = {
  pixels: {
    expected: `indices of pixels or ${Object.keys(continuumLists).join(', ')}; a file is read where a recipe is loaded`,
    accepts: (value) =>
      Array.isArray(value)
        ? value.every((pixel) => Number.isInteger(pixel))
        : typeof value === 'string' && Object.hasOwn(continuumLists, value),
  },
  windows: ranges,
}
const runningMedian: KindsOf<RunningMedianOptions> = { window: number(), bad: choice('interpolate', 'keep') }
const polynomial: KindsOf<PolynomialOptions> = {
  order: number(),
  iterations: number(),
  lowerWeight: number(),
  clip,
  ...pieces,
}
const chebyshev: KindsOf<ChebyshevOptions> = { order: number(), ...fitted, clip, iterations: number(), ...pieces }
const runningQuantile: KindsOf<RunningQuantileOptions> = { window: number(), unit, quantile: number(), ...pieces }
const sinesCosines: KindsOf<SinesCosinesOptions> = {
  order: number(),
  length: number(),
  ridge: number(),
  ...fitted,
  clip,
  iterations: number(),
  ...pieces,
}
const spline: KindsOf<SplineOptions> = {
  spacing: number(),
  ...fitted,
  iterations: number(),
  lowerWeight: number(),
  clip,
  ...pieces,
}
const gaussian: KindsOf<GaussianOptions> = { width: number(), unit, ...pieces }
const blackbody: KindsOf<BlackbodyOptions> = {
  teff: either(number(), column),
  percentile: number(),
  ...polynomial,
  order: either(number(), choice('none')),
}

/** The step that normalises. */
export const continuumStep: StepDescription = {
  does: 'divides by a continuum',
  options: {},
  variants: {
    by: 'method',
    what: 'continuum method',
    options: {
      'running-median': runningMedian,
      polynomial,
      chebyshev,
      'running-quantile': runningQuantile,
      'sines-cosines': sinesCosines,
      spline,
      gaussian,
      blackbody,
    },
  },
}
