import { trainRidge } from '../linear/train-ridge.js'
import type { Ridge } from '../linear/train-ridge.js'
import { predictRidge } from '../linear/predict-ridge.js'
import type { Estimator } from '../pipeline/step.js'
import { plainEstimator } from './plain-estimator.js'

/** Ridge regression. */
export const ridgeStep: Estimator = plainEstimator<Ridge>({
  kind: 'ridge',
  summary: 'ridge: labels linear in the features, the penalty by what is left when each star is left out',
  before: ['scale'],
  errorFolds: 5,
  parameters: [
    {
      name: 'lambda',
      kind: 'number',
      default: null,
      above: 0,
      optional: true,
      help: 'Penalty of the squared coefficients; none to choose it by the stars left out.',
    },
    { name: 'standardise', kind: 'boolean', default: false, help: 'Bring all features to unit variance first.' },
  ],
  usualSearch: { 'ridge.standardise': [false, true], 'scale.unit': ['deviation', 'none'] },
  train: (data, { lambda, standardise }, { signal }) =>
    trainRidge(data, {
      ...(lambda === null ? {} : { lambdas: [lambda as number] }),
      standardise: standardise as boolean,
      signal,
    }),
  predict: predictRidge,
})
