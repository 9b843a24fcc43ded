import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import { groupsOfRows } from '../linear/row-groups.js'
import { quantile68 } from '../linear/quantile68.js'
import type { TrainingData } from '../training-data.js'
import { checkTrainingData, labelledRows } from '../training-data.js'
import { findHyperparameters, naturalHyperparameters } from './find-hyperparameters.js'
import type { FoundHyperparameters } from './find-hyperparameters.js'
import type { GaussianProcess, LabelProcess } from './gaussian-process.js'
import { centredRows } from './gaussian-process.js'
import type { GpHyperparameters, GpShape } from './hyperparameters.js'
import { leaveFoldsOut } from './leave-folds-out.js'
import { takeGpRows } from './marginal-likelihood.js'
import type { GpRows } from './marginal-likelihood.js'
import { conditionOnRows } from './posterior.js'
import type { GpPosterior } from './posterior.js'
import type { StationaryKernel } from './stationary.js'

/** How Gaussian processes are trained. */
export interface GpOptions extends RunOptions {
  /** Stationary part of the covariance; `matern52`. */
  readonly kernel?: StationaryKernel
  /** One length scale for all features, or one for `each` (automatic relevance determination); `one`. */
  readonly lengths?: 'one' | 'each'
  /** Add a linear term; true. */
  readonly linear?: boolean
  /** `student` (4 degrees of freedom) keeps wrong labels from bending the fit; `normal`. */
  readonly noise?: 'normal' | 'student'
  /** Hyperparameters of each label, instead of a search. */
  readonly hyperparameters?: readonly GpHyperparameters[]
  /** Places that the search starts from; 1. */
  readonly starts?: number
  /** Most steps of a search; 100. */
  readonly steps?: number
  /** Hyperparameters are sought on no more rows than these, drawn at random; 1000. */
  readonly searchRows?: number
  /** Scale errors until 68 % of the left-out training labels lie within one; true. */
  readonly calibrate?: boolean
  readonly seed?: number
}

/** Exact processes cost n³ and n² of memory. */
const MOST_ROWS = 3000

/** Degrees of freedom of Student's t for labels of which some are wrong, and its half-width of 68.27 %. */
const DEGREES = 4
const HALF_WIDTH = 1.1416

/** Rounds of weighing rows and finding hyperparameters anew; the weights change by a percent in the fourth. */
const ROUNDS = 4

/**
 * Gaussian process regression of each label on features such as principal components (Rasmussen & Williams 2006, chapter
 * 2), with hyperparameters by the largest marginal likelihood, label errors as known noise of each row, and errors that
 * are calibrated on what each star is given when it (all rows of its group) is left out: in closed form, or in ten folds
 * with Student's noise.
 *
 * Student's noise is taken as a mixture of normal ones whose variances are found by turns (Tipping & Lawrence 2005).
 *
 * @throws `gp/data`, `gp/labels` (3 rows at least), `gp/options`, `gp/too-many` above 3000 rows, `gp/singular`.
 * Cost: 4/3 n³ for each of some 30 steps a label, with n at most `searchRows`; then 4/3 n³ with all.
 */
export function trainGaussianProcess(data: TrainingData, options: GpOptions = {}): GaussianProcess {
  checkTrainingData(data, 'gp')
  checkOptions(data, options)
  const { n, x, width, labels } = data
  const { kernel = 'matern52', lengths = 'one', linear = true } = options
  const shape: GpShape = { kernel, lengths: lengths === 'one' ? 1 : width, linear }
  const mean = new Float64Array(width)
  for (let i = 0; i < n * width; i++) mean[i % width]! += x[i]! / n
  const leftOut = {
    values: new Float64Array(n * labels).fill(Number.NaN),
    errors: new Float64Array(n * labels).fill(Number.NaN),
  }
  const processes = Array.from({ length: labels }, (_, l) => {
    const learnt = trainLabel(data, l, mean, shape, options, leftOut)
    options.onProgress?.(l + 1, labels)
    return learnt
  })
  return { kernel, width, labels, n, x, mean, processes, leftOut }
}

function trainLabel(
  data: TrainingData,
  l: number,
  centre: Float64Array,
  shape: GpShape,
  options: GpOptions,
  leftOut: GaussianProcess['leftOut'],
): LabelProcess {
  const index = labelledRows(data, l, 3, 'gp')
  const { mean, deviation, ...rows } = scaledRows(data, l, index, centre)
  const student = options.noise === 'student'
  const part = drawnRows(rows, options.searchRows ?? 1000, options.seed ?? 1)
  let found: FoundHyperparameters | undefined
  let noiseFactor: Float64Array = rows.noiseFactor
  for (let round = 0; round < (student ? ROUNDS : 1); round++) {
    throwIfAborted(options)
    const weighed = { ...rows, noiseFactor }
    found = search(shape, takeGpRows(weighed, part), options, l, found)
    if (student && round < ROUNDS - 1) noiseFactor = noiseFactors(weighed, shape, found.hyperparameters)
  }
  const { hyperparameters, logLikelihood, converged } = found!
  const posterior = conditionOnRows(shape.kernel, hyperparameters, { ...rows, noiseFactor })
  const spread = hyperparameters.noise * (student ? HALF_WIDTH ** 2 : 1)
  const groups = groupsOfRows(data.groups, index)
  const alone = student
    ? leaveFoldsOut(
        shape,
        hyperparameters,
        rows,
        groups,
        (kept) => weigh(kept, shape, hyperparameters),
        options.seed ?? 1,
      )
    : posterior.leaveOut(groups)
  const errors = Float64Array.from(alone.variance, (variance) => Math.sqrt(variance + spread))
  const scores = Float64Array.from(alone.residual, (residual, i) =>
    Math.abs(residual / Math.sqrt(errors[i]! ** 2 + rows.known[i]!)),
  )
  const calibration = options.calibrate === false ? 1 : quantile68(scores)
  index.forEach((row, i) => {
    const at = row * data.labels + l
    leftOut.values[at] = data.y[at]! - deviation * alone.residual[i]!
    leftOut.errors[at] = deviation * calibration * errors[i]!
  })
  return {
    hyperparameters,
    mean,
    deviation,
    rows: index,
    noise: posterior.noise,
    weights: posterior.weights,
    spread,
    calibration,
    logLikelihood: part.length === index.length ? logLikelihood : posterior.logLikelihood,
    converged,
  }
}

