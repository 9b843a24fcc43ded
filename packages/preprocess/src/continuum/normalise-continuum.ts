import type { Continuum, Spectra } from '@astrolabel/spectra'
import { blackbodyContinuum, resolveBlackbody } from './blackbody-continuum.js'
import { chebyshevContinuum, resolveChebyshev } from './chebyshev-continuum.js'
import { divideContinuum } from './divide-continuum.js'
import { gaussianContinuum, resolveGaussian } from './gaussian-continuum.js'
import { polynomialContinuum, resolvePolynomial } from './polynomial-continuum.js'
import { DEFAULT_WINDOW, defaultBad, runningMedianContinuum } from './running-median-continuum.js'
import { resolveRunningQuantile, runningQuantileContinuum } from './running-quantile-continuum.js'
import type { ResultRoom, StepRunOptions } from '../pixels/row-operation.js'
import { resolveSinesCosines, sinesCosinesContinuum } from './sines-cosines-continuum.js'
import { resolveSpline, splineContinuum } from './spline-continuum.js'
import type { ContinuumOptions } from './continuum-options.js'

/**
 * Estimate a continuum and divide by it; the history gets the method with every default filled in.
 *
 * @param continuum the estimator of these options, to be used for batch after batch; made here unless given.
 * @param room where the result goes; new matrices unless given.
 * @throws what the method and {@link divideContinuum} throw.
 */
export function normaliseContinuum(
  spectra: Spectra,
  options: ContinuumOptions,
  run: StepRunOptions = {},
  continuum: Continuum = makeContinuum(options),
  room?: ResultRoom,
): Spectra {
  return divideContinuum(
    spectra,
    continuum.continuum(spectra, run),
    { method: options.method, ...resolved(options, spectra) },
    { signal: run.signal, onBadStar: run.onBadStar },
    room,
  )
}

/** The continuum estimator that options describe. */
export function makeContinuum(options: ContinuumOptions): Continuum {
  switch (options.method) {
    case 'running-median':
      return runningMedianContinuum(options)
    case 'running-quantile':
      return runningQuantileContinuum(options)
    case 'polynomial':
      return polynomialContinuum(options)
    case 'chebyshev':
      return chebyshevContinuum(options)
    case 'sines-cosines':
      return sinesCosinesContinuum(options)
    case 'spline':
      return splineContinuum(options)
    case 'gaussian':
      return gaussianContinuum(options)
    case 'blackbody':
      return blackbodyContinuum(options)
  }
}

function resolved(options: ContinuumOptions, spectra: Spectra): object {
  switch (options.method) {
    case 'running-median':
      return { window: options.window ?? DEFAULT_WINDOW, bad: options.bad ?? defaultBad(spectra) }
    case 'running-quantile':
      return resolveRunningQuantile(options)
    case 'polynomial':
      return resolvePolynomial(options, spectra)
    case 'chebyshev':
      return resolveChebyshev(options, spectra)
    case 'sines-cosines':
      return resolveSinesCosines(options, spectra)
    case 'spline':
      return resolveSpline(options, spectra)
    case 'gaussian':
      return resolveGaussian(options, spectra)
    case 'blackbody':
      return resolveBlackbody(options, spectra)
  }
}
