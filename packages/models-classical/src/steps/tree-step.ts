import { packPart, unpackPart } from '../pipeline/pack-part.js'
import type { Estimator, FittedEstimator, StepPart } from '../pipeline/step.js'
import { takeTrainingRows } from '../pipeline/training-data.js'
import type { Prediction } from '../pipeline/training-data.js'
import { labelledRows } from '../training-data.js'
import type { ReadableTree } from '../tree/readable-tree.js'
import { describeTree, growReadableTree } from '../tree/readable-tree.js'
import { tellingFeatures } from '../tree/telling-features.js'

/** One readable tree a label. */
export const treeStep: Estimator = {
  role: 'estimator',
  kind: 'tree',
  summary: 'one small tree a label, to be read: which pixels it asks about is in `astrolabel inspect` and the report',
  before: ['scale'],
  // It knows no error: stars left out tell one for all.
  errorFolds: 5,
  parameters: [
    { name: 'maxDepth', kind: 'integer', default: 3, min: 1, max: 12, help: 'Questions on the longest way.' },
    { name: 'smallest', kind: 'integer', default: 5, min: 1, help: 'Groups of up to so many stars are not split.' },
    {
      name: 'features',
      kind: 'integer',
      default: 50,
      min: 1,
      help: 'Features that it may ask about: of so many equal stretches the one that tells most. More take longer.',
    },
  ],
  usualSearch: { 'tree.maxDepth': [2, 3, 4, 5], 'tree.smallest': [5, 20] },
  fit: (data, { maxDepth, smallest, features }) => {
    const { n, width, labels } = data
    const telling = tellingFeatures(data, features as number)
    const trees = telling.map((own, l) => {
      const known = takeTrainingRows(data, labelledRows(data, l, 2, 'tree'))
      const x = Float32Array.from({ length: known.n * own.length }, (_, i) => {
        return known.x[Math.floor(i / own.length) * width + own[i % own.length]!]!
      })
      const y = known.y.filter((_, i) => i % labels === l)
      const tree = growReadableTree(
        { n: known.n, x, width: own.length, y },
        { maxDepth: maxDepth as number, smallest: Math.min(smallest as number, n) },
      )
      return renumbered(tree, own)
    })
    return new FittedTree(trees, width)
  },
  load: (part) => {
    const { trees, width } = unpackPart(part) as { trees: readonly ReadableTree[]; width: number }
    return new FittedTree(trees, width)
  },
}

/** A tree that asks about some features, with their numbers among all. */
function renumbered({ rows, value, split }: ReadableTree, features: readonly number[]): ReadableTree {
  if (split === undefined) return { rows, value }
  const { feature, threshold, below, above } = split
  return {
    rows,
    value,
    split: {
      feature: features[feature]!,
      threshold,
      below: renumbered(below, features),
      above: renumbered(above, features),
    },
  }
}

class FittedTree implements FittedEstimator {
  readonly #trees: readonly ReadableTree[]
  readonly #width: number

  constructor(trees: readonly ReadableTree[], width: number) {
    this.#trees = trees
    this.#width = width
  }

  predict(x: Float32Array, n: number): Prediction {
    const labels = this.#trees.length
    const values = new Float64Array(n * labels)
    for (let row = 0; row < n; row++)
      this.#trees.forEach((tree, l) => {
        let node = tree
        while (node.split !== undefined) {
          const { feature, threshold, below, above } = node.split
          node = x[row * this.#width + feature]! < threshold ? below : above
        }
        values[row * labels + l] = node.value
      })
    return { values, errors: new Float64Array(values.length).fill(Number.NaN) }
  }

  toPart(): StepPart {
    return packPart({ trees: this.#trees, width: this.#width })
  }

  describe({ feature, value }: Parameters<NonNullable<FittedEstimator['describe']>>[0]): string[] {
    return this.#trees.map((tree, l) =>
      describeTree(tree, {
        feature: (asked) => feature(asked, 0).name,
        threshold: (threshold, asked) => digits(feature(asked, threshold).value),
        value: (own) => digits(value(l, own)),
      }),
    )
  }
}

function digits(value: number): string {
  return String(Number(value.toPrecision(4)))
}
