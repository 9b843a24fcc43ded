import type { BlackbodyOptions } from './blackbody-continuum.js'
import type { ChebyshevOptions } from './chebyshev-continuum.js'
import type { GaussianOptions } from './gaussian-continuum.js'
import type { PolynomialOptions } from './polynomial-continuum.js'
import type { RunningMedianOptions } from './running-median-continuum.js'
import type { RunningQuantileOptions } from './running-quantile-continuum.js'
import type { SinesCosinesOptions } from './sines-cosines-continuum.js'
import type { SplineOptions } from './spline-continuum.js'

/** How to estimate the continuum. */
export type ContinuumOptions =
  | ({ readonly method: 'running-median' } & RunningMedianOptions)
  | ({ readonly method: 'polynomial' } & PolynomialOptions)
  | ({ readonly method: 'chebyshev' } & ChebyshevOptions)
  | ({ readonly method: 'running-quantile' } & RunningQuantileOptions)
  | ({ readonly method: 'sines-cosines' } & SinesCosinesOptions)
  | ({ readonly method: 'spline' } & SplineOptions)
  | ({ readonly method: 'gaussian' } & GaussianOptions)
  | ({ readonly method: 'blackbody' } & BlackbodyOptions)
