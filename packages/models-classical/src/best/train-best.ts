import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import { quantile68 } from '../linear/quantile68.js'
import type { Predictions, TrainingData } from '../training-data.js'
import { checkFeatureRows, checkTrainingData, labelledRows } from '../training-data.js'
import type { Candidate, CandidateModel } from './candidates.js'
import { CANDIDATES, mostRowsOf, predictCandidate, trainCandidate } from './candidates.js'
import { blend, leastAbsolute, meanAbsolute, oneOf, simplexWeights } from './simplex-weights.js'
import { foldsOfStars } from './star-folds.js'

/** How the best model is found. */
export interface BestOptions extends RunOptions {
  /** Models that are trained; all of {@link CANDIDATES}. */
  readonly candidates?: readonly Candidate[]
  /** `choose` one for each label, or `stack`: their mean by weights, none below 0; `stack`. */
  readonly combine?: 'choose' | 'stack'
  /** Most rows that hyperparameters of Gaussian processes are sought on; 500. */
  readonly searchRows?: number
  readonly seed?: number
}

/** A trained candidate that a label is given by. */
export interface BestMember {
  readonly name: Candidate
  readonly model: CandidateModel
}

/** What a label is given by. */
export interface BestLabel {
  /** (members) not below 0, 1 in all. */
  readonly weights: Float64Array
  /** Factor of the errors with which 68 % of the training stars, left out, lie within one. */
  readonly calibration: number
  /** Mean absolute left-out difference of each candidate that was tried, and of what was made of them. */
  readonly tried: Readonly<Record<string, number>>
  readonly leftOutError: number
}

/** The best of several models for each label. */
export interface Best {
  readonly width: number
  readonly members: readonly BestMember[]
  readonly labels: readonly BestLabel[]
  /** Candidates that cannot learn from so many rows. */
  readonly skipped: readonly Candidate[]
  /** (n × L) what each training star is given by fits without it, chosen and weighed without its fold; NaN if missing. */
  readonly leftOut: Predictions
}

/** Folds in which the choice is made without the stars that it is judged by. */
const FOLDS = 10

/** Errors cannot be shown to be smaller than this part of what the candidates say. */
const LEAST = 0.1

/**
 * Train several models and choose or weigh them for each label by what each star is given when it is left out of them.
 *
 * The choice is itself made in ten folds of stars: the errors are calibrated, and the left-out labels given, for stars
 * that had no part in it.
 *
 * @throws `best/options`, `best/data`, `best/labels`, and what training a candidate throws.
 * Cost: that of the candidates.
 */
export function trainBest(data: TrainingData, options: BestOptions = {}): Best {
  checkTrainingData(data, 'best')
  for (let l = 0; l < data.labels; l++) labelledRows(data, l, 3, 'best')
  const { seed = 1, searchRows = 500, signal, combine = 'stack' } = options
  const { names, skipped } = candidatesFor(data, options.candidates ?? CANDIDATES)
  // Errors of which none is known would have linear models fitted twice.
  const known = data.errors?.some((error) => error > 0) === true ? data : { ...data, errors: undefined }
  const members = names.map((name, done) => {
    throwIfAborted(options)
    const model = trainCandidate(name, known, { seed, searchRows, signal })
    options.onProgress?.(done + 1, names.length)
    return { name, model }
  })
  const leftOut = {
    values: new Float64Array(data.n * data.labels).fill(Number.NaN),
    errors: new Float64Array(data.n * data.labels).fill(Number.NaN),
  }
  const foldOf = foldsOfStars(data.groups, data.n, FOLDS, seed)
  const weigh = combine === 'stack' ? simplexWeights : chooseOne
  const labels = Array.from({ length: data.labels }, (_, l) => combineLabel(data, l, members, foldOf, weigh, leftOut))
  const used = members.filter((_, m) => labels.some(({ weights }) => weights[m]! > 0))
  return {
    width: data.width,
    members: used,
    labels: labels.map((label) => ({
      ...label,
      weights: label.weights.filter((_, m) => used.includes(members[m]!)),
    })),
    skipped,
    leftOut,
  }
}

function chooseOne(residuals: readonly Float64Array[]): Float64Array {
  return oneOf(residuals.length, leastAbsolute(residuals))
}

