import type {
  CheckedErrors,
  LabelInfo,
  LabelModel,
  LabelTransform,
  Labels,
  ModelSource,
  RunOptions,
  Spectra,
  WavelengthGrid,
} from '@astrolabel/spectra'
import {
  AstrolabelError,
  describeGrid,
  gridLength,
  labelIndex,
  makeLabels,
  makeTable,
  sameGrid,
  takeSpectra,
  throwIfAborted,
  transformLabel,
  transformSlope,
  untransformLabel,
  wavelengths,
} from '@astrolabel/spectra'
import type { FittedPipeline } from '../pipeline/fitted-pipeline.js'
import type { ErrorScale } from './error-scale.js'
import { errorScale } from './error-scale.js'
import { CLASSICAL_FLAGS, CLASSICAL_FLAG_BITS } from './flags.js'
import { encodeClassical } from './model-file.js'
import type { NoveltyLimits } from './novelty.js'
import { noveltyOf } from './novelty.js'
import { spectraFeatures } from './spectra-features.js'

/** Everything that a trained classical model consists of. */
export interface ClassicalParts {
  /** Kind of the last step. */
  readonly kind: string
  readonly labels: readonly LabelInfo[]
  /** How each label enters the pipeline. */
  readonly transforms: readonly LabelTransform[]
  readonly wavelength: WavelengthGrid
  readonly pipeline: FittedPipeline
  /** (L) what makes errors cover the residuals of stars not seen. */
  readonly errorScales: readonly ErrorScale[]
  /** (L) range of the training labels in their units. */
  readonly lower: Float64Array
  readonly upper: Float64Array
  readonly novelty: NoveltyLimits | undefined
  readonly source: ModelSource
  /** How the training went, as plain JSON. */
  readonly training: Readonly<Record<string, unknown>>
}

/** Stars that are labelled together. */
const BLOCK_STARS = 1024
/** Share of the pixels below which a star gets a flag, and below which it gets no labels. */
const FEW_PIXELS = 0.5
const NO_LABELS = 0.1

/** A pipeline that gives labels for spectra: a forest, extra-trees, … */
export class ClassicalModel implements LabelModel, CheckedErrors {
  readonly parts: ClassicalParts

  constructor(parts: ClassicalParts) {
    this.parts = parts
  }

  get kind(): string {
    return this.parts.kind
  }

  get labels(): readonly LabelInfo[] {
    return this.parts.labels
  }

  get wavelength(): WavelengthGrid {
    return this.parts.wavelength
  }

  get source(): ModelSource {
    return this.parts.source
  }