/** Hyperparameters of a label: those given, or from where the last round ended, or sought from the start. */
function search(
  shape: GpShape,
  rows: GpRows,
  options: GpOptions,
  l: number,
  last: FoundHyperparameters | undefined,
): FoundHyperparameters {
  const { starts = 1, steps = 100, seed = 1, signal } = options
  const given = options.hyperparameters?.[l]
  if (given !== undefined)
    return {
      hyperparameters: given,
      logLikelihood: conditionOnRows(shape.kernel, given, rows).logLikelihood,
      converged: true,
    }
  const natural = naturalHyperparameters(shape, rows)
  const run = signal === undefined ? {} : { signal }
  if (last === undefined) return findHyperparameters(shape, rows, natural, natural, { starts, steps, seed, ...run })
  return findHyperparameters(shape, rows, natural, last.hyperparameters, { starts: 1, steps, seed, ...run })
}

/** How many times the noise counts for each row: (ν + z²) / (ν + 1), z² its expected square in units of the noise. */
function noiseFactors(rows: GpRows, shape: GpShape, hyperparameters: GpHyperparameters): Float64Array {
  const posterior: GpPosterior = conditionOnRows(shape.kernel, hyperparameters, rows)
  return Float64Array.from(posterior.fitted(), ({ residual, variance }, i) => {
    const square = (residual ** 2 + variance) / (hyperparameters.noise + rows.known[i]!)
    return (DEGREES + square) / (DEGREES + 1)
  })
}

/** Rows with the noise factors that they have at these hyperparameters. */
function weigh(rows: GpRows, shape: GpShape, hyperparameters: GpHyperparameters): GpRows {
  let { noiseFactor } = rows
  for (let round = 1; round < ROUNDS; round++)
    noiseFactor = noiseFactors({ ...rows, noiseFactor }, shape, hyperparameters)
  return { ...rows, noiseFactor }
}

function scaledRows(
  { x, width, y, labels, errors }: TrainingData,
  l: number,
  index: Int32Array,
  centre: Float64Array,
): GpRows & { readonly mean: number; readonly deviation: number } {
  const values = Float64Array.from(index, (row) => y[row * labels + l]!)
  const mean = values.reduce((sum, value) => sum + value / values.length, 0)
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0))
  return {
    n: index.length,
    width,
    mean,
    deviation,
    x: centredRows(x, width, centre, index),
    y: values.map((value) => (value - mean) / deviation),
    known: Float64Array.from(index, (row) => {
      const error = errors?.[row * labels + l] ?? Number.NaN
      return Number.isNaN(error) ? 0 : (error / deviation) ** 2
    }),
    noiseFactor: new Float64Array(index.length).fill(1),
  }
}

/** `most` of the rows, drawn without replacement, in ascending order; all when there are no more. */
function drawnRows({ n }: GpRows, most: number, seed: number): Int32Array {
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  if (n <= most) return rows
  const random = RandomStream.fromSeed(seed)
  for (let i = 0; i < most; i++) {
    const j = i + random.integer(n - i)
    ;[rows[i], rows[j]] = [rows[j]!, rows[i]!]
  }
  return rows.slice(0, most).sort()
}

function checkOptions({ n, labels, width }: TrainingData, options: GpOptions): void {
  if (n > MOST_ROWS)
    throw new AstrolabelError('gp/too-many', 'A Gaussian process cannot learn from so many rows', {
      got: n,
      expected: `${MOST_ROWS} or fewer`,
      remedy: 'Train it on a part of the stars, or train a forest or a ridge on all',
    })
  for (const name of ['starts', 'steps', 'searchRows'] as const) {
    const value = options[name] ?? 1
    if (!Number.isInteger(value) || value < 1)
      throw new AstrolabelError('gp/options', `Option ${name} of the Gaussian process`, {
        got: value,
        expected: 'a whole number from 1 up',
      })
  }
  const given = options.hyperparameters
  if (given === undefined) return
  const lengths = options.lengths === 'each' ? width : 1
  const bad = given.find((hyper) => hyper.lengths.length !== lengths || !(hyper.noise > 0))
  if (given.length !== labels || bad !== undefined)
    throw new AstrolabelError('gp/options', 'Hyperparameters do not fit the labels and features', {
      got: bad === undefined ? `those of ${given.length} labels` : `${bad.lengths.length} lengths, noise ${bad.noise}`,
      expected: `${labels} labels with ${lengths} lengths each and a noise above 0`,
    })
}
