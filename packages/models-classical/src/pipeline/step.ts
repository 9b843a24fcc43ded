import type { ModelArray, RunOptions } from '@astrolabel/spectra'
import type { GrowForest } from '../forest/train-forest.js'
import type { ParameterSpec, ParameterValue, ParameterValues } from './parameters.js'
import type { Prediction, TrainingData } from './training-data.js'

/** What a step is given as it is fitted. */
export interface StepContext extends RunOptions {
  readonly seed: number
  /** How forests are grown; in the calling thread unless told. */
  readonly grow?: GrowForest | undefined
}

/** A fitted step as it lies in a model file: plain JSON and matrices. */
export interface StepPart {
  readonly facts: Readonly<Record<string, unknown>>
  readonly arrays: ReadonlyMap<string, ModelArray>
}

/** What a step is, whatever it does: the part that recipes and help read. */
export interface StepInfo {
  /** Name by which recipes and model files call it. */
  readonly kind: string
  /** What it does, in one line. */
  readonly summary: string
  readonly parameters: readonly ParameterSpec[]
  /**
   * A parameter of which a larger value holds the smaller ones: the components of a PCA, the trees of a forest. A search
   * then fits the largest alone. Of a transformer the first columns of its output are the output of the smaller value.
   */
  readonly nested?: string
}

/** A step that turns features into features. */
export interface Transformer extends StepInfo {
  readonly role: 'transformer'
  /** @param parameters Checked, none missing. */
  fit(data: TrainingData, parameters: ParameterValues, context: StepContext): FittedTransformer
  load(part: StepPart): FittedTransformer
}

/** A transformer that has seen training rows. */
export interface FittedTransformer {
  /** Features that it gives. */
  readonly width: number
  /** (n × features) of rows of (n × width before). */
  transform(x: Float32Array, n: number): Float32Array
  toPart(): StepPart
  /** By how much each feature that it gives changes with the one it comes from; where it works feature by feature. */
  readonly slope?: Float64Array
  /** A value of a feature as it was before; where it works feature by feature. */
  before?(feature: number, value: number): number
  /** Importances of the features it gives as importances of those it takes. */
  spread?(importance: Float64Array): Float64Array
  /** How far rows lie from what it can say, given what it made of them: see {@link Distances}. */
  distances?(x: Float32Array, n: number, z: Float32Array): Distances
}

/** How unlike the training rows some rows are. */
export interface Distances {
  /** (n) mean square over the features of what the step leaves out. */
  readonly residual: Float64Array
  /** (n) mean square of the features it gives, each in units of its spread among the training rows. */
  readonly latent: Float64Array
  /** Share of a row's weight that the row itself has had in the fit, (n), were it a training row. */
  readonly leverage: Float64Array
}

/** A step that turns features into labels. */
export interface Estimator extends StepInfo {
  readonly role: 'estimator'
  /** Steps that usually go before it, by kind. */
  readonly before: readonly string[]
  /**
   * Folds of the cross-validation that a label model checks its errors by unless told: 0 for an estimator that knows its
   * errors on rows it has not seen (out of bag, leave one out).
   */
  readonly errorFolds: number
  /** What a search usually tries, by nested names; of steps that are not there nothing is tried. */
  readonly usualSearch: Readonly<Record<string, readonly ParameterValue[]>>
  /**
   * @param data Labels are standardised over these rows; rows without any label are left out before.
   * @param parameters Checked, none missing.
   */
  fit(data: TrainingData, parameters: ParameterValues, context: StepContext): FittedEstimator
  load(part: StepPart): FittedEstimator
}

/** What an estimator speaks of, in words and units from before the steps. */
export interface FeatureWords {
  /** What a feature of the estimator is called, and what a value of it was there. */
  readonly feature: (feature: number, value: number) => { readonly name: string; readonly value: number }
  /** A standardised value of a label in its unit. */
  readonly value: (label: number, value: number) => number
}

/** An estimator that has seen training rows. */
export interface FittedEstimator {
  /** @param options.errors Whether errors are wanted; true. Without them they may be NaN, which can be much cheaper. */
  predict(x: Float32Array, n: number, options?: RunOptions & { readonly errors?: boolean }): Prediction
  toPart(): StepPart
  /** The same fit with a smaller value of the nested parameter. */
  first?(value: number): FittedEstimator
  /** What the training found that a reader of the model wants to know, by what it is called. @param labels Their names. */
  findings?(labels: readonly string[]): Readonly<Record<string, string>>
  /** Importance of each feature, adding up to 1. */
  importance?(): Float64Array
  /** What it does in words, a text for each label; where a person can read it. */
  describe?(words: FeatureWords): string[]
}
