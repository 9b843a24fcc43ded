import type { GrownTree } from '@astrolabel/kernels'
import { growTree } from '@astrolabel/kernels'
import type { RandomStream } from '@astrolabel/spectra'
import type { FeatureBins } from '../forest/feature-bins.js'
import { thresholdBetween } from '../forest/feature-bins.js'
import { meanOfSums } from '../forest/label-sums.js'
import type { ForestData } from '../forest/train-forest.js'
import type { BoostingLoss } from './boosting-loss.js'
import { bestConstant, lossOf, slope } from './boosting-loss.js'
import type { BoostingOptions } from './train-boosting.js'

/** One tree of some labels, its values scaled by the learning rate: (nodes × own labels). */
export interface BoostedTree {
  readonly feature: Int32Array
  readonly threshold: Float32Array
  readonly left: Uint32Array
  readonly gain: Float64Array
  readonly value: Float64Array
}

/** Trees that learn the labels `own` together. */
export interface GrownEnsemble {
  readonly own: readonly number[]
  readonly base: readonly number[]
  readonly trees: readonly BoostedTree[]
}

/** What is left of the labels, and what it counts, (n × own labels); weight 0 where a label is missing. */
interface Remains {
  readonly left: Float64Array
  readonly weight: Float64Array
}

/** Grows trees on what the trees before them leave of labels `own`, until there are enough or `held` gets no better. */
export function growEnsemble(
  data: ForestData,
  bins: FeatureBins,
  own: readonly number[],
  held: Uint8Array | undefined,
  options: BoostingOptions,
  random: RandomStream,
  onTree: (done: number) => void,
): GrownEnsemble {
  const { n } = data
  const { trees: most = 200, learningRate = 0.1, loss = 'squares', subsample = 1 } = options
  const { patience = 10 } = options.stopping ?? {}
  const training = Array.from({ length: n }, (_, row) => row).filter((row) => held?.[row] !== 1)
  const heldOut = Array.from({ length: n }, (_, row) => row).filter((row) => held?.[row] === 1)
  const remains = startOf(data, own, training, options.weights)
  const base = own.map((_, at) => constantOf(remains, own.length, at, training, loss))
  for (let i = 0; i < remains.left.length; i++) remains.left[i]! -= base[i % own.length]!
  const trees: BoostedTree[] = []
  let best = heldOut.length > 0 ? totalLoss(remains, own.length, heldOut, loss) : 0
  let bestCount = 0
  while (trees.length < most) {
    const rows = subsample < 1 ? drawRows(training, subsample, random) : training
    const { tree, leaf } = growOn(data, bins, remains, own.length, rows, options, random)
    trees.push(tree)
    setLeaves(tree.value, remains, own.length, rows, leaf, loss, learningRate)
    takeAway(data, tree, leaf, remains, own.length)
    onTree(trees.length)
    if (heldOut.length === 0) continue
    const now = totalLoss(remains, own.length, heldOut, loss)
    if (now < best) {
      best = now
      bestCount = trees.length
    } else if (trees.length - bestCount >= patience) break
  }
  return { own, base, trees: heldOut.length > 0 ? trees.slice(0, bestCount) : trees }
}

/** Labels and their weights, of mean 1 over the training rows that have them. */
function startOf(
  { y, labels, n }: ForestData,
  own: readonly number[],
  training: readonly number[],
  weights: Float64Array | undefined,
): Remains {
  const left = new Float64Array(n * own.length)
  const weight = new Float64Array(n * own.length)
  own.forEach((l, at) => {
    for (let row = 0; row < n; row++) {
      const value = y[row * labels + l]!
      const counts = weights?.[row * labels + l] ?? 1
      if (Number.isNaN(value) || !(counts > 0)) continue
      left[row * own.length + at] = value
      weight[row * own.length + at] = counts
    }
    let sum = 0
    let count = 0
    for (const row of training) {
      const counts = weight[row * own.length + at]!
      sum += counts
      if (counts > 0) count++
    }
    if (sum > 0) for (let row = 0; row < n; row++) weight[row * own.length + at]! *= count / sum
  })
  return { left, weight }
}

function constantOf(
  { left, weight }: Remains,
  width: number,
  at: number,
  rows: readonly number[],
  loss: BoostingLoss,
): number {
  return bestConstant(
    loss,
    rows.map((row) => left[row * width + at]!),
    rows.map((row) => weight[row * width + at]!),
  )
}

