import type { Labels } from './labels.js'
import type { Fittable } from './parts.js'
import type { RunOptions } from './progress.js'
import type { HistoryEntry, Spectra } from './spectra.js'
import type { LabelInfo } from './vocabulary.js'
import type { WavelengthGrid } from './wavelength-grid.js'

/** What spectra a model was trained on: what it needs to label files of the same survey. */
export interface ModelSource {
  readonly survey: string
  readonly release: string
  /** The steps from the survey's files to the spectra it takes, in order. */
  readonly preprocessing: readonly HistoryEntry[]
}

/** Anything that gives labels for spectra: The Cannon, forests, networks, The Payne, the line generator. */
export interface LabelModel {
  /** Kind by which a model file names it: `cannon`, `forest`, … */
  readonly kind: string
  readonly labels: readonly LabelInfo[]
  /** The grid of the spectra it takes. */
  readonly wavelength: WavelengthGrid
  readonly source: ModelSource
  /**
   * Labels with errors and flags, one row a star, in the order of the spectra. A star that cannot be labelled gets
   * missing values and a flag.
   *
   * @throws `model/grid-mismatch` when the spectra lie on another grid than the model.
   */
  predict(spectra: Spectra, options?: RunOptions): Labels
  /** The model as one Arrow IPC file. */
  toArrow(): Uint8Array
}

/** What a label model can do besides whose errors can be set right by stars that it has not seen. */
export interface CheckedErrors {
  /**
   * The same model with errors that cover the residuals of stars it has not seen.
   *
   * @param predicted Labels of the training stars by models that had not seen them, errors as those models gave them.
   * @param truth Their training labels, the same stars in the same order.
   */
  withErrorFloor(predicted: Labels, truth: Labels): LabelModel
}

/** How a kind of model is trained and loaded. */
export interface LabelModelFactory<Options, Model extends LabelModel> {
  readonly kind: string
  readonly train: (spectra: Fittable, labels: Labels, options: Options & RunOptions) => Model
  readonly fromArrow: (bytes: Uint8Array) => Model
}

/** Anything that gives a spectrum for labels. */
export interface ForwardModel {
  readonly labels: readonly LabelInfo[]
  readonly wavelength: WavelengthGrid
  /** Normalised flux, (nPix) into `out`, for labels in their units, (L). */
  evaluate(labels: Float64Array, out: Float64Array): void
  /** Its derivatives by the labels, (nPix × L) row-major into `out`, per label unit. */
  jacobian(labels: Float64Array, out: Float64Array): void
}

/** Anything that estimates a continuum. */
export interface Continuum {
  readonly kind: string
  /** Continuum of each star, (n × nPix), in the unit of flux; 0 where it cannot be told. */
  continuum(spectra: Spectra, options?: RunOptions): Float32Array
}

/** Anything that turns the files of a survey into batches of at most 1024 spectra. */
export interface SurveyReader<Input, Options> {
  readonly survey: string
  read(input: Input, options: Options & RunOptions): AsyncIterable<Spectra>
}
