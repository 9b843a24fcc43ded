import type { LmResult } from '@astrolabel/inference'
import type {
  ForwardModel,
  LabelInfo,
  LabelModel,
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
} from '@astrolabel/spectra'
import type { Coefficients } from './coefficients.js'
import { errorFloor } from './error-floor.js'
import type { FitRegion, StarFit } from './fit-labels.js'
import { fitLabels } from './fit-labels.js'
import { CANNON_FLAGS, CANNON_FLAG_BITS } from './flags.js'
import type { LabelScale } from './label-scale.js'
import { labelSlope, scaleLabel, unscaleLabel } from './label-scale.js'
import { encodeCannon } from './model-file.js'
import type { PolynomialTerms } from './polynomial-terms.js'
import { differentiateTerms, evaluateTerms } from './polynomial-terms.js'
import type { PreparedModel } from './quadratic-forms.js'
import { prepareModel } from './quadratic-forms.js'
import { isNearHull } from './training-hull.js'

/** Everything that a trained Cannon consists of. */
export interface CannonParts {
  readonly labels: readonly LabelInfo[]
  readonly scales: readonly LabelScale[]
  readonly terms: PolynomialTerms
  readonly wavelength: WavelengthGrid
  /** Whether it was trained with measured errors; spectra to label must agree. */
  readonly noise: 'measured' | 'unknown'
  readonly coefficients: Pick<Coefficients, 'theta' | 'scatter2' | 'usable'>
  readonly region: FitRegion
  /** (L) standard deviation in scaled labels, added in quadrature to formal errors; see {@link errorFloor}. */
  readonly floor: Float64Array
  /** Scaled labels of the training stars, (n × L): the hull. */
  readonly trainingLabels: Float64Array
  readonly source: ModelSource
  /** How the training went, as plain JSON. */
  readonly training: Readonly<Record<string, unknown>>
}

/** Squared scaled distance from the hull that still counts as on it: a hundredth of a label's spread. */
const HULL_TOLERANCE = 1e-4
const POOR_CHI2 = 3

/** A trained Cannon: labels for spectra, and spectra for labels. */
export class CannonModel implements LabelModel, ForwardModel {
  readonly kind = 'cannon'
  readonly parts: CannonParts
  #prepared: PreparedModel | undefined

