import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import { centredRows } from '../gaussian-process/gaussian-process.js'
import type { Predictions, TrainingData } from '../training-data.js'
import { checkTrainingData } from '../training-data.js'
import { chooseLambdas } from './choose-lambda.js'
import type { ChosenFit } from './choose-lambda.js'
import { kernelMatrix } from './kernel-function.js'
import type { KernelFunction, RidgeKernel } from './kernel-function.js'
import type { LabelSet } from './label-sets.js'
import { centredLabels, labelSets, weightsOfErrors } from './label-sets.js'
import { checkLinearOptions } from './linear-options.js'
import type { LinearOptions } from './linear-options.js'
import { dualSystem } from './ridge-system.js'
import type { RidgeSystem } from './ridge-system.js'
import { quantile68 } from './quantile68.js'
import { groupsOfRows } from './row-groups.js'

/** How a kernel ridge is trained. */
export interface KernelRidgeOptions extends LinearOptions, RunOptions {
  /** `rbf`. */
  readonly kernel?: RidgeKernel
  /**
   * Choose the length scale among these, in units of the features; from an eighth to eight times the root mean square
   * distance of two rows, unless given. The linear kernel has no use for several.
   */
  readonly lengths?: readonly number[]
  /** Power of the polynomial kernel; 3. */
  readonly degree?: number
}

/** What a kernel ridge has learnt of one label. */
export interface KernelLabel {
  readonly label: number
  readonly length: number
  readonly lambda: number
  readonly intercept: number
  /** (rows) weights of the training rows. */
  readonly weights: Float64Array
  /** Variance of a label about the fit: the square of what 68 % of left-out labels lie within, leverage taken off. */
  readonly variance: number
}

/** Labels that were fitted with the same kernel on the same rows. */
export interface KernelSet {
  /** (rows) which training rows. */
  readonly rows: Int32Array
  /** (rows) roots of their weights. */
  readonly roots: Float64Array
  readonly length: number
  /** (rows) weighted mean of the kernel with each row, and of all of it. */
  readonly kernelMean: Float64Array
  readonly grandMean: number
  readonly labels: readonly KernelLabel[]
  /** T of the kernel, and the (rows × rows) matrix that carries rows into its basis. */
  readonly leverage: { readonly diagonal: Float64Array; readonly off: Float64Array; readonly basis: Float32Array }
}

/** Ridge regression in the space of a kernel. */
export interface KernelRidge {
  readonly kernel: RidgeKernel
  readonly degree: number
  readonly width: number
  readonly labels: number
  readonly n: number
  /** (n × width) training features, and their mean. */
  readonly x: Float32Array
  readonly mean: Float64Array
  readonly sets: readonly KernelSet[]
  /** (n × L) what each training star is given by a fit without its group; NaN where missing. */
  readonly leftOut: Predictions
}

/** n² numbers stay in memory several times over, and n³ work is done for each length scale. */
const MOST_ROWS = 4000

/** Factors of the natural length scale that are tried. */
const LENGTHS = [0.125, 0.25, 0.5, 1, 2, 4, 8]

/**
 * Kernel ridge regression of each label with an intercept, at the length scale and λ with the least left-out residuals,
 * in closed form: the centred kernel is made tridiagonal once for each length scale. Missing labels and errors are taken
 * as by {@link trainRidge}.
 *
 * @throws `kernel-ridge/data`, `kernel-ridge/labels`, `kernel-ridge/options`, `kernel-ridge/too-many` above 4000 rows.
 * Cost: 10/3 n³ for each length scale.
 */
export function trainKernelRidge(data: TrainingData, options: KernelRidgeOptions = {}): KernelRidge {
  checkTrainingData(data, 'kernel-ridge')
  checkLinearOptions(data, options, 'kernel-ridge')
  checkOptions(data, options)
  const { n, width, labels, x } = data
  const mean = new Float64Array(width)
  for (let i = 0; i < n * width; i++) mean[i % width]! += x[i]! / n
  const { kernel = 'rbf', degree = 3 } = options
  const whole = (weights: Float64Array | undefined): KernelRidge => {
    const leftOut = {
      values: new Float64Array(n * labels).fill(Number.NaN),
      errors: new Float64Array(n * labels).fill(Number.NaN),
    }
    const sets = labelSets(data, 'kernel-ridge', weights).flatMap((set) => fitSet(data, set, mean, options, leftOut))
    return { kernel, degree, width, labels, n, x, mean, sets, leftOut }
  }
  if (options.weights !== undefined || data.errors === undefined) return whole(options.weights)
  const variance = new Float64Array(labels)
  for (const set of whole(undefined).sets) for (const { label, variance: found } of set.labels) variance[label] = found
  return whole(weightsOfErrors(data, variance))
}

