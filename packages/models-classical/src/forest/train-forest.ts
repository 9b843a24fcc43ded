import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import { binFeatures } from './feature-bins.js'
import type { Forest } from './forest.js'
import { labelSums } from './label-sums.js'
import { PackedTrees } from './packed-trees.js'
import type { TreeDraw, TreeGround } from './plant-tree.js'
import { drawTree, plantTree } from './plant-tree.js'

/** How a forest grows. */
export interface ForestOptions extends RunOptions {
  /** Number of trees; 100. */
  readonly trees?: number
  /** Longest way from a root to a leaf; no limit. */
  readonly maxDepth?: number
  /** Fewest training rows in a leaf; 1. */
  readonly minLeaf?: number
  /** Features that a node looks at: a part of them (1 is all, the default), or `sqrt`. */
  readonly maxFeatures?: number | 'sqrt'
  /** `forest` tries all thresholds (Breiman 2001), `extra` draws one a feature (Geurts et al. 2006); `forest`. */
  readonly splits?: 'forest' | 'extra'
  /** Grow each tree on rows drawn with replacement; true for `forest`, false for `extra`. */
  readonly bootstrap?: boolean
  /** (n × L) weight of each label of each row; all 1. */
  readonly weights?: Float64Array | undefined
  readonly seed?: number
}

/** Training rows of a forest. */
export interface ForestData {
  readonly n: number
  /** (n × width) row-major, finite. */
  readonly x: Float32Array
  readonly width: number
  /** (n × L) labels of comparable scales, as the split looks at all together; NaN where missing. */
  readonly y: Float64Array
  readonly labels: number
}

/** How a forest is grown: here, as by {@link trainForest}, or on threads, which gives the same forest. */
export type GrowForest = (data: ForestData, options?: ForestOptions) => Forest

/**
 * Grow a random forest or extra-trees on several labels at once.
 *
 * Splits are looked for between 256 bins of each feature, of equally many rows; extra-trees draw theirs among the values. Each tree has a random stream of its
 * own, so the forest depends on the seed alone.
 *
 * @throws `forest/data` when sizes do not fit or a feature is not finite, `forest/options` for options out of range.
 * Cost: trees × n × features × depth.
 */
export function trainForest(data: ForestData, options: ForestOptions = {}): Forest {
  const { ground, draws } = prepareForest(data, options)
  const packed = new PackedTrees(data.width, data.labels)
  draws.forEach((draw, tree) => {
    throwIfAborted(options)
    packed.add(plantTree(ground, draw()))
    options.onProgress?.(tree + 1, draws.length)
  })
  return packed.forest()
}

/** What the trees of a forest grow on, and what each of them draws; throws as {@link trainForest} does. */
export function prepareForest(
  data: ForestData,
  options: ForestOptions,
): { ground: TreeGround; draws: (() => TreeDraw)[] } {
  const { trees = 100, seed = 1 } = options
  checkData(data, options.weights)
  if (!Number.isInteger(trees) || trees < 1)
    throw new AstrolabelError('forest/options', 'Bad number of trees', {
      got: trees,
      expected: 'a whole number, 1 or more',
    })
  const ground = groundOf(data, options)
  const draws = RandomStream.independent(seed, trees).map(
    (random) => () => drawTree(data.n, ground.plan.bootstrap, random),
  )
  return { ground, draws }
}

function groundOf({ n, x, width, y, labels }: ForestData, options: ForestOptions): TreeGround {
  const { maxDepth = Number.POSITIVE_INFINITY, minLeaf = 1, maxFeatures = 1, splits = 'forest' } = options
  const wrong = (what: string, got: unknown, expected: string): AstrolabelError =>
    new AstrolabelError('forest/options', `Bad ${what}`, { got, expected })
  if (!(maxDepth >= 1)) throw wrong('depth', maxDepth, '1 or more')
  if (!(minLeaf >= 1)) throw wrong('smallest leaf', minLeaf, '1 row or more')
  if (maxFeatures !== 'sqrt' && !(maxFeatures > 0 && maxFeatures <= 1))
    throw wrong('part of the features', maxFeatures, 'above 0 up to 1, or sqrt')
  if (splits !== 'forest' && splits !== 'extra') throw wrong('kind of split', splits, 'forest or extra')
  return {
    n,
    width,
    features: splits === 'extra' ? x : binFeatures(x, n, width),
    sums: labelSums(y, n, labels, options.weights),
    plan: {
      maxDepth,
      minLeaf,
      maxFeatures: Math.max(1, Math.round(maxFeatures === 'sqrt' ? Math.sqrt(width) : maxFeatures * width)),
      bootstrap: options.bootstrap ?? splits === 'forest',
    },
  }
}

/** Fails with `forest/data` unless sizes agree and all features are finite. */
export function checkData({ n, x, width, y, labels }: ForestData, weights: Float64Array | undefined): void {
  const wrong = (what: string, got: unknown, expected: unknown): AstrolabelError =>
    new AstrolabelError('forest/data', what, { got, expected })
  if (n < 2 || width < 1 || labels < 1)
    throw wrong('There is nothing to learn', `${n} rows, ${width} features, ${labels} labels`, '2, 1 and 1 or more')
  if (x.length !== n * width) throw wrong('Features do not fit the rows', x.length, n * width)
  if (y.length !== n * labels) throw wrong('Labels do not fit the rows', y.length, n * labels)
  if (weights !== undefined && weights.length !== y.length)
    throw wrong('Weights do not fit the labels', weights.length, y.length)
  const bad = x.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw wrong(`Feature ${bad % width} of row ${Math.floor(bad / width)} is not a number`, x[bad], 'a finite value')
}
