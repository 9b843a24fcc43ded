import type { RidgeKernel } from '../linear/kernel-function.js'
import { predictKernelRidge } from '../linear/predict-kernel-ridge.js'
import type { KernelRidge } from '../linear/train-kernel-ridge.js'
import { trainKernelRidge } from '../linear/train-kernel-ridge.js'
import type { Estimator } from '../pipeline/step.js'
import { plainEstimator } from './plain-estimator.js'

/** Kernel ridge regression. */
export const kernelRidgeStep: Estimator = plainEstimator<KernelRidge>({
  kind: 'kernel-ridge',
  summary: 'kernel ridge: labels smooth in the features, scale and penalty by the stars left out; 4000 stars at most',
  before: ['scale', 'pca'],
  errorFolds: 5,
  parameters: [
    {
      name: 'kernel',
      kind: 'word',
      default: 'rbf',
      words: ['rbf', 'matern32', 'matern52', 'rational-quadratic', 'linear', 'polynomial'],
      help: 'Similarity of two stars.',
    },
    { name: 'degree', kind: 'integer', default: 3, min: 1, max: 10, help: 'Power of the polynomial kernel.' },
  ],
  usualSearch: { 'pca.components': [25, 50, 100], 'kernel-ridge.kernel': ['rbf', 'matern52'] },
  train: (data, { kernel, degree }, { signal }) =>
    trainKernelRidge(data, { kernel: kernel as RidgeKernel, degree: degree as number, signal }),
  predict: predictKernelRidge,
})
