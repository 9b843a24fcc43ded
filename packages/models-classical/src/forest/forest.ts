import type { PackedForest } from '@astrolabel/kernels'

/**
 * Regression trees as kernels takes them, and what they grew on. `value` is the mean of the training rows in a node, NaN
 * for a label that none of them has.
 */
export interface Forest extends PackedForest {
  /** (nodes) by how much a split lowers the sum of squares, over all labels; 0 in a leaf. */
  readonly gain: Float64Array
  /** (nodes + 1) where the training rows of each leaf begin in `members`. */
  readonly memberStart: Int32Array
  /** Training rows leaf by leaf, each as often as it was drawn. */
  readonly members: Int32Array
}

/** The leaf of tree `tree` that the features from `start` in `x` come to. */
export function leafOf(
  { roots, feature, threshold, left }: Forest,
  tree: number,
  x: Float32Array,
  start: number,
): number {
  let node = roots[tree]!
  for (let asked = feature[node]!; asked >= 0; asked = feature[node]!)
    node = left[node]! + (x[start + asked]! > threshold[node]! ? 1 : 0)
  return node
}

/** Number of trees. */
export function treeCount({ roots }: Forest): number {
  return roots.length - 1
}
