export { preprocess } from './preprocess.js'
export type { PreprocessOptions } from './preprocess.js'
export type { BadStar, StepRunOptions } from './row-operation.js'
export { recipes } from './recipes.js'
export type { RecipeName } from './recipes.js'
export type { ContinuumOptions, ContinuumStep, PreprocessStep } from './steps.js'
export { checkSteps } from './check-steps.js'
export { applyMask } from './apply-mask.js'
export type { MaskOptions } from './apply-mask.js'
export { interpolateBad } from './interpolate-bad.js'
export { desiTrims, stitchSegments } from './stitch-segments.js'
export type { SegmentTrim, StitchOptions } from './stitch-segments.js'
export { dopplerFactors, toRestFrame } from './rest-frame.js'
export type { RestFrameOptions } from './rest-frame.js'
export { cropSpectra } from './crop-spectra.js'
export type { CropOptions } from './crop-spectra.js'
export { resampleSpectra } from './resample-spectra.js'
export type { ResampleOptions } from './resample-spectra.js'
export { runningMedianContinuum } from './running-median-continuum.js'
export type { RunningMedianOptions } from './running-median-continuum.js'
export { polynomialContinuum } from './polynomial-continuum.js'
export type { PolynomialOptions } from './polynomial-continuum.js'
export { chebyshevContinuum } from './chebyshev-continuum.js'
export type { ChebyshevOptions } from './chebyshev-continuum.js'
export { divideContinuum } from './divide-continuum.js'
export { makeContinuum, normaliseContinuum } from './normalise-continuum.js'
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
export type {
  ExtrinsicOperator,
  ExtrinsicOptions,
  ExtrinsicParameters,
  ExtrinsicSpectrum,
} from './broadening/extrinsics.js'
export { withExtrinsics } from './broadening/with-extrinsics.js'
export type { WithExtrinsicsOptions } from './broadening/with-extrinsics.js'
export { augmentSpectra } from './augment/augment-spectra.js'
export type { AugmentRunOptions } from './augment/augment-spectra.js'
export type { AugmentOptions, TelluricOptions, WiggleOptions } from './augment/augment-options.js'
