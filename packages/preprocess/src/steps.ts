import type { BlackbodyOptions } from './blackbody-continuum.js'
import type { BroadenOptions } from './broadening/broaden-options.js'
import type { VelocityOptions } from './velocities/add-velocities.js'
import type { ChebyshevOptions } from './chebyshev-continuum.js'
import type { CropOptions } from './crop-spectra.js'
import type { GaussianOptions } from './gaussian-continuum.js'
import type { MaskOptions } from './masks/apply-mask.js'
import type { ClipOptions } from './masks/clip-outliers.js'
import type { CosmicRayOptions } from './masks/cosmic-rays.js'
import type { TelluricOptions, WindowOptions } from './masks/mask-windows.js'
import type { PolynomialOptions } from './polynomial-continuum.js'
import type { ResampleOptions } from './resample-spectra.js'
import type { RestFrameOptions } from './rest-frame.js'
import type { RunningMedianOptions } from './running-median-continuum.js'
import type { RunningQuantileOptions } from './running-quantile-continuum.js'
import type { SinesCosinesOptions } from './sines-cosines-continuum.js'
import type { SplineOptions } from './spline-continuum.js'
import type { StitchOptions } from './stitch-segments.js'

/**
 * One step of a chain as plain JSON, so that a chain can be written in a recipe, kept in a model and replayed on new
 * spectra. Each entry that a step leaves in the history of the spectra is such a step again, defaults filled in.
 */
export type PreprocessStep =
  | ({ readonly step: 'mask' } & MaskOptions)
  | ({ readonly step: 'windows' } & WindowOptions)
  | ({ readonly step: 'tellurics' } & TelluricOptions)
  | ({ readonly step: 'clip' } & ClipOptions)
  | ({ readonly step: 'cosmics' } & CosmicRayOptions)
  | { readonly step: 'interpolate' }
  | ({ readonly step: 'stitch' } & StitchOptions)
  | ({ readonly step: 'velocity' } & VelocityOptions)
  | ({ readonly step: 'rest' } & RestFrameOptions)
  | ({ readonly step: 'crop' } & CropOptions)
  | ({ readonly step: 'resample' } & ResampleOptions)
  | ({ readonly step: 'broaden' } & BroadenOptions)
  | ContinuumStep

/** Estimate a continuum and divide by it. */
export type ContinuumStep = { readonly step: 'continuum' } & ContinuumOptions

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
