import type { LabelModelFactory } from '@astrolabel/spectra'
import { CannonModel } from './cannon-model.js'
import { decodeCannon } from './model-file.js'
import type { CannonOptions } from './train-cannon.js'
import { trainCannon } from './train-cannon.js'

export { CannonModel } from './cannon-model.js'
export type { CannonParts, PredictOptions } from './cannon-model.js'
export { fitCoefficients } from './coefficients.js'
export type { Coefficients, ScatterMethod, TrainingMatrices } from './coefficients.js'
export { errorFloor } from './error-floor.js'
export { CANNON_FLAGS, CANNON_FLAG_BITS } from './flags.js'
export type { LabelScale } from './label-scale.js'
export { differentiateTerms, evaluateTerms, polynomialTerms, termName } from './polynomial-terms.js'
export type { PolynomialTerms } from './polynomial-terms.js'
export { distanceToHull } from './training-hull.js'
export { trainCannon } from './train-cannon.js'
export type { CannonOptions } from './train-cannon.js'

/** How a Cannon is trained and loaded, by the contract that all label models share. */
export const cannon: LabelModelFactory<CannonOptions, CannonModel> = {
  kind: 'cannon',
  train: trainCannon,
  fromArrow: (bytes) => new CannonModel(decodeCannon(bytes)),
}
