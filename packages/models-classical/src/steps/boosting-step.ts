import type { BoostedTrees } from '../boosting/boosted-trees.js'
import { predictBoosting } from '../boosting/boosted-trees.js'
import { trainBoosting } from '../boosting/train-boosting.js'
import type { Estimator } from '../pipeline/step.js'
import { errorWeights } from './error-weights.js'
import { plainEstimator } from './plain-estimator.js'

/** Gradient-boosted trees. They give no errors of their own: those of the label model are what its cross-validation finds. */
export const boostingStep: Estimator = plainEstimator<BoostedTrees>({
  kind: 'boosting',
  summary: 'gradient-boosted trees: each grows on what those before it leave; one error for all stars',
  before: ['scale', 'pca'],
  errorFolds: 5,
  parameters: [
    { name: 'trees', kind: 'integer', default: 200, min: 1, help: 'Trees of each label.' },
    { name: 'learningRate', kind: 'number', default: 0.1, above: 0, max: 1, help: 'Part of what a tree says that is added.' },
    { name: 'maxDepth', kind: 'integer', default: 4, min: 1, help: 'Longest way from root to leaf.' },
    { name: 'minLeaf', kind: 'integer', default: 5, min: 1, help: 'Fewest training stars in a leaf.' },
    { name: 'maxFeatures', kind: 'number', default: 1, above: 0, max: 1, help: 'Part of the features that a node looks at.' },
    { name: 'subsample', kind: 'number', default: 1, above: 0, max: 1, help: 'Part of the stars that a tree grows on.' },
    { name: 'weights', kind: 'word', default: 'none', words: ['none', 'errors'], help: 'Whether labels with large errors count less.' },
  ],
  usualSearch: { 'pca.components': [25, 50, 100], 'boosting.maxDepth': [2, 4], 'boosting.trees': [200, 500] },
  train: (data, { trees, learningRate, maxDepth, minLeaf, maxFeatures, subsample, weights }, { seed, signal }) => {
    const own = weights === 'errors' ? errorWeights(data) : undefined
    return trainBoosting(data, {
      trees: trees as number,
      learningRate: learningRate as number,
      maxDepth: maxDepth as number,
      minLeaf: minLeaf as number,
      maxFeatures: maxFeatures as number,
      subsample: subsample as number,
      ...(own === undefined ? {} : { weights: own }),
      seed,
      signal,
    })
  },
  predict: (model, x, n) => {
    const values = predictBoosting(model, x, n)
    return { values, errors: new Float64Array(values.length).fill(Number.NaN) }
  },
})
