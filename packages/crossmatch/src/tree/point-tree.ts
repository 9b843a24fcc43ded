import { selectNth } from './select-nth.js'
import type { UnitVectors } from '../sky/sky-positions.js'

/** Stars in a leaf: fewer costs more boxes, more costs more distances; 8 was fastest on uniform and on clustered skies. */
const LEAF_SIZE = 8

/**
 * A balanced k-d tree over unit vectors, all of it in typed arrays. Node 1 is the root, the children of node k are 2k and 2k + 1,
 * and nodes `leaves` to `2 * leaves - 1` are the leaves, each holding the slots `leafStart[k - leaves]` to `leafStart[k - leaves + 1]`.
 * Memory: 28 bytes a star for `xyz` and `row`, and 16 to 32 bytes a star for the nodes.
 */
export interface PointTree {
  readonly count: number
  /** Number of leaves, a power of two. */
  readonly leaves: number
  /** (leaves + 1) first slot of each leaf. */
  readonly leafStart: Int32Array
  /** (count x 3) vectors in tree order: the position in this order is a star's slot. */
  readonly xyz: Float64Array
  /** (count) row in the catalogue of each slot. */
  readonly row: Int32Array
  /**
   * (2 leaves x 8) one cache line a node: the tight bounds (min x, y, z, max x, y, z), then the largest coordinate of the left child
   * and the smallest of the right child along the node's widest side.
   */
  readonly boxes: Float64Array
  /** (2 leaves) widest side of each node, 0, 1 or 2 for x, y, z: the one it is split along. */
  readonly axis: Uint8Array
}

/**
 * Builds the tree by splitting at the median of the widest side. Takes the vectors over and reorders them in place: they
 * are the tree's own afterwards. Costs O(n log n), whatever the clustering.
 */
export function buildPointTree(points: UnitVectors): PointTree {
  const tree = layOutTree(points)
  splitNode(tree, 1, 1)
  return tree
}

/** A tree whose nodes are still to be split. `bytes` gives the memory of its nodes, the vectors keep theirs. */
export function layOutTree(
  { count, xyz, row }: UnitVectors,
  bytes: (size: number) => ArrayBufferLike = (size) => new ArrayBuffer(size),
): PointTree {
  let leaves = 1
  while (count / leaves > LEAF_SIZE) leaves *= 2
  const leafStart = new Int32Array(bytes(4 * (leaves + 1)))
  for (let leaf = 0; leaf <= leaves; leaf++) leafStart[leaf] = Math.floor((count * leaf) / leaves)
  return {
    count,
    leaves,
    leafStart,
    xyz,
    row,
    boxes: new Float64Array(bytes(128 * leaves)),
    axis: new Uint8Array(bytes(2 * leaves)),
  }
}

/**
 * Splits a node, its children, and so on down to the nodes from `bottom` on, which are left as they are; a `bottom` of 1 or less
 * goes down to the leaves. Nodes that are not below one another may be split at the same time.
 */
export function splitNode(tree: PointTree, node: number, bottom: number): void {
  const { leaves, xyz, row, boxes, axis } = tree
  if (bottom > 1 && node >= bottom) return
  const from = firstSlotBelow(tree, node)
  const to = lastSlotBelow(tree, node)
  const side = boundNode(xyz, from, to, boxes, 8 * node)
  axis[node] = side
  if (node >= leaves) return
  selectNth(xyz, row, side, from, to - 1, firstSlotBelow(tree, 2 * node + 1))
  splitNode(tree, 2 * node, bottom)
  splitNode(tree, 2 * node + 1, bottom)
  closeNode(tree, node)
}

/** Notes in a node where its children lie along its widest side; they must have been split before. */
export function closeNode({ boxes, axis }: PointTree, node: number): void {
  const side = axis[node]!
  boxes[8 * node + 6] = boxes[16 * node + 3 + side]!
  boxes[8 * node + 7] = boxes[16 * node + 8 + side]!
}

/** Writes the bounds of slots `from` to `to` and returns their widest axis. An empty range gets a box that nothing is near. */
function boundNode(xyz: Float64Array, from: number, to: number, boxes: Float64Array, at: number): number {
  let x0 = Infinity
  let y0 = Infinity
  let z0 = Infinity
  let x1 = -Infinity
  let y1 = -Infinity
  let z1 = -Infinity
  for (let i = 3 * from; i < 3 * to; i += 3) {
    const x = xyz[i]!
    const y = xyz[i + 1]!
    const z = xyz[i + 2]!
    if (x < x0) x0 = x
    if (x > x1) x1 = x
    if (y < y0) y0 = y
    if (y > y1) y1 = y
    if (z < z0) z0 = z
    if (z > z1) z1 = z
  }
  boxes[at] = x0
  boxes[at + 1] = y0
  boxes[at + 2] = z0
  boxes[at + 3] = x1
  boxes[at + 4] = y1
  boxes[at + 5] = z1
  const dx = x1 - x0
  const dy = y1 - y0
  return dx >= dy ? (dx >= z1 - z0 ? 0 : 2) : dy >= z1 - z0 ? 1 : 2
}

/** First slot of the stars below a node. */
export function firstSlotBelow({ leaves, leafStart }: PointTree, node: number): number {
  let first = node
  while (first < leaves) first *= 2
  return leafStart[first - leaves]!
}

/** Slot after the last of the stars below a node. */
export function lastSlotBelow({ leaves, leafStart }: PointTree, node: number): number {
  let last = node + 1
  while (last <= leaves) last *= 2
  return leafStart[last - leaves]!
}
