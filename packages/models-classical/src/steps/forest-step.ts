import type { RunOptions } from '@astrolabel/spectra'
import type { Forest } from '../forest/forest.js'
import { leafOf, treeCount } from '../forest/forest.js'
import { forestQuantiles } from '../forest/forest-quantiles.js'
import { impurityImportance } from '../forest/importance.js'
import { predictForest } from '../forest/predict-forest.js'
import type { StoredForest } from '../forest/stored-forest.js'
import { asStored, restoreForest, storeForest } from '../forest/stored-forest.js'
import { trainForest } from '../forest/train-forest.js'
import type { ParameterSpec, ParameterValues } from '../pipeline/parameters.js'
import { packPart, unpackPart } from '../pipeline/pack-part.js'
import type { Estimator, FittedEstimator, StepContext, StepPart } from '../pipeline/step.js'
import type { Prediction, TrainingData } from '../pipeline/training-data.js'
import { errorWeights } from './error-weights.js'

/** Ends of the 68 % interval. */
const LEVELS = [0.15865525393145707, 0.8413447460685429]
const ONE_SIGMA = 0.6826894921370859
/** Spread of a label that all training rows of a leaf share, in standard deviations of the label: never an error of 0. */
const LEAST_ERROR = 1e-3

const PARAMETERS: readonly ParameterSpec[] = [
  { name: 'trees', kind: 'integer', default: 100, min: 1, help: 'Number of trees.' },
  { name: 'maxDepth', kind: 'integer', default: null, min: 1, optional: true, help: 'Longest way from root to leaf.' },
  { name: 'minLeaf', kind: 'integer', default: 1, min: 1, help: 'Fewest training stars in a leaf.' },
  {
    name: 'maxFeatures',
    kind: 'number',
    default: 1,
    above: 0,
    max: 1,
    words: ['sqrt'],
    help: 'Part of the features that a node looks at, or their square root.',
  },
  {
    name: 'weights',
    kind: 'word',
    default: 'none',
    words: ['none', 'errors'],
    help: 'Whether labels with large errors count less.',
  },
]

/** Random forest. */
export const forestStep: Estimator = {
  role: 'estimator',
  kind: 'forest',
  summary: 'random forest: trees on stars drawn at random, which try all splits; errors from the stars in the leaves',
  nested: 'trees',
  before: ['scale', 'pca'],
  errorFolds: 0,
  usualSearch: {
    'pca.components': [25, 50, 100],
    'forest.maxDepth': [8, 16, null],
    'forest.minLeaf': [1, 3, 5],
  },
  parameters: [
    ...PARAMETERS,
    { name: 'bootstrap', kind: 'boolean', default: true, help: 'Grow each tree on stars drawn with replacement.' },
  ],
  fit: (data, parameters, context) => grow('forest', data, parameters, context),
  load: loadForest,
}

/** Extremely randomised trees. */
export const extraTreesStep: Estimator = {
  role: 'estimator',
  kind: 'extra-trees',
  summary: 'extra-trees: trees on all stars, each split at a threshold drawn at random',
  nested: 'trees',
  before: ['scale', 'pca'],
  errorFolds: 5,
  usualSearch: {
    'pca.components': [25, 50, 100],
    'extra-trees.maxDepth': [8, 16, null],
    'extra-trees.minLeaf': [1, 3, 5],
  },
  parameters: [
    ...PARAMETERS,
    { name: 'bootstrap', kind: 'boolean', default: false, help: 'Grow each tree on stars drawn with replacement.' },
  ],
  fit: (data, parameters, context) => grow('extra', data, parameters, context),
  load: loadForest,
}

function grow(
  splits: 'forest' | 'extra',
  data: TrainingData,
  { trees, maxDepth, minLeaf, maxFeatures, bootstrap, weights }: ParameterValues,
  context: StepContext,
): FittedForest {
  const grown = (context.grow ?? trainForest)(data, {
    trees: trees as number,
    ...(maxDepth === null ? {} : { maxDepth: maxDepth as number }),
    minLeaf: minLeaf as number,
    maxFeatures: maxFeatures as number | 'sqrt',
    splits,
    bootstrap: bootstrap as boolean,
    weights: weights === 'errors' ? errorWeights(data) : undefined,
    seed: context.seed,
    signal: context.signal,
    onProgress: context.onProgress,
  })
  const forest = asStored({ ...grown, value: knownValues(grown) })
  const { x, n, y, labels } = data
  return new FittedForest(forest, y, () =>
    bootstrap === true ? outOfBagScale(forest, x, n, y, labels) : new Float64Array(labels).fill(1),
  )
}

/**
 * Labels of the nodes, where none of a node's rows has one those of the node above it: else a star that all trees bring
 * to leaves without a label would get none.
 */
export function knownValues({ value, left, feature, labels }: Forest): Float64Array {
  if (!value.some(Number.isNaN)) return value
  const out = value.slice()
  // Children stand behind their parents.
  for (let node = 0; node < feature.length; node++) {
    if (feature[node]! < 0) continue
    for (const child of [left[node]!, left[node]! + 1])
      for (let l = 0; l < labels; l++)
        if (Number.isNaN(out[child * labels + l]!)) out[child * labels + l] = out[node * labels + l]!
  }
  return out
}

