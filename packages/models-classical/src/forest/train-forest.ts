import { growTree } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import type { FeatureBins } from './feature-bins.js'
import { binFeatures, thresholdBetween } from './feature-bins.js'
import type { Forest } from './forest.js'
import type { LabelSums } from './label-sums.js'
import { drawnSums, labelSums, meanOfSums } from './label-sums.js'
import { PackedTrees } from './packed-trees.js'

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

/**
 * Grow a random forest or extra-trees on several labels at once.
 *
 * Splits are looked for between 256 bins of each feature, of equally many rows. Each tree has a random stream of its
 * own, so the forest depends on the seed alone.
 *
 * @throws `forest/data` when sizes do not fit or a feature is not finite, `forest/options` for options out of range.
 * Cost: trees × n × features × depth.
 */
export function trainForest(data: ForestData, options: ForestOptions = {}): Forest {
  checkData(data, options.weights)
  const { n, width, labels } = data
  const plan = planOf(width, options)
  const bins = binFeatures(data.x, n, width)
  const sums = labelSums(data.y, n, labels, options.weights)
  const streams = RandomStream.independent(options.seed ?? 1, plan.trees)
  const packed = new PackedTrees(width, labels)
  streams.forEach((random, tree) => {
    throwIfAborted(options)
    packed.add(growOne(bins, sums, plan, random))
    options.onProgress?.(tree + 1, plan.trees)
  })
  return packed.forest()
}

/** A tree as it is packed: nodes with thresholds in the features' units, and the rows of each leaf. */
export interface PlantedTree {
  readonly feature: Int32Array
  readonly threshold: Float32Array
  readonly left: Uint32Array
  readonly value: Float64Array
  readonly gain: Float64Array
  /** (n) how often each row was drawn, and the leaf it lies in. */
  readonly times: Uint16Array
  readonly leaf: Int32Array
}

interface Plan {
  readonly trees: number
  readonly maxDepth: number
  readonly minLeaf: number
  readonly maxFeatures: number
  readonly random: boolean
  readonly bootstrap: boolean
}

function growOne(bins: FeatureBins, sums: LabelSums, plan: Plan, random: RandomStream): PlantedTree {
  const { n, width, codes } = bins
  const times = new Uint16Array(n)
  if (plan.bootstrap) for (let i = 0; i < n; i++) times[random.integer(n)]!++
  else times.fill(1)
  const rows = Uint32Array.from({ length: n }, (_, row) => row).filter((row) => times[row]! > 0)
  const tree = growTree({
    n,
    width,
    codes,
    stride: sums.stride,
    sums: drawnSums(sums, times),
    shared: sums.shared,
    rows,
    maxDepth: plan.maxDepth,
    minLeaf: plan.minLeaf,
    maxFeatures: plan.maxFeatures,
    randomThresholds: plan.random,
    seed: [random.integer(2 ** 32), random.integer(2 ** 32)],
  })
  const value = new Float64Array(tree.nodes * sums.labels)
  const threshold = new Float32Array(tree.nodes)
  for (let node = 0; node < tree.nodes; node++) {
    for (let l = 0; l < sums.labels; l++)
      value[node * sums.labels + l] = meanOfSums(tree.totals, node * sums.stride, l, sums.shared)
    const feature = tree.feature[node]!
    if (feature >= 0) threshold[node] = thresholdBetween(bins, feature, tree.bin[node]!, tree.next[node]!)
  }
  const leaf = new Int32Array(n).fill(-1)
  for (const row of rows) {
    let node = 0
    for (let asked = tree.feature[node]!; asked >= 0; asked = tree.feature[node]!)
      node = tree.left[node]! + (codes[asked * n + row]! > tree.bin[node]! ? 1 : 0)
    leaf[row] = node
  }
  return { feature: tree.feature, threshold, left: tree.left, value, gain: tree.gain, times, leaf }
}

function planOf(width: number, options: ForestOptions): Plan {
  const { trees = 100, maxDepth = Number.POSITIVE_INFINITY, minLeaf = 1, maxFeatures = 1, splits = 'forest' } = options
  const wrong = (what: string, got: unknown, expected: string): AstrolabelError =>
    new AstrolabelError('forest/options', `Bad ${what}`, { got, expected })
  if (!Number.isInteger(trees) || trees < 1) throw wrong('number of trees', trees, 'a whole number, 1 or more')
  if (!(maxDepth >= 1)) throw wrong('depth', maxDepth, '1 or more')
  if (!(minLeaf >= 1)) throw wrong('smallest leaf', minLeaf, '1 row or more')
  if (maxFeatures !== 'sqrt' && !(maxFeatures > 0 && maxFeatures <= 1))
    throw wrong('part of the features', maxFeatures, 'above 0 up to 1, or sqrt')
  if (splits !== 'forest' && splits !== 'extra') throw wrong('kind of split', splits, 'forest or extra')
  return {
    trees,
    maxDepth,
    minLeaf,
    maxFeatures: Math.max(1, Math.round(maxFeatures === 'sqrt' ? Math.sqrt(width) : maxFeatures * width)),
    random: splits === 'extra',
    bootstrap: options.bootstrap ?? splits === 'forest',
  }
}

function checkData({ n, x, width, y, labels }: ForestData, weights: Float64Array | undefined): void {
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
