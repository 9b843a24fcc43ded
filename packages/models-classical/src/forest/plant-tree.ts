import { growTree } from '@astrolabel/kernels'
import type { RandomStream } from '@astrolabel/spectra'
import type { FeatureBins } from './feature-bins.js'
import { thresholdBetween } from './feature-bins.js'
import type { LabelSums } from './label-sums.js'
import { drawnSums, meanOfSums } from './label-sums.js'

/** How trees grow. */
export interface TreePlan {
  readonly maxDepth: number
  readonly minLeaf: number
  readonly maxFeatures: number
  readonly bootstrap: boolean
}

/** What trees grow on: bins between which all splits are tried, or values among which thresholds are drawn. */
export interface TreeGround {
  readonly n: number
  readonly width: number
  readonly features: FeatureBins | Float32Array
  readonly sums: LabelSums
  readonly plan: TreePlan
}

/** What chance decides of a tree: how often each row is drawn, (n), and what it draws its splits from. */
export interface TreeDraw {
  readonly times: Uint16Array
  readonly seed: readonly [number, number]
}

/** A tree as it is packed: nodes with thresholds in the features' units, and the rows of each leaf. */
export interface PlantedTree {
  readonly feature: Int32Array
  readonly threshold: Float32Array
  readonly left: Uint32Array
  readonly value: Float64Array
  readonly gain: Float64Array
  /** (n) how often each row was drawn, and the leaf it lies in, −1 for none. */
  readonly times: Uint16Array
  readonly leaf: Int32Array
}

/** Draws the rows of a tree, with replacement for a bootstrap. */
export function drawTree(n: number, bootstrap: boolean, random: RandomStream): TreeDraw {
  const times = new Uint16Array(n)
  if (bootstrap) for (let i = 0; i < n; i++) times[random.integer(n)]!++
  else times.fill(1)
  return { times, seed: [random.integer(2 ** 32), random.integer(2 ** 32)] }
}

/** Grows one tree. Cost: n × features × depth. */
export function plantTree({ n, width, features, sums, plan }: TreeGround, { times, seed }: TreeDraw): PlantedTree {
  const drawn = features instanceof Float32Array
  const rows = Uint32Array.from({ length: n }, (_, row) => row).filter((row) => times[row]! > 0)
  const tree = growTree({
    n,
    width,
    features: drawn ? features : features.codes,
    stride: sums.stride,
    sums: drawnSums(sums, times),
    shared: sums.shared,
    rows,
    maxDepth: plan.maxDepth,
    minLeaf: plan.minLeaf,
    maxFeatures: plan.maxFeatures,
    seed,
  })
  const value = new Float64Array(tree.nodes * sums.labels)
  for (let node = 0; node < tree.nodes; node++)
    for (let l = 0; l < sums.labels; l++)
      value[node * sums.labels + l] = meanOfSums(tree.totals, node * sums.stride, l, sums.shared)
  const threshold = drawn
    ? tree.threshold
    : Float32Array.from(tree.feature, (feature, node) =>
        feature < 0 ? 0 : thresholdBetween(features, feature, tree.bin[node]!, tree.next[node]!),
      )
  return { feature: tree.feature, threshold, left: tree.left, value, gain: tree.gain, times, leaf: tree.leaf }
}
