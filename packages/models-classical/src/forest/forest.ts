/**
 * Regression trees, one behind another. Tree t has the nodes from `roots[t]` up to `roots[t + 1]`; the children of node
 * k are `left[k]` and `left[k] + 1`.
 */
export interface Forest {
  /** Features of a row, and labels. */
  readonly width: number
  readonly labels: number
  /** (trees + 1). */
  readonly roots: Int32Array
  /** (nodes) feature that a node asks for, −1 in a leaf. */
  readonly feature: Int32Array
  /** (nodes) rows with a feature above it go right. */
  readonly threshold: Float32Array
  readonly left: Int32Array
  /** (nodes × L) mean of the training rows in a node; NaN for a label that none of them has. */
  readonly value: Float64Array
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
