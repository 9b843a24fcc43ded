import { gemmF64 } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { Predictions, TrainingData } from '../training-data.js'
import { checkTrainingData } from '../training-data.js'
import { chooseLambdas } from './choose-lambda.js'
import type { FeatureScale } from './feature-scale.js'
import { featureScale, scaleFeatures } from './feature-scale.js'
import type { LabelSet } from './label-sets.js'
import { centredLabels, labelSets, weightsOfErrors } from './label-sets.js'
import { checkLinearOptions } from './linear-options.js'
import type { LinearOptions } from './linear-options.js'
import { quantile68 } from './quantile68.js'
import { groupsOfRows } from './row-groups.js'
import { ridgeSystem } from './ridge-system.js'
import type { RidgeSystem } from './ridge-system.js'
import { multiplyByBasis } from './tridiagonal.js'

/** How a ridge is trained. */
export interface RidgeOptions extends LinearOptions, RunOptions {
  /** Bring all features to unit variance first; true. Principal components are better left as they are. */
  readonly standardise?: boolean
  /**
   * Keep what the leverage of a new row is computed from, (min(n, width) × width) numbers; true. Without it all rows get
   * the mean leverage of the training rows.
   */
  readonly leverage?: boolean
}

/** What a ridge has learnt of one label. */
export interface RidgeLabel {
  readonly label: number
  /** Penalty of the squared coefficients, for features and labels scaled as said. */
  readonly lambda: number
  readonly intercept: number
  /** (width) by scaled feature. */
  readonly coefficients: Float64Array
  /** Variance of a label about the fit: the square of what 68 % of left-out labels lie within, leverage taken off. */
  readonly variance: number
  /** Mean leverage of the training rows. */
  readonly meanLeverage: number
}

/** Labels that were fitted to the same rows. */
export interface RidgeSet extends FeatureScale {
  readonly rows: number
  readonly labels: readonly RidgeLabel[]
  /** Of G or K: T, and the rows (size × width) that carry scaled features into its basis. */
  readonly leverage?: {
    readonly kind: RidgeSystem['kind']
    readonly diagonal: Float64Array
    readonly off: Float64Array
    readonly basis: Float32Array
  }
}

/** Linear regression of labels, penalised. */
export interface Ridge {
  readonly width: number
  readonly labels: number
  readonly sets: readonly RidgeSet[]
  /** (n × L) what each training star is given by a fit without its group; NaN where missing. */
  readonly leftOut: Predictions
}

/**
 * Ridge regression of each label with an intercept, at the λ with the least left-out residuals, in closed form (Golub,
 * Heath & Wahba 1979): the Gram matrix is made tridiagonal once, after which every λ costs min(n, width) × n.
 *
 * Rows without a label are left out of that label's fit. Labels with errors are fitted twice, the second time with
 * weights 1 / (scatter² + error²). Features keep the scale of all rows when a star is left out.
 *
 * @throws `ridge/data`, `ridge/labels` (3 rows at least), `ridge/options`.
 * Cost: n × width × min(n, width), once for all labels that the same rows have with the same weights.
 */
export function trainRidge(data: TrainingData, options: RidgeOptions = {}): Ridge {
  checkTrainingData(data, 'ridge')
  checkLinearOptions(data, options, 'ridge')
  if (options.weights !== undefined || data.errors === undefined) return fit(data, options, options.weights)
  const { sets } = fit(data, { ...options, leverage: false }, undefined)
  const variance = new Float64Array(data.labels)
  for (const set of sets) for (const { label, variance: found } of set.labels) variance[label] = found
  return fit(data, options, weightsOfErrors(data, variance))
}

function fit(data: TrainingData, options: RidgeOptions, weights: Float64Array | undefined): Ridge {
  const { n, width, labels } = data
  const leftOut = {
    values: new Float64Array(n * labels).fill(Number.NaN),
    errors: new Float64Array(n * labels).fill(Number.NaN),
  }
  let done = 0
  const sets = labelSets(data, 'ridge', weights).map((set) => {
    throwIfAborted(options)
    const fitted = fitSet(data, set, options, leftOut)
    done += set.labels.length
    options.onProgress?.(done, labels)
    return fitted
  })
  return { width, labels, sets, leftOut }
}

function fitSet(data: TrainingData, set: LabelSet, options: RidgeOptions, leftOut: Predictions): RidgeSet {
  const { width } = data
  const { rows, weights } = set
  const n = rows.length
  const scale = featureScale(data.x, width, rows, weights, options.standardise ?? true)
  const roots = weights.map(Math.sqrt)
  const x = scaleFeatures(scale, data.x, rows, roots)
  const system = ridgeSystem(x, n, width, weights)
  const centred = set.labels.map((l) => centredLabels(data, set, l))
  const groups = groupsOfRows(data.groups, rows)
  const fits = chooseLambdas(
    system,
    centred.map(({ values }) => values),
    groups,
    options.lambdas,
  )
  const labels = fits.map(({ lambda, solution, leftOut: left, freedom }, i): RidgeLabel => {
    const label = set.labels[i]!
    const variance = quantile68(left.map((value, row) => Math.abs(value) * Math.sqrt(freedom[row]!))) ** 2
    const free = freedom.reduce((sum, value) => sum + value / n, 0)
    rows.forEach((row, at) => {
      const to = row * data.labels + label
      leftOut.values[to] = data.y[to]! - left[at]! / roots[at]!
      leftOut.errors[to] = Math.sqrt(variance / freedom[at]!)
    })
    let coefficients = solution
    if (system.kind === 'dual') {
      coefficients = new Float64Array(width)
      gemmF64(1, width, n, solution, x, coefficients)
    }
    return { label, lambda, intercept: centred[i]!.mean, coefficients, variance, meanLeverage: 1 - free }
  })
  if (options.leverage === false) return { ...scale, rows: n, labels }
  const { kind, tridiagonal } = system
  const carried = kind === 'dual' ? x : identity(width)
  const basis = Float32Array.from(multiplyByBasis(tridiagonal, carried, width))
  return { ...scale, rows: n, labels, leverage: { kind, diagonal: tridiagonal.diagonal, off: tridiagonal.off, basis } }
}

function identity(size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) out[i * size + i] = 1
  return out
}
