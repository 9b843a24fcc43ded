import type { RandomStream } from '@astrolabel/spectra'
import type { FeatureBins } from './feature-bins.js'
import { SplitSearch } from './split-search.js'
import type { Split } from './split-search.js'
import type { Targets } from './targets.js'
import { explained } from './targets.js'
import type { Tree } from './tree.js'

/** Where a tree stops, and what it looks at. */
export interface TreeOptions {
  /** Longest way from the root to a leaf. */
  readonly maxDepth: number
  /** Fewest rows (weights of the bootstrap) in a leaf. */
  readonly minLeaf: number
  /** Features that each node draws to look for its split, all when this is the number of features. */
  readonly maxFeatures: number
  /** Best threshold of each feature, or one drawn at random (Geurts et al. 2006, extra-trees). */
  readonly thresholds: 'best' | 'random'
}

/** A part of the rows that still has to become a node. */
interface Pending {
  readonly node: number
  readonly start: number
  readonly end: number
  readonly depth: number
}

/** A group of rows whose labels spread less than this, relative to their number, is a leaf (labels have unit variance). */
const PURE = 1e-12

/**
 * Grow a regression tree on rows drawn `times` (n) each, by the split that explains most of the sum of squares over all
 * labels (Breiman et al. 1984).
 *
 * Cost: rows × features a level.
 */
export function growTree(
  bins: FeatureBins,
  targets: Targets,
  times: Uint32Array,
  options: TreeOptions,
  random: RandomStream,
): Tree {
  const { stride } = targets
  const { rows, sums } = drawnRows(targets, times)
  const search = new SplitSearch(bins, targets, sums, options, random)
  const scratch = new Int32Array(rows.length)
  const total = new Float64Array(stride)
  const nodes = new NodeList(targets.labels)
  const pending: Pending[] = [{ node: nodes.add(), start: 0, end: rows.length, depth: 0 }]
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const { node, start, end, depth } = part
    const square = addUp(rows, start, end, sums, targets, total)
    nodes.describe(node, total, targets)
    const base = explained(total, 0, targets)
    if (depth >= options.maxDepth || total[0]! < 2 * options.minLeaf || square - base <= PURE * total[0]!) continue
    const split = search.best(rows, start, end, total, base)
    if (split === undefined) continue
    const middle = partition(rows, start, end, bins, split, scratch)
    const left = nodes.split(node, split, bins.edges[split.feature]![split.bin]!, split.score - base)
    pending.push({ node: left + 1, start: middle, end, depth: depth + 1 }, { node: left, start, end: middle, depth: depth + 1 })
  }
  return nodes.tree()
}

/** Rows that were drawn at all, and the sums of every row as often as it was drawn. */
function drawnRows({ n, stride, sums }: Targets, times: Uint32Array): { rows: Int32Array; sums: Float64Array } {
  const rows = new Int32Array(n)
  const weighted = new Float64Array(sums.length)
  let count = 0
  for (let row = 0; row < n; row++) {
    if (times[row] === 0) continue
    rows[count++] = row
    for (let k = row * stride; k < (row + 1) * stride; k++) weighted[k] = times[row]! * sums[k]!
  }
  return { rows: rows.slice(0, count), sums: weighted }
}

/** Sums of a part of the rows into `total`; returns their Σ w y². */
function addUp(
  rows: Int32Array,
  start: number,
  end: number,
  sums: Float64Array,
  targets: Targets,
  total: Float64Array,
): number {
  const { stride } = targets
  total.fill(0)
  let square = 0
  for (let i = start; i < end; i++) {
    const at = rows[i]! * stride
    for (let k = 0; k < stride; k++) total[k] += sums[at + k]!
    square += explained(sums, at, targets)
  }
  return square
}

/** Rows up to the split's bin before the others, each in their order; returns where the others begin. */
function partition(
  rows: Int32Array,
  start: number,
  end: number,
  { codes, n }: FeatureBins,
  { feature, bin }: Split,
  scratch: Int32Array,
): number {
  let kept = start
  let others = 0
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    if (codes[feature * n + row]! <= bin) rows[kept++] = row
    else scratch[others++] = row
  }
  rows.set(scratch.subarray(0, others), kept)
  return kept
}

/** Nodes of a tree that grows. */
class NodeList {
  readonly #labels: number
  readonly #feature: number[] = []
  readonly #threshold: number[] = []
  readonly #left: number[] = []
  readonly #gain: number[] = []
  readonly #weight: number[] = []
  readonly #value: number[] = []

  constructor(labels: number) {
    this.#labels = labels
  }

  /** A leaf, so far. */
  add(): number {
    this.#threshold.push(0)
    this.#left.push(0)
    this.#gain.push(0)
    this.#weight.push(0)
    for (let l = 0; l < this.#labels; l++) this.#value.push(Number.NaN)
    return this.#feature.push(-1) - 1
  }

  describe(node: number, total: Float64Array, { labels, shared }: Targets): void {
    this.#weight[node] = total[0]!
    for (let l = 0; l < labels; l++) {
      const weight = shared ? total[0]! : total[1 + 2 * l]!
      this.#value[node * labels + l] = weight > 0 ? total[shared ? 1 + l : 2 + 2 * l]! / weight : Number.NaN
    }
  }

  /** Turns a leaf into a node with two leaves; returns the left one. */
  split(node: number, { feature }: Split, threshold: number, gain: number): number {
    const left = this.add()
    this.add()
    this.#feature[node] = feature
    this.#threshold[node] = threshold
    this.#left[node] = left
    this.#gain[node] = gain
    return left
  }

  tree(): Tree {
    return {
      feature: Int32Array.from(this.#feature),
      threshold: Float32Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      value: Float64Array.from(this.#value),
      weight: Float64Array.from(this.#weight),
      gain: Float64Array.from(this.#gain),
    }
  }
}
