import type { GaussianProcess } from '../gaussian-process/gaussian-process.js'
import { predictGaussianProcess } from '../gaussian-process/predict-gaussian-process.js'
import type { StationaryKernel } from '../gaussian-process/stationary.js'
import { trainGaussianProcess } from '../gaussian-process/train-gaussian-process.js'
import type { Estimator } from '../pipeline/step.js'
import { plainEstimator } from './plain-estimator.js'

/** Gaussian processes. */
export const gpStep: Estimator = plainEstimator<GaussianProcess>({
  kind: 'gp',
  summary: 'Gaussian processes, one a label, with errors calibrated on stars left out; 3000 stars at most',
  before: ['scale', 'pca'],
  // Calibrated on what each star is given when it is left out.
  errorFolds: 0,
  parameters: [
    {
      name: 'kernel',
      kind: 'word',
      default: 'matern52',
      words: ['rbf', 'matern32', 'matern52', 'rational-quadratic'],
      help: 'Stationary part of the covariance.',
    },
    {
      name: 'lengths',
      kind: 'word',
      default: 'one',
      words: ['one', 'each'],
      help: 'One length scale for all features, or one for each.',
    },
    { name: 'linear', kind: 'boolean', default: true, help: 'Add a linear term.' },
    {
      name: 'noise',
      kind: 'word',
      default: 'normal',
      words: ['normal', 'student'],
      help: 'Noise of the labels; student keeps wrong ones from bending the fit.',
    },
    {
      name: 'searchRows',
      kind: 'integer',
      default: 1000,
      min: 3,
      help: 'Most stars that hyperparameters are sought on.',
    },
  ],
  usualSearch: { 'pca.components': [25, 50, 100], 'gp.noise': ['normal', 'student'] },
  train: (data, { kernel, lengths, linear, noise, searchRows }, { seed, signal }) =>
    trainGaussianProcess(data, {
      kernel: kernel as StationaryKernel,
      lengths: lengths as 'one' | 'each',
      linear: linear as boolean,
      noise: noise as 'normal' | 'student',
      searchRows: searchRows as number,
      seed,
      signal,
    }),
  predict: predictGaussianProcess,
})