  constructor(parts: CannonParts) {
    this.parts = parts
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

  /** Normalised flux, (P) into `out`, at labels in their units. 0 at pixels that are not modelled. */
  evaluate(labels: Float64Array, out: Float64Array): void {
    const { terms, coefficients } = this.parts
    const values = new Float64Array(terms.terms.length)
    evaluateTerms(terms, this.#scaled(labels), values)
    for (let p = 0; p < out.length; p++) {
      let sum = 0
      for (let t = 0; t < values.length; t++) sum += coefficients.theta[p * values.length + t] * values[t]
      out[p] = sum
    }
  }

  /** Derivatives of the flux by the labels, (P × L) into `out`, per label unit. */
  jacobian(labels: Float64Array, out: Float64Array): void {
    const { terms, coefficients, scales } = this.parts
    const nTerms = terms.terms.length
    const nLabels = scales.length
    const derivatives = new Float64Array(nTerms * nLabels)
    differentiateTerms(terms, this.#scaled(labels), derivatives)
    out.fill(0)
    for (let p = 0; p < out.length / nLabels; p++) {
      for (let t = 0; t < nTerms; t++) {
        const theta = coefficients.theta[p * nTerms + t]
        for (let l = 0; l < nLabels; l++) out[p * nLabels + l] += theta * derivatives[t * nLabels + l]
      }
      for (let l = 0; l < nLabels; l++) out[p * nLabels + l] /= labelSlope(scales[l], labels[l])
    }
  }

  /**
   * Labels of normalised spectra, with covariances in the labels' units, reduced χ² and flags. A star with too few
   * good pixels gets missing labels and NO_LABELS.
   *
   * @throws `model/grid-mismatch`, `model/noise-mismatch` when the model was trained on spectra with errors and these
   * have none, or the other way round.
   */
  predict(spectra: Spectra, options: RunOptions = {}): Labels {
    this.#checkSpectra(spectra)
    const { labels, terms, region, noise, coefficients } = this.parts
    const nLabels = labels.length
    const { n, nPix } = spectra
    const values = new Float64Array(n * nLabels).fill(Number.NaN)
    const errors = new Float64Array(n * nLabels).fill(Number.NaN)
    const covariance = new Float64Array(n * nLabels * nLabels).fill(Number.NaN)
    const flags = new Uint32Array(n)
    const chi2Reduced = new Float64Array(n).fill(Number.NaN)
    const goodPixels = new Int32Array(n)
    const usable = coefficients.usable.reduce((count, one) => count + one, 0)
    const take = (star: number, fit: StarFit): void => {
      const { result } = fit
      goodPixels[star] = fit.goodPixels
      if (fit.goodPixels < usable / 2) flags[star] |= CANNON_FLAGS.FEW_PIXELS
      if (result === undefined) {
        flags[star] |= CANNON_FLAGS.NO_LABELS
        return
      }
      const reduced = result.chi2 / (fit.goodPixels - nLabels)
      chi2Reduced[star] = reduced
      flags[star] |= this.#flags(result, reduced)
      this.#unscale(
        result,
        values.subarray(star * nLabels, (star + 1) * nLabels),
        covariance.subarray(star * nLabels ** 2, (star + 1) * nLabels ** 2),
      )
      for (let l = 0; l < nLabels; l++)
        errors[star * nLabels + l] = Math.sqrt(covariance[(star * nLabels + l) * nLabels + l])
    }
    this.#prepared ??= prepareModel({ nPix, nTerms: terms.terms.length, ...coefficients })
    fitLabels(this.#prepared, terms, region, { n, flux: spectra.flux, ivar: spectra.ivar, noise }, take, options)
    return makeLabels({
      starId: spectra.starId,
      labels,
      values,
      errors,
      flags,
      flagBits: CANNON_FLAG_BITS,
      covariance,
      extra: makeTable([
        { name: 'chi2_reduced', values: chi2Reduced },
        { name: 'good_pixels', values: goodPixels },
        { name: 'snr', values: Float64Array.from(spectra.snr) },
      ]),
    })
  }

  /**
   * The same model with errors that cover the residuals of stars it has not seen, from a cross-validation.
   *
   * @param predicted Labels of the training stars by models that had not seen them, errors as those models gave them.
   * @param truth Their training labels, the same stars in the same order.
   */
  withErrorFloor(predicted: Labels, truth: Labels): CannonModel {
    const { labels, scales } = this.parts
    const floor = Float64Array.from(labels, (label, l) => {
      const p = labelIndex(predicted, label.name)
      const t = labelIndex(truth, label.name)
      const column = (values: Float64Array, table: Labels, at: number): Float64Array =>
        Float64Array.from({ length: table.n }, (_, i) => values[i * table.labels.length + at])
      const value = column(predicted.values, predicted, p)
      const known = column(truth.values, truth, t)
      // Errors in scaled labels: dx = d label / slope.
      const scaled2 = (error: Float64Array): Float64Array =>
        error.map((sigma, i) => (sigma / labelSlope(scales[l], value[i])) ** 2)
      const residual = value.map((x, i) => scaleLabel(scales[l], x) - scaleLabel(scales[l], known[i]))
      return errorFloor(
        residual,
        scaled2(column(predicted.errors, predicted, p)),
        scaled2(column(truth.errors, truth, t)),
      )
    })
    return new CannonModel({ ...this.parts, floor })
  }

  /** The model as one Arrow IPC file. */
  toArrow(): Uint8Array {
    return encodeCannon(this.parts)
  }

  /** Labels of the training stars in their units, (n × L), missing ones filled in. */
  trainingLabels(): Float64Array {
    const { trainingLabels, scales } = this.parts
    return trainingLabels.map((value, i) => unscaleLabel(scales[i % scales.length], value))
  }

  /** Whether labels in their units lie in the convex hull of the training labels. */
  insideHull(labels: Float64Array): boolean {
    return isNearHull(this.parts.trainingLabels, labels.length, this.#scaled(labels), HULL_TOLERANCE)
  }

  #scaled(labels: Float64Array): Float64Array {
    return labels.map((value, l) => scaleLabel(this.parts.scales[l], value))
  }

  #checkSpectra({ meta, nPix }: Spectra): void {
    const { wavelength, noise } = this.parts
    if (
      meta.wavelength.kind === 'segmented' ||
      nPix !== gridLength(wavelength) ||
      !sameGrid(meta.wavelength, wavelength)
    ) {
      throw new AstrolabelError('model/grid-mismatch', 'The spectra lie on another wavelength grid than the model', {
        got:
          meta.wavelength.kind === 'segmented'
            ? `${nPix} pixels in ${meta.segments?.length ?? 0} arms`
            : describeGrid(meta.wavelength),
        expected: describeGrid(wavelength),
        remedy: 'Process the spectra as the model was trained: `astrolabel label` does so from raw files',
      })
    }
    if (meta.noise !== noise) {
      throw new AstrolabelError(
        'model/noise-mismatch',
        `The model was trained on spectra ${noise === 'measured' ? 'with' : 'without'} errors`,
        {
          got: `spectra ${meta.noise === 'measured' ? 'with' : 'without'} errors`,
          remedy: 'Train on spectra of the same kind',
        },
      )
    }
  }

  #flags(result: LmResult, reduced: number): number {
    let flags = 0
    if (!result.converged) flags |= CANNON_FLAGS.NOT_CONVERGED
    if (result.atBound.some((bound) => bound !== 0)) flags |= CANNON_FLAGS.AT_BOUND
    if (reduced > POOR_CHI2) flags |= CANNON_FLAGS.POOR_FIT
    if (!isNearHull(this.parts.trainingLabels, result.params.length, result.params, HULL_TOLERANCE))
      flags |= CANNON_FLAGS.OUTSIDE_HULL
    return flags
  }

  /** Labels and covariance in physical units: cov = S (cov_scaled + floor²) S with S = d label / d scaled label. */
  #unscale(result: LmResult, values: Float64Array, covariance: Float64Array): void {
    const { scales, floor } = this.parts
    const count = scales.length
    const slopes = new Float64Array(count)
    for (let l = 0; l < count; l++) {
      values[l] = unscaleLabel(scales[l], result.params[l])
      slopes[l] = labelSlope(scales[l], values[l])
    }
    for (let k = 0; k < count; k++)
      for (let l = 0; l < count; l++) {
        const scaled = result.covariance[k * count + l] + (k === l ? floor[k] ** 2 : 0)
        covariance[k * count + l] = scaled * slopes[k] * slopes[l]
      }
    // A label at its bound has no curvature to tell an error from: say unknown, not zero.
    for (let k = 0; k < count; k++) {
      if (result.atBound[k] === 0) continue
      for (let l = 0; l < count; l++) covariance[k * count + l] = covariance[l * count + k] = Number.NaN
    }
  }
}