function totalLoss({ left, weight }: Remains, width: number, rows: readonly number[], loss: BoostingLoss): number {
  let total = 0
  for (const row of rows)
    for (let at = row * width; at < (row + 1) * width; at++) total += weight[at]! * lossOf(loss, left[at]!)
  return total
}

/** Rows without replacement, in their order. */
function drawRows(rows: readonly number[], part: number, random: RandomStream): number[] {
  let wanted = Math.max(1, Math.round(part * rows.length))
  return rows.filter((_, i) => {
    const taken = random.uniform() * (rows.length - i) < wanted
    if (taken) wanted--
    return taken
  })
}

/** A tree on the slopes of the loss; its values are the mean slopes. */
function growOn(
  { n, width }: ForestData,
  bins: FeatureBins,
  { left, weight }: Remains,
  labels: number,
  rows: readonly number[],
  { loss = 'squares', maxDepth = 4, minLeaf = 5, maxFeatures = 1 }: BoostingOptions,
  random: RandomStream,
): { tree: BoostedTree; leaf: Int32Array } {
  const alone = labels === 1
  const even = !alone && weight.every((counts) => counts === 1)
  const shared = alone || even
  const stride = shared ? labels + 1 + ((labels + 1) % 2) : 2 * labels + 2
  const sums = new Float64Array(n * stride)
  for (const row of rows) {
    sums[row * stride] = alone ? weight[row]! : 1
    for (let at = 0; at < labels; at++) {
      const counts = weight[row * labels + at]!
      const steep = counts * slope(loss, left[row * labels + at]!)
      if (shared) {
        sums[row * stride + 1 + at] = steep
      } else {
        sums[row * stride + 2 + 2 * at] = counts
        sums[row * stride + 3 + 2 * at] = steep
      }
    }
  }
  const grown: GrownTree = growTree({
    n,
    width,
    features: bins.codes,
    stride,
    sums,
    shared,
    rows: Uint32Array.from(rows),
    maxDepth,
    minLeaf,
    maxFeatures: Math.max(1, Math.round(maxFeatures * width)),
    seed: [random.integer(2 ** 32), random.integer(2 ** 32)],
  })
  const value = new Float64Array(grown.nodes * labels)
  for (let node = 0; node < grown.nodes; node++)
    for (let at = 0; at < labels; at++) {
      const mean = meanOfSums(grown.totals, node * stride, at, shared)
      value[node * labels + at] = Number.isNaN(mean) ? 0 : mean
    }
  const threshold = Float32Array.from(grown.feature, (feature, node) =>
    feature < 0 ? 0 : thresholdBetween(bins, feature, grown.bin[node]!, grown.next[node]!),
  )
  const { feature, left: children, gain, leaf } = grown
  return { tree: { feature, threshold, left: children, gain, value }, leaf }
}

/** What leaves say: for squares the mean slopes, else the quantile of what is left in each; times the learning rate. */
function setLeaves(
  value: Float64Array,
  remains: Remains,
  labels: number,
  rows: readonly number[],
  leaf: Int32Array,
  loss: BoostingLoss,
  learningRate: number,
): void {
  if (loss !== 'squares') {
    const members = new Map<number, number[]>()
    for (const row of rows) {
      const own = members.get(leaf[row]!)
      if (own === undefined) members.set(leaf[row]!, [row])
      else own.push(row)
    }
    for (const [node, own] of members)
      for (let at = 0; at < labels; at++) value[node * labels + at] = constantOf(remains, labels, at, own, loss)
  }
  for (let i = 0; i < value.length; i++) value[i]! *= learningRate
}

/** Takes what a tree says from what is left, of all rows: those it did not grow on go down it first. */
function takeAway(
  { n, x, width }: ForestData,
  { feature, threshold, left: children, value }: BoostedTree,
  leaf: Int32Array,
  { left }: Remains,
  labels: number,
): void {
  for (let row = 0; row < n; row++) {
    let node = leaf[row]!
    if (node < 0) {
      node = 0
      for (let asked = feature[0]!; asked >= 0; asked = feature[node]!)
        node = children[node]! + (x[row * width + asked]! > threshold[node]! ? 1 : 0)
    }
    for (let at = 0; at < labels; at++) left[row * labels + at]! -= value[node * labels + at]!
  }
}