/** A fitted forest as it lies in a file. */
interface ForestPart {
  readonly forest: StoredForest
  /** Labels of the training rows. */
  readonly y: Float64Array
  /** (L) factor of the errors. */
  readonly errorScale: Float64Array
}

function loadForest(part: StepPart): FittedForest {
  const { forest, y, errorScale } = unpackPart(part) as ForestPart
  return new FittedForest(restoreForest(forest), y, () => errorScale)
}

class FittedForest implements FittedEstimator {
  readonly #forest: Forest
  readonly #y: Float64Array
  readonly #measureScale: () => Float64Array
  #scale: Float64Array | undefined

  /** @param measureScale Made the first time that errors are asked for: a search never does. */
  constructor(forest: Forest, y: Float64Array, measureScale: () => Float64Array) {
    this.#forest = forest
    this.#y = y
    this.#measureScale = measureScale
  }

  predict(x: Float32Array, n: number, options: RunOptions & { readonly errors?: boolean } = {}): Prediction {
    const values = predictForest(this.#forest, x, n, { signal: options.signal })
    if (options.errors === false) return { values, errors: new Float64Array(values.length).fill(Number.NaN) }
    const scale = this.#errorScale()
    const { labels } = this.#forest
    const quantiles = forestQuantiles(this.#forest, x, n, this.#y, LEVELS, { signal: options.signal })
    return { values, errors: values.map((_, i) => scale[i % labels]! * halfWidth(quantiles, i)) }
  }

  toPart(): StepPart {
    const stored: ForestPart = { forest: storeForest(this.#forest), y: this.#y, errorScale: this.#errorScale() }
    return packPart(stored)
  }

  /** Trees have random streams of their own, so the first of many are the trees of a smaller forest. */
  first(trees: number): FittedForest {
    const { roots, labels, feature, threshold, left, value, gain, memberStart, members, width } = this.#forest
    if (trees >= treeCount(this.#forest)) return this
    const nodes = roots[trees]!
    const fewer: Forest = {
      width,
      labels,
      roots: roots.slice(0, trees + 1),
      feature: feature.slice(0, nodes),
      threshold: threshold.slice(0, nodes),
      left: left.slice(0, nodes),
      value: value.slice(0, nodes * labels),
      gain: gain.slice(0, nodes),
      memberStart: memberStart.slice(0, nodes + 1),
      members: members.slice(0, memberStart[nodes]!),
    }
    return new FittedForest(fewer, this.#y, this.#measureScale)
  }

  importance(): Float64Array {
    return impurityImportance(this.#forest)
  }

  #errorScale(): Float64Array {
    this.#scale ??= this.#measureScale()
    return this.#scale
  }
}

/** Half of the 68 % interval; the whole spread of the label where no leaf has a row with it. */
function halfWidth(quantiles: Float64Array, i: number): number {
  const half = (quantiles[2 * i + 1]! - quantiles[2 * i]!) / 2
  return Number.isNaN(half) ? 1 : Math.max(half, LEAST_ERROR)
}

/**
 * Factor of the errors, (L), with which they cover 68.3 % of the training rows' own labels, each predicted by the trees
 * that have not grown on it.
 */
function outOfBagScale(forest: Forest, x: Float32Array, n: number, y: Float64Array, labels: number): Float64Array {
  const quantiles = forestQuantiles(forest, x, n, y, LEVELS, { outOfBag: true })
  const mean = outOfBagMean(forest, x, n)
  return Float64Array.from({ length: labels }, (_, l) => {
    const ratios: number[] = []
    for (let row = 0; row < n; row++) {
      const i = row * labels + l
      const ratio = Math.abs(mean[i]! - y[i]!) / halfWidth(quantiles, i)
      if (!Number.isNaN(ratio)) ratios.push(ratio)
    }
    if (ratios.length === 0) return 1
    ratios.sort((a, b) => a - b)
    return ratios[Math.min(ratios.length - 1, Math.round(ONE_SIGMA * ratios.length))]!
  })
}

/** Mean over the trees that a training row has not grown, (n × L); NaN for a row that all have. */
function outOfBagMean(forest: Forest, x: Float32Array, n: number): Float64Array {
  const { labels, width, value, memberStart, members, roots } = forest
  const sum = new Float64Array(n * labels)
  const count = new Float64Array(n * labels)
  const seen = new Int32Array(n).fill(-1)
  for (let tree = 0; tree < treeCount(forest); tree++) {
    for (let at = memberStart[roots[tree]!]!; at < memberStart[roots[tree + 1]!]!; at++) seen[members[at]!] = tree
    for (let row = 0; row < n; row++) {
      if (seen[row] === tree) continue
      const leaf = leafOf(forest, tree, x, row * width)
      for (let l = 0; l < labels; l++) {
        const label = value[leaf * labels + l]!
        if (Number.isNaN(label)) continue
        sum[row * labels + l]! += label
        count[row * labels + l]!++
      }
    }
  }
  return sum.map((total, i) => total / count[i]!)
}
