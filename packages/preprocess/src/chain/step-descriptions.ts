import { broadenStep } from '../broadening/broaden-step.js'
import { continuumStep } from '../continuum/continuum-step.js'
import { maskSteps } from '../masks/mask-steps.js'
import type { StepDescription } from '../options/step-description.js'
import { resamplingSteps } from '../resampling/resampling-steps.js'
import { velocitySteps } from '../velocities/velocity-steps.js'
import type { PreprocessStep } from './steps.js'

/** Every step of a chain: what it does and which options it takes, in the order in which steps usually come. */
export const stepDescriptions: Readonly<Record<PreprocessStep['step'], StepDescription>> = {
  ...maskSteps,
  interpolate: { does: 'fills the flux of bad pixels, which stay bad', options: {} },
  stitch: resamplingSteps.stitch,
  ...velocitySteps,
  crop: resamplingSteps.crop,
  resample: resamplingSteps.resample,
  broaden: broadenStep,
  continuum: continuumStep,
}