function combineLabel(
  { n, y, labels, errors }: TrainingData,
  l: number,
  members: readonly BestMember[],
  foldOf: Int32Array,
  weigh: (residuals: readonly Float64Array[]) => Float64Array,
  leftOut: Predictions,
): BestLabel {
  const rows = Int32Array.from({ length: n }, (_, row) => row).filter((row) =>
    members.every(({ model }) => !Number.isNaN(y[row * labels + l]! - model.leftOut.values[row * labels + l]!)),
  )
  const take = (some: Int32Array, of: (model: CandidateModel, at: number) => number): Float64Array[] =>
    members.map(({ model }) => Float64Array.from(some, (row) => of(model, row * labels + l)))
  const residual = (model: CandidateModel, at: number): number => y[at]! - model.leftOut.values[at]!
  const square = (model: CandidateModel, at: number): number => model.leftOut.errors[at]! ** 2
  const all = take(rows, residual)
  const weights = weigh(all)
  const left: number[] = []
  const scores: number[] = []
  for (let fold = 0; fold < FOLDS; fold++) {
    const out = rows.filter((row) => foldOf[row] === fold)
    const others = rows.filter((row) => foldOf[row] !== fold)
    if (out.length === 0) continue
    const own = others.length === 0 ? weights : weigh(take(others, residual))
    const off = blend(take(out, residual), own)
    const variance = blend(take(out, square), own)
    out.forEach((row, i) => {
      const at = row * labels + l
      const truth = errors?.[at] ?? 0
      leftOut.values[at] = y[at]! - off[i]!
      leftOut.errors[at] = Math.sqrt(variance[i]!)
      left.push(off[i]!)
      scores.push(Math.sqrt(Math.max(off[i]! ** 2 - (truth > 0 ? truth ** 2 : 0), 0) / variance[i]!))
    })
  }
  const calibration = Math.max(quantile68(Float64Array.from(scores)), LEAST)
  rows.forEach((row) => (leftOut.errors[row * labels + l]! *= calibration))
  return {
    weights,
    calibration,
    tried: Object.fromEntries(members.map(({ name }, m) => [name, meanAbsolute(all[m]!)])),
    leftOutError: meanAbsolute(Float64Array.from(left)),
  }
}

/** Candidates in the order of {@link CANDIDATES}, less those for which there are too many rows. */
function candidatesFor(
  { n }: TrainingData,
  wanted: readonly Candidate[],
): { readonly names: readonly Candidate[]; readonly skipped: readonly Candidate[] } {
  const asked = CANDIDATES.filter((name) => wanted.includes(name))
  const names = asked.filter((name) => n <= mostRowsOf(name))
  if (names.length > 0) return { names, skipped: asked.filter((name) => !names.includes(name)) }
  throw new AstrolabelError('best/options', 'There is no model to choose from', {
    got: asked.length === 0 ? 'no candidate' : `${n} rows, too many for ${asked.join(' and ')}`,
    expected: `some of ${CANDIDATES.join(', ')}`,
    remedy: 'Let it try ridge or forest too, which learn from any number of rows',
  })
}

/**
 * Labels of rows (n × width) and their errors by the models that each label chose: the mean of their labels by weight,
 * and the root of that of their variances, calibrated.
 *
 * @returns (n × L). @throws `best/features`. Cost: that of the members.
 */
export function predictBest(best: Best, x: Float32Array, n: number): Predictions {
  checkFeatureRows(x, n, best.width, 'best')
  const count = best.labels.length
  const parts = best.members.map(({ name, model }) => predictCandidate(name, model, x, n))
  const values = new Float64Array(n * count)
  const errors = new Float64Array(n * count)
  best.labels.forEach(({ weights, calibration }, l) => {
    const column = (of: (part: Predictions, at: number) => number): Float64Array =>
      blend(
        parts.map((part) => Float64Array.from({ length: n }, (_, row) => of(part, row * count + l))),
        weights,
      )
    column((part, at) => part.values[at]!).forEach((value, row) => (values[row * count + l] = value))
    column((part, at) => part.errors[at]! ** 2).forEach(
      (square, row) => (errors[row * count + l] = calibration * Math.sqrt(square)),
    )
  })
  return { values, errors }
}
