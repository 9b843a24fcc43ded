import type { BroadenOptions } from '../broadening/broaden-options.js'
import type { ContinuumOptions } from '../continuum/continuum-options.js'
import type { VelocityOptions } from '../velocities/add-velocities.js'
import type { CropOptions } from '../resampling/crop-spectra.js'
import type { MaskOptions } from '../masks/apply-mask.js'
import type { ClipOptions } from '../masks/clip-outliers.js'
import type { CosmicRayOptions } from '../masks/cosmic-rays.js'
import type { TelluricOptions, WindowOptions } from '../masks/mask-windows.js'
import type { ResampleOptions } from '../resampling/resample-spectra.js'
import type { RestFrameOptions } from '../velocities/rest-frame.js'
import type { StitchOptions } from '../resampling/stitch-segments.js'

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
