import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import { binFeatures } from '../forest/feature-bins.js'
import type { ForestData } from '../forest/train-forest.js'
import { checkData } from '../forest/train-forest.js'
import type { BoostedTrees } from './boosted-trees.js'
import type { BoostingLoss } from './boosting-loss.js'
import type { GrownEnsemble } from './grow-ensemble.js'
import { growEnsemble } from './grow-ensemble.js'

/** How trees are boosted. */
export interface BoostingOptions extends RunOptions {
  /** Trees of each label at most; 200. */
  readonly trees?: number
  /** Part of what a tree says that is added; 0.1. */
  readonly learningRate?: number
  /** Longest way from a root to a leaf; 4. */
  readonly maxDepth?: number
  /** Fewest training rows in a leaf, by weight where there are weights of mean 1; 5. */
  readonly minLeaf?: number
  /** Part of the features that a node looks at; 1. */
  readonly maxFeatures?: number
  /** Part of the rows that each tree grows on, drawn without replacement; 1. */
  readonly subsample?: number
  /** `squares` for means, or the quantile to learn; `squares`. */
  readonly loss?: BoostingLoss
  /** `each` label has trees of its own, `together` all share each tree, with labels of comparable scales; `each`. */
  readonly outputs?: 'each' | 'together'
  /** (n × L) weight of each label of each row, as 1 ⁄ σ²; all 1. */
  readonly weights?: Float64Array
  /** Stop when a held-out part no longer gets better; never unless told. */
  readonly stopping?: EarlyStopping
  readonly seed?: number
}

/** Rows held out of training, to see when more trees no longer help. */
export interface EarlyStopping {
  /** Part of the rows, or of the groups; 0.1. */
  readonly part?: number
  /** Trees without a new best before it is over; 10. */
  readonly patience?: number
  /** (n) rows of a group (visits of a star) are held out together; every row by itself unless told. */
  readonly groups?: ArrayLike<number | string>
}

/**
 * Gradient-boosted regression trees (Friedman 2001; stochastic, 2002), split between 256 bins of each feature.
 *
 * Missing labels and labels of weight 0 are left out one by one. With early stopping each ensemble keeps the trees up to
 * its best round on the held-out rows.
 *
 * @throws `forest/data` when sizes do not fit or a feature is not finite, `boosting/options` for options out of range.
 * Cost: trees × labels × n × features × depth.
 */
export function trainBoosting(data: ForestData, options: BoostingOptions = {}): BoostedTrees {
  checkData(data, options.weights)
  checkOptions(options)
  const { n, x, width, labels } = data
  const seed = options.seed ?? 1
  const sets = options.outputs === 'together' ? [allOf(labels)] : allOf(labels).map((l) => [l])
  const streams = RandomStream.independent(seed, sets.length + 1)
  const held = options.stopping === undefined ? undefined : holdOut(n, options.stopping, streams.at(-1)!)
  const bins = binFeatures(x, n, width)
  const { trees = 200 } = options
  const ensembles = sets.map((own, at) => {
    const onTree = (done: number): void => {
      throwIfAborted(options)
      options.onProgress?.(at * trees + done, sets.length * trees)
    }
    return growEnsemble(data, bins, own, held, options, streams[at]!, onTree)
  })
  return packed(ensembles, width, labels)
}

function allOf(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/** Of each row 1 where it is held out: whole groups, in a drawn order, until the part is full. */
function holdOut(n: number, { part = 0.1, groups }: EarlyStopping, random: RandomStream): Uint8Array {
  const members = new Map<number | string, number[]>()
  for (let row = 0; row < n; row++) {
    const key = groups?.[row] ?? row
    const own = members.get(key)
    if (own === undefined) members.set(key, [row])
    else own.push(row)
  }
  const order = [...members.values()]
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  const held = new Uint8Array(n)
  const wanted = Math.max(1, Math.round(part * n))
  let count = 0
  for (const rows of order.slice(0, -1)) {
    if (count >= wanted) break
    for (const row of rows) held[row] = 1
    count += rows.length
  }
  return held
}

/** Trees of all ensembles one behind another; a tree of some labels says 0 of the others. */
function packed(ensembles: readonly GrownEnsemble[], width: number, labels: number): BoostedTrees {
  const trees = ensembles.flatMap(({ own, trees: grown }) => grown.map((tree) => ({ own, tree })))
  const roots = new Int32Array(trees.length + 1)
  trees.forEach(({ tree }, t) => {
    roots[t + 1] = roots[t]! + tree.feature.length
  })
  const nodes = roots.at(-1)!
  const feature = new Int32Array(nodes)
  const threshold = new Float32Array(nodes)
  const left = new Int32Array(nodes)
  const gain = new Float64Array(nodes)
  const value = new Float64Array(nodes * labels)
  trees.forEach(({ own, tree }, t) => {
    const root = roots[t]!
    feature.set(tree.feature, root)
    threshold.set(tree.threshold, root)
    gain.set(tree.gain, root)
    for (let node = 0; node < tree.feature.length; node++) {
      left[root + node] = tree.feature[node]! < 0 ? 0 : root + tree.left[node]!
      own.forEach((l, at) => {
        value[(root + node) * labels + l] = tree.value[node * own.length + at]!
      })
    }
  })
  const base = new Float64Array(labels)
  const rounds = new Int32Array(labels)
  for (const { own, base: start, trees: grown } of ensembles)
    own.forEach((l, at) => {
      base[l] = start[at]!
      rounds[l] = grown.length
    })
  return { width, labels, roots, feature, threshold, left, value, gain, base, rounds }
}

function checkOptions(options: BoostingOptions): void {
  const { trees = 200, learningRate = 0.1, maxDepth = 4, minLeaf = 5, maxFeatures = 1, subsample = 1 } = options
  const { part = 0.1, patience = 10 } = options.stopping ?? {}
  const inside = (value: number): boolean => value > 0 && value <= 1
  const level = options.loss === undefined || options.loss === 'squares' ? 0.5 : options.loss.quantile
  const rules: [string, unknown, boolean, string][] = [
    ['number of trees', trees, Number.isInteger(trees) && trees >= 1, 'a whole number, 1 or more'],
    ['learning rate', learningRate, inside(learningRate), 'above 0 up to 1'],
    ['depth', maxDepth, maxDepth >= 1, '1 or more'],
    ['smallest leaf', minLeaf, minLeaf > 0, 'more than 0 rows'],
    ['part of the features', maxFeatures, inside(maxFeatures), 'above 0 up to 1'],
    ['part of the rows', subsample, inside(subsample), 'above 0 up to 1'],
    ['quantile', level, level > 0 && level < 1, 'between 0 and 1'],
    ['held-out part', part, part > 0 && part < 1, 'between 0 and 1'],
    ['patience', patience, patience >= 1, '1 tree or more'],
  ]
  for (const [what, got, fits, expected] of rules)
    if (!fits) throw new AstrolabelError('boosting/options', `Bad ${what}`, { got, expected })
}
