import type { RunOptions } from '@astrolabel/spectra'
import type { GaussianProcess } from '../gaussian-process/gaussian-process.js'
import { predictGaussianProcess } from '../gaussian-process/predict-gaussian-process.js'
import type { GpOptions } from '../gaussian-process/train-gaussian-process.js'
import { trainGaussianProcess } from '../gaussian-process/train-gaussian-process.js'
import { predictKernelRidge } from '../linear/predict-kernel-ridge.js'
import { predictRidge } from '../linear/predict-ridge.js'
import type { KernelRidge } from '../linear/train-kernel-ridge.js'
import { trainKernelRidge } from '../linear/train-kernel-ridge.js'
import type { Ridge } from '../linear/train-ridge.js'
import { trainRidge } from '../linear/train-ridge.js'
import type { Predictions, TrainingData } from '../training-data.js'
import type { FoldedForest } from './folded-forest.js'
import { predictFoldedForest, trainFoldedForest } from './folded-forest.js'

/** Kinds of model that the best is sought among. */
export const CANDIDATES = ['ridge', 'kernel-ridge', 'gp', 'gp-student', 'forest'] as const

/** One of them: Gaussian processes with normal noise or with Student's, … */
export type Candidate = (typeof CANDIDATES)[number]

/** A trained candidate: plain data, with what each training row is given by a fit without its star. */
export type CandidateModel = Ridge | KernelRidge | GaussianProcess | FoldedForest

/** What training a candidate needs to know beside the rows. */
export interface CandidateRun extends RunOptions {
  readonly seed: number
  /** Most rows that hyperparameters of Gaussian processes are sought on. */
  readonly searchRows: number
}

interface CandidateKind<Model extends CandidateModel> {
  /** Most rows that it can learn from. */
  readonly mostRows: number
  readonly train: (data: TrainingData, run: CandidateRun) => Model
  readonly predict: (model: Model, x: Float32Array, n: number) => Predictions
}

const gaussian = (options: Pick<GpOptions, 'noise' | 'kernel'>): CandidateKind<GaussianProcess> => ({
  mostRows: 3000,
  train: (data, { seed, searchRows, signal }) => trainGaussianProcess(data, { ...options, seed, searchRows, signal }),
  predict: predictGaussianProcess,
})

const KINDS: {
  readonly ridge: CandidateKind<Ridge>
  readonly 'kernel-ridge': CandidateKind<KernelRidge>
  readonly gp: CandidateKind<GaussianProcess>
  readonly 'gp-student': CandidateKind<GaussianProcess>
  readonly forest: CandidateKind<FoldedForest>
} = {
  ridge: {
    mostRows: Infinity,
    train: (data, { signal }) => trainRidge(data, { standardise: false, signal }),
    predict: predictRidge,
  },
  'kernel-ridge': {
    mostRows: 4000,
    train: (data, { signal }) => trainKernelRidge(data, { kernel: 'matern52', signal }),
    predict: predictKernelRidge,
  },
  gp: gaussian({ noise: 'normal', kernel: 'matern52' }),
  // Its kernel has length scales of all sizes: candidates that differ make the better mean.
  'gp-student': gaussian({ noise: 'student', kernel: 'rational-quadratic' }),
  forest: {
    mostRows: Infinity,
    train: trainFoldedForest,
    predict: predictFoldedForest,
  },
}

/** Most rows that a candidate can learn from. */
export function mostRowsOf(candidate: Candidate): number {
  return KINDS[candidate].mostRows
}

/** Train a candidate. @throws what its own training throws. */
export function trainCandidate(candidate: Candidate, data: TrainingData, run: CandidateRun): CandidateModel {
  return KINDS[candidate].train(data, run)
}

/** Labels and errors of rows (n × width) by a candidate that {@link trainCandidate} trained. */
export function predictCandidate(candidate: Candidate, model: CandidateModel, x: Float32Array, n: number): Predictions {
  // The name says which of the kinds the model is.
  const { predict } = KINDS[candidate] as CandidateKind<CandidateModel>
  return predict(model, x, n)
}
