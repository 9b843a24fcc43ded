import { RandomStream } from '@astrolabel/spectra'
import type { BoostedTrees } from '../boosting/boosted-trees.js'
import { predictBoosting } from '../boosting/boosted-trees.js'
import { trainBoosting } from '../boosting/train-boosting.js'
import { quantile68 } from '../linear/quantile68.js'
import { packPart, unpackPart } from '../pipeline/pack-part.js'
import type { ParameterValues } from '../pipeline/parameters.js'
import type { Estimator, FittedEstimator, StepContext, StepPart } from '../pipeline/step.js'
import type { Prediction, TrainingData } from '../pipeline/training-data.js'
import { takeTrainingRows } from '../pipeline/training-data.js'
import { errorWeights } from './error-weights.js'

/** Parts of the training stars, each predicted by what the others teach, that tell how large the errors are. */
const PARTS = 3

/** Gradient-boosted trees. They know no error of a star: all get that which covers stars left out. */
export const boostingStep: Estimator = {
  role: 'estimator',
  kind: 'boosting',
  summary:
    'gradient-boosted trees: each grows on what those before it leave; one error for all stars, of those left out',
  before: ['scale', 'pca'],
  errorFolds: 0,
  parameters: [
    { name: 'trees', kind: 'integer', default: 200, min: 1, help: 'Trees of each label.' },
    {
      name: 'learningRate',
      kind: 'number',
      default: 0.1,
      above: 0,
      max: 1,
      help: 'Part of what a tree says that is added.',
    },
    { name: 'maxDepth', kind: 'integer', default: 4, min: 1, help: 'Longest way from root to leaf.' },
    { name: 'minLeaf', kind: 'integer', default: 5, min: 1, help: 'Fewest training stars in a leaf.' },
    {
      name: 'maxFeatures',
      kind: 'number',
      default: 1,
      above: 0,
      max: 1,
      help: 'Part of the features that a node looks at.',
    },
    {
      name: 'subsample',
      kind: 'number',
      default: 1,
      above: 0,
      max: 1,
      help: 'Part of the stars that a tree grows on.',
    },
    {
      name: 'weights',
      kind: 'word',
      default: 'none',
      words: ['none', 'errors'],
      help: 'Whether labels with large errors count less.',
    },
  ],
  usualSearch: { 'pca.components': [25, 50, 100], 'boosting.maxDepth': [2, 4], 'boosting.trees': [200, 500] },
  fit: (data, parameters, context) =>
    new FittedBoosting(train(data, parameters, context), () => leftOutErrors(data, parameters, context)),
  load: (part) => {
    const { model, errors } = unpackPart(part) as { model: BoostedTrees; errors: Float64Array }
    return new FittedBoosting(model, () => errors)
  },
}

function train(
  data: TrainingData,
  { trees, learningRate, maxDepth, minLeaf, maxFeatures, subsample, weights }: ParameterValues,
  { seed, signal }: StepContext,
): BoostedTrees {
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
}

/** Of each label, (L), the size that 68 % of the residuals of stars left out do not exceed. Cost: three more fits. */
function leftOutErrors(data: TrainingData, parameters: ParameterValues, context: StepContext): Float64Array {
  const { n, labels, groups = Int32Array.from({ length: n }, (_, row) => row) } = data
  const stars = [...new Set(groups)]
  const order = RandomStream.fromSeed(context.seed).permutation(stars.length)
  const part = new Map(stars.map((star, i) => [star, order[i]! % PARTS]))
  const sizes: number[][] = Array.from({ length: labels }, () => [])
  const rows = Int32Array.from({ length: n }, (_, row) => row)
  for (let one = 0; one < PARTS; one++) {
    const held = takeTrainingRows(
      data,
      rows.filter((row) => part.get(groups[row]!) === one),
    )
    const rest = takeTrainingRows(
      data,
      rows.filter((row) => part.get(groups[row]!) !== one),
    )
    if (held.n === 0 || rest.n < 2) continue
    const values = predictBoosting(train(rest, parameters, context), held.x, held.n)
    values.forEach((value, i) => {
      const residual = Math.abs(value - held.y[i]!)
      if (!Number.isNaN(residual)) sizes[i % labels]!.push(residual)
    })
  }
  return Float64Array.from(sizes, (known) => quantile68(Float64Array.from(known)))
}

class FittedBoosting implements FittedEstimator {
  readonly #model: BoostedTrees
  readonly #measure: () => Float64Array
  #errors: Float64Array | undefined

  /** @param measure Made the first time that errors are asked for: a search never does. */
  constructor(model: BoostedTrees, measure: () => Float64Array) {
    this.#model = model
    this.#measure = measure
  }

  predict(x: Float32Array, n: number, { errors = true }: { readonly errors?: boolean } = {}): Prediction {
    const values = predictBoosting(this.#model, x, n)
    const own = errors ? this.#leftOut() : undefined
    return { values, errors: values.map((_, i) => own?.[i % own.length] ?? Number.NaN) }
  }

  toPart(): StepPart {
    return packPart({ model: this.#model, errors: this.#leftOut() })
  }

  #leftOut(): Float64Array {
    this.#errors ??= this.#measure()
    return this.#errors
  }
}