interface Tried {
  readonly function: KernelFunction
  readonly system: RidgeSystem
  readonly kernelMean: Float64Array
  readonly grandMean: number
}

/** Fits the labels of a set; those that choose the same length scale stay together. */
function fitSet(
  data: TrainingData,
  set: LabelSet,
  mean: Float64Array,
  options: KernelRidgeOptions,
  leftOut: Predictions,
): KernelSet[] {
  const { kernel = 'rbf', degree = 3 } = options
  const x = centredRows(data.x, data.width, mean, set.rows)
  const n = set.rows.length
  const natural = Math.sqrt((2 * x.reduce((sum, value) => sum + value * value, 0)) / n) || 1
  const lengths = options.lengths ?? (kernel === 'linear' ? [natural] : LENGTHS.map((factor) => factor * natural))
  const centred = set.labels.map((l) => centredLabels(data, set, l))
  const groups = groupsOfRows(data.groups, set.rows)
  const best: { tried: Tried; fit: ChosenFit }[] = []
  lengths.forEach((length, at) => {
    throwIfAborted(options)
    const tried = centredSystem({ kernel, length, degree }, x, set, data.width)
    const fits = chooseLambdas(
      tried.system,
      centred.map(({ values }) => values),
      groups,
      options.lambdas,
    )
    fits.forEach((fit, i) => {
      if (at === 0 || fit.leftOutVariance < best[i]!.fit.leftOutVariance) best[i] = { tried, fit }
    })
    options.onProgress?.(at + 1, lengths.length)
  })
  const roots = set.weights.map(Math.sqrt)
  return [...new Set(best.map(({ tried }) => tried))].map((tried) => {
    const { tridiagonal, basis } = tried.system
    const labels = best.flatMap(({ tried: own, fit }, i): KernelLabel[] => {
      if (own !== tried) return []
      const label = set.labels[i]!
      const variance = quantile68(fit.leftOut.map((value, row) => Math.abs(value) * Math.sqrt(fit.freedom[row]!))) ** 2
      set.rows.forEach((row, from) => {
        const to = row * data.labels + label
        leftOut.values[to] = data.y[to]! - fit.leftOut[from]! / roots[from]!
        leftOut.errors[to] = Math.sqrt(variance / fit.freedom[from]!)
      })
      const weights = fit.solution.map((value, row) => value * roots[row]!)
      const { length } = tried.function
      return [{ label, length, lambda: fit.lambda, intercept: centred[i]!.mean, weights, variance }]
    })
    return {
      rows: set.rows,
      roots,
      length: tried.function.length,
      kernelMean: tried.kernelMean,
      grandMean: tried.grandMean,
      labels,
      leverage: { diagonal: tridiagonal.diagonal, off: tridiagonal.off, basis: Float32Array.from(basis) },
    }
  })
}

/** The kernel of the rows less its weighted means, which is as if its features were centred, times roots of weights. */
function centredSystem(by: KernelFunction, x: Float64Array, { weights }: LabelSet, width: number): Tried {
  const n = weights.length
  const matrix = kernelMatrix(by, x, n, x, n, width)
  const kernelMean = new Float64Array(n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) kernelMean[i]! += (matrix[i * n + j]! * weights[j]!) / n
  const grandMean = kernelMean.reduce((sum, value, i) => sum + (value * weights[i]!) / n, 0)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const centred = matrix[i * n + j]! - kernelMean[i]! - kernelMean[j]! + grandMean
      matrix[i * n + j] = centred * Math.sqrt(weights[i]! * weights[j]!)
    }
  return { function: by, system: dualSystem(matrix, n, weights), kernelMean, grandMean }
}

function checkOptions({ n }: TrainingData, { lengths, degree = 3 }: KernelRidgeOptions): void {
  if (n > MOST_ROWS)
    throw new AstrolabelError('kernel-ridge/too-many', 'A kernel ridge cannot learn from so many rows', {
      got: n,
      expected: `${MOST_ROWS} or fewer`,
      remedy: 'Train it on a part of the stars, or train a forest or a ridge on all',
    })
  const bad = lengths?.find((length) => !(length > 0 && length < Infinity))
  if (bad !== undefined || lengths?.length === 0)
    throw new AstrolabelError('kernel-ridge/options', 'Length scales cannot be used', {
      got: bad ?? 'none',
      expected: 'numbers above 0',
      remedy: 'Leave them out for a choice that fits the features',
    })
  if (!(Number.isInteger(degree) && degree > 0))
    throw new AstrolabelError('kernel-ridge/options', 'The degree of the polynomial kernel cannot be used', {
      got: degree,
      expected: 'a whole number from 1 up',
    })
}
