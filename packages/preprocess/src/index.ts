export { preprocess } from './chain/preprocess.js'
export type { PreprocessOptions } from './chain/preprocess.js'
export { recipes } from './chain/recipes.js'
export type { RecipeName } from './chain/recipes.js'
export type { ContinuumStep, PreprocessStep } from './chain/steps.js'
export { checkSteps } from './chain/check-steps.js'
export { stepDescriptions } from './chain/step-descriptions.js'
export type { StepDescription } from './options/step-description.js'
export type { OptionKind, OptionKinds } from './options/option-kind.js'

export type { BadStar, StepRunOptions } from './pixels/row-operation.js'
export { interpolateBad } from './pixels/interpolate-bad.js'

export { applyMask } from './masks/apply-mask.js'
export type { MaskOptions } from './masks/apply-mask.js'
export { surveyBits } from './masks/survey-bits.js'
export { maskTellurics, maskWindows, telluricBands } from './masks/mask-windows.js'
export type { TelluricOptions, WaveRanges, WindowOptions } from './masks/mask-windows.js'
export { clipOutliers } from './masks/clip-outliers.js'
export type { ClipOptions } from './masks/clip-outliers.js'
export { maskCosmicRays } from './masks/cosmic-rays.js'
export type { CosmicRayOptions } from './masks/cosmic-rays.js'

export { desiTrims, stitchSegments } from './resampling/stitch-segments.js'
export type { SegmentTrim, StitchOptions } from './resampling/stitch-segments.js'
export { cropSpectra } from './resampling/crop-spectra.js'
export type { CropOptions } from './resampling/crop-spectra.js'
export { resampleSpectra } from './resampling/resample-spectra.js'
export type { ResampleOptions } from './resampling/resample-spectra.js'
export { resampledCorrelation } from './resampling/resampling-method.js'
export type { ResamplingMethod } from './resampling/resampling-method.js'
export { resolveGrid } from './resampling/grid-choice.js'
export type { GridChoice, GridName } from './resampling/grid-choice.js'
export { latticeOffset } from './resampling/lattice.js'

export { dopplerFactors, toRestFrame } from './velocities/rest-frame.js'
export type { RestFrameOptions } from './velocities/rest-frame.js'
export type { VelocityFrame } from './velocities/velocity-frame.js'
export { crossCorrelate, velocityFlags } from './velocities/cross-correlate.js'
export type { CrossCorrelationOptions, Velocities } from './velocities/cross-correlate.js'
export { encodeTemplates } from './velocities/template-set.js'
export type { TemplateSet } from './velocities/template-set.js'
export { addVelocities } from './velocities/add-velocities.js'
export type { VelocityOptions } from './velocities/add-velocities.js'

export { runningMedianContinuum } from './continuum/running-median-continuum.js'
export type { RunningMedianOptions } from './continuum/running-median-continuum.js'
export { polynomialContinuum } from './continuum/polynomial-continuum.js'
export type { PolynomialOptions } from './continuum/polynomial-continuum.js'
export { chebyshevContinuum } from './continuum/chebyshev-continuum.js'
export type { ChebyshevOptions } from './continuum/chebyshev-continuum.js'
export { runningQuantileContinuum } from './continuum/running-quantile-continuum.js'
export type { RunningQuantileOptions } from './continuum/running-quantile-continuum.js'
export { sinesCosinesContinuum } from './continuum/sines-cosines-continuum.js'
export type { SinesCosinesOptions } from './continuum/sines-cosines-continuum.js'
export { splineContinuum } from './continuum/spline-continuum.js'
export type { SplineOptions } from './continuum/spline-continuum.js'
export { gaussianContinuum } from './continuum/gaussian-continuum.js'
export type { GaussianOptions } from './continuum/gaussian-continuum.js'
export { blackbodyContinuum } from './continuum/blackbody-continuum.js'
export type { BlackbodyOptions } from './continuum/blackbody-continuum.js'
export type { WidthUnit } from './continuum/width-unit.js'
export {
  continuumPixelsByCoefficients,
  continuumPixelsByModel,
  continuumPixelsOfSpectra,
  labelMesh,
} from './continuum/find-continuum-pixels.js'
export type { PixelCoefficients } from './continuum/find-continuum-pixels.js'
export type { ContinuumPixels, PixelChoiceOptions } from './continuum/spread-pixels.js'
export { continuumLists } from './continuum/continuum-lists.js'
export type { ContinuumListName } from './continuum/continuum-lists.js'
export type { ContinuumOptions } from './continuum/continuum-options.js'
export { divideContinuum } from './continuum/divide-continuum.js'
export { makeContinuum, normaliseContinuum } from './continuum/normalise-continuum.js'

export { broadenSpectra } from './broadening/broaden-spectra.js'
export type {
  BroadenOptions,
  GaussianBroadening,
  KernelOptions,
  MacroturbulenceBroadening,
  MatrixBroadening,
  RotationBroadening,
  TableBroadening,
} from './broadening/broaden-options.js'
export { sigmaOfResolution } from './broadening/resolution.js'
export type { Resolution, ResolutionColumn, Tabulated } from './broadening/resolution.js'
export { applyResolutionMatrix, sigmaOfMatrix } from './broadening/resolution-matrix.js'
export type { ResolutionMatrix } from './broadening/resolution-matrix.js'
export type { KernelTable } from './broadening/table-kernel.js'
export { Extrinsics } from './broadening/extrinsics.js'
export type { ExtrinsicOptions, ExtrinsicParameters } from './broadening/extrinsics.js'
export type { ExtrinsicOperator, ExtrinsicSpectrum } from './broadening/extrinsic-operator.js'
export { withExtrinsics } from './broadening/with-extrinsics.js'
export type { WithExtrinsicsOptions } from './broadening/with-extrinsics.js'

export { augmentSpectra } from './augment/augment-spectra.js'
export type { AugmentRunOptions } from './augment/augment-spectra.js'
export type { AugmentOptions, WiggleOptions } from './augment/augment-options.js'