  /**
   * Labels of spectra with errors and flags. A star of which fewer than a tenth of the pixels are good gets missing labels
   * and NO_LABELS.
   *
   * @throws `model/grid-mismatch`.
   */
  predict(spectra: Spectra, options: RunOptions = {}): Labels {
    this.#checkSpectra(spectra)
    const { labels } = this.parts
    const { n } = spectra
    const values = new Float64Array(n * labels.length).fill(Number.NaN)
    const errors = new Float64Array(n * labels.length).fill(Number.NaN)
    const flags = new Uint32Array(n)
    const good = new Int32Array(n)
    const novelty = new Float64Array(n).fill(Number.NaN)
    for (let start = 0; start < n; start += BLOCK_STARS) {
      throwIfAborted(options)
      const end = Math.min(n, start + BLOCK_STARS)
      const rows = Int32Array.from({ length: end - start }, (_, i) => start + i)
      this.#predictBlock(start === 0 && end === n ? spectra : takeSpectra(spectra, rows), {
        values: values.subarray(start * labels.length, end * labels.length),
        errors: errors.subarray(start * labels.length, end * labels.length),
        flags: flags.subarray(start, end),
        good: good.subarray(start, end),
        novelty: novelty.subarray(start, end),
      })
      options.onProgress?.(end, n)
    }
    return makeLabels({
      starId: spectra.starId,
      labels,
      values,
      errors,
      flags,
      flagBits: CLASSICAL_FLAG_BITS,
      extra: makeTable([
        ...(this.parts.novelty === undefined ? [] : [{ name: 'novelty', values: novelty }]),
        { name: 'good_pixels', values: good },
        { name: 'snr', values: Float64Array.from(spectra.snr) },
      ]),
    })
  }

  /** The same model with errors by a factor, or where the estimator gives none, the error that the residuals show. */
  withErrorFloor(predicted: Labels, truth: Labels): ClassicalModel {
    const { labels, errorScales } = this.parts
    const scales = labels.map((label, l) => {
      const p = labelIndex(predicted, label.name)
      const t = labelIndex(truth, label.name)
      const value = column(predicted.values, predicted.labels.length, p)
      const known = column(truth.values, truth.labels.length, t)
      const found = errorScale(
        value.map((x, i) => x - known[i]!),
        column(predicted.errors, predicted.labels.length, p),
        column(truth.errors, truth.labels.length, t),
      )
      // Models of the folds had errors by the factor that this one has, so factors multiply.
      return { factor: errorScales[l]!.factor * found.factor, constant: found.constant }
    })
    return new ClassicalModel({ ...this.parts, errorScales: scales })
  }

  /** What the model does in words, a text for each label; undefined for one that nobody could read. */
  describe(): string[] | undefined {
    const { pipeline, transforms, wavelength } = this.parts
    const wave = wavelengths(wavelength)
    return pipeline.describe(
      (pixel) => `flux at ${wave[pixel]!.toFixed(1)} Å`,
      (l, value) => untransformLabel(transforms[l]!, value),
    )
  }

  /** Importance of each pixel, (nPix), adding up to 1; undefined where the pipeline cannot tell. */
  importance(): Float64Array | undefined {
    return this.parts.pipeline.importance()
  }

  /** The model as one Arrow IPC file. */
  toArrow(): Uint8Array {
    return encodeClassical(this.parts)
  }

  #predictBlock(
    spectra: Spectra,
    out: {
      readonly values: Float64Array
      readonly errors: Float64Array
      readonly flags: Uint32Array
      readonly good: Int32Array
      readonly novelty: Float64Array
    },
  ): void {
    const { pipeline, transforms, errorScales, lower, upper, novelty: limits } = this.parts
    const count = transforms.length
    const features = spectraFeatures(spectra)
    const predicted = pipeline.predict(features.x, spectra.n)
    const novelty = noveltyOf(pipeline, limits, features, spectra.n)
    out.good.set(features.good)
    for (let row = 0; row < spectra.n; row++) {
      const share = features.good[row]! / spectra.nPix
      if (share < FEW_PIXELS) out.flags[row]! |= CLASSICAL_FLAGS.FEW_PIXELS
      if (share < NO_LABELS) {
        out.flags[row]! |= CLASSICAL_FLAGS.NO_LABELS
        continue
      }
      if (novelty !== undefined) {
        out.novelty[row] = novelty[row]!
        if (novelty[row]! > 1) out.flags[row]! |= CLASSICAL_FLAGS.FAR_SPECTRUM
      }
      for (let l = 0; l < count; l++) {
        const at = row * count + l
        const value = untransformLabel(transforms[l]!, predicted.values[at]!)
        const { factor, constant } = errorScales[l]!
        const own = factor * predicted.errors[at]! * Math.abs(transformSlope(transforms[l]!, value))
        const error = Number.isNaN(own) ? constant : own
        out.values[at] = value
        out.errors[at] = error
        if (value < lower[l]! || value > upper[l]!) out.flags[row]! |= CLASSICAL_FLAGS.OUTSIDE_RANGE
        if (value - error < lower[l]! || value + error > upper[l]!) out.flags[row]! |= CLASSICAL_FLAGS.NEAR_EDGE
      }
    }
  }

  #checkSpectra({ meta, nPix }: Spectra): void {
    const { wavelength } = this.parts
    if (
      meta.wavelength.kind !== 'segmented' &&
      nPix === gridLength(wavelength) &&
      sameGrid(meta.wavelength, wavelength)
    )
      return
    throw new AstrolabelError('model/grid-mismatch', 'The spectra lie on another wavelength grid than the model', {
      got:
        meta.wavelength.kind === 'segmented'
          ? `${nPix} pixels in ${meta.segments?.length ?? 0} arms`
          : describeGrid(meta.wavelength),
      expected: describeGrid(wavelength),
      remedy: 'Process the spectra as the model was trained: `astrolabel label` does so from raw files',
    })
  }
}

/** Column `l` of a matrix of `width` columns. */
function column(matrix: Float64Array, width: number, l: number): Float64Array {
  return Float64Array.from({ length: matrix.length / width }, (_, row) => matrix[row * width + l]!)
}

/** Labels as a pipeline takes them, (n × L), with errors; NaN where missing. */
export function transformedLabels(
  labels: Labels,
  columns: readonly number[],
  transforms: readonly LabelTransform[],
): { readonly y: Float64Array; readonly errors: Float64Array } {
  const width = columns.length
  const y = new Float64Array(labels.n * width)
  const errors = new Float64Array(labels.n * width)
  for (let row = 0; row < labels.n; row++)
    columns.forEach((from, l) => {
      const label = labels.values[row * labels.labels.length + from]!
      y[row * width + l] = Number.isNaN(label) ? Number.NaN : transformLabel(transforms[l]!, label)
      errors[row * width + l] =
        labels.errors[row * labels.labels.length + from]! / Math.abs(transformSlope(transforms[l]!, label))
    })
  return { y, errors }
}
