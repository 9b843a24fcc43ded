import type { Continuum, Spectra } from '@astrolabel/spectra'
import { chebyshevContinuum, resolveChebyshev } from './chebyshev-continuum.js'
import { divideContinuum } from './divide-continuum.js'
import { polynomialContinuum, resolvePolynomial } from './polynomial-continuum.js'
import { DEFAULT_WINDOW, defaultBad, runningMedianContinuum } from './running-median-continuum.js'
import type { ResultRoom, StepRunOptions } from './row-operation.js'
import type { ContinuumOptions } from './steps.js'

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
  if (options.method === 'running-median') return runningMedianContinuum(options)
  if (options.method === 'polynomial') return polynomialContinuum(options)
  return chebyshevContinuum(options)
}

function resolved(options: ContinuumOptions, spectra: Spectra): object {
  if (options.method === 'running-median')
    return { window: options.window ?? DEFAULT_WINDOW, bad: options.bad ?? defaultBad(spectra) }
  if (options.method === 'polynomial') return resolvePolynomial(options, spectra)
  return resolveChebyshev(options, spectra)
}
