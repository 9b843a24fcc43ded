/** A regression tree. Node 0 is the root; the children of node k are `left[k]` and `left[k] + 1`. */
export interface Tree {
  /** (nodes) feature that a node asks for, −1 in a leaf. */
  readonly feature: Int32Array
  /** (nodes) rows with feature ≤ threshold go left. */
  readonly threshold: Float32Array
  /** (nodes) first child, 0 in a leaf. */
  readonly left: Int32Array
  /** (nodes × L) weighted mean of the training rows in a node; NaN for a label that none of them has. */
  readonly value: Float64Array
  /** (nodes) weight of the training rows in a node: rows, each as often as it was drawn. */
  readonly weight: Float64Array
  /** (nodes) by how much a split lowers the weighted sum of squares, over all labels; 0 in a leaf. */
  readonly gain: Float64Array
}

/** The leaf that a row of features, from `start` in `values`, comes to. */
export function leafOf({ feature, threshold, left }: Tree, values: Float32Array, start: number): number {
  let node = 0
  for (let asked = feature[node]!; asked >= 0; asked = feature[node]!)
    node = left[node]! + (values[start + asked]! > threshold[node]! ? 1 : 0)
  return node
}

/** Length of the longest way from the root to a leaf. */
export function treeDepth({ feature, left }: Tree): number {
  const depth = new Int32Array(feature.length)
  let deepest = 0
  for (let node = 0; node < feature.length; node++) {
    deepest = Math.max(deepest, depth[node]!)
    if (feature[node]! < 0) continue
    // Children come after their parent.
    depth[left[node]!] = depth[node]! + 1
    depth[left[node]! + 1] = depth[node]! + 1
  }
  return deepest
}
