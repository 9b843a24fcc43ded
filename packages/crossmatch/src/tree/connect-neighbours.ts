import { DisjointSets } from './disjoint-sets.js'
import { firstSlotBelow, lastSlotBelow, type PointTree } from './point-tree.js'
import type { SearchOptions } from '../search-options.js'

/** Stars between two progress reports. */
const REPORT_EVERY = 65_536

/**
 * Sets of slots, one a connected component of the pairs of stars within the limit (a squared chord).
 *
 * The tree is held against itself, box by box: two boxes that are too far apart are dropped, two that lie wholly within the limit
 * of one another are joined without a look at their stars, and a box known to be of one set is not entered again for a star or a
 * box of the same set. Neighbouring stars share their way down the tree, which a search for each star would not.
 */
export function connectNeighbours(
  tree: PointTree,
  limit: number,
  { signal, onProgress }: Pick<SearchOptions, 'signal' | 'onProgress'>,
): DisjointSets {
  const { count, xyz, boxes, leaves, leafStart } = tree
  const sets = new DisjointSets(count)
  // Nodes whose stars are known to be in one set.
  const whole = new Uint8Array(2 * leaves)
  let done = 0
  let reported = 0

  const joinAll = (node: number): void => {
    const first = firstSlotBelow(tree, node)
    const end = lastSlotBelow(tree, node)
    for (let slot = first + 1; slot < end; slot++) sets.unite(first, slot)
    whole[node] = 1
  }
  /** Whether the stars of both nodes are known to be in one set. */
  const areOne = (p: number, q: number): boolean =>
    whole[p] === 1 && whole[q] === 1 && sets.find(firstSlotBelow(tree, p)) === sets.find(firstSlotBelow(tree, q))

  const compare = (from: number, to: number, star: number): void => {
    const x = xyz[3 * star]!
    const y = xyz[3 * star + 1]!
    const z = xyz[3 * star + 2]!
    for (let slot = from; slot < to; slot++) {
      const ex = xyz[3 * slot]! - x
      const ey = xyz[3 * slot + 1]! - y
      const ez = xyz[3 * slot + 2]! - z
      if (ex * ex + ey * ey + ez * ez <= limit) sets.unite(star, slot)
    }
  }

  const between = (p: number, q: number): void => {
    if (boxGap(boxes, 8 * p, 8 * q) > limit || areOne(p, q)) return
    if (boxSpan(boxes, 8 * p, 8 * q) <= limit) {
      joinAll(p)
      joinAll(q)
      sets.unite(firstSlotBelow(tree, p), firstSlotBelow(tree, q))
      return
    }
    if (p >= leaves) {
      // All leaves are on one level, so q is one as well.
      const from = leafStart[q - leaves]!
      const to = leafStart[q - leaves + 1]!
      for (let star = leafStart[p - leaves]!; star < leafStart[p - leaves + 1]!; star++) compare(from, to, star)
      return
    }
    between(2 * p, 2 * q)
    between(2 * p, 2 * q + 1)
    between(2 * p + 1, 2 * q)
    between(2 * p + 1, 2 * q + 1)
  }

  const within = (node: number): void => {
    if (boxSpan(boxes, 8 * node, 8 * node) <= limit) {
      joinAll(node)
      report(lastSlotBelow(tree, node) - firstSlotBelow(tree, node))
    } else if (node < leaves) {
      within(2 * node)
      within(2 * node + 1)
      between(2 * node, 2 * node + 1)
      if (areOne(2 * node, 2 * node + 1)) whole[node] = 1
    } else {
      const end = leafStart[node - leaves + 1]!
      const start = leafStart[node - leaves]!
      for (let star = start; star < end; star++) compare(star + 1, end, star)
      report(end - start)
    }
  }
  const report = (more: number): void => {
    done += more
    if (done - reported < REPORT_EVERY) return
    reported = done
    signal?.throwIfAborted()
    onProgress?.(done, count)
  }

  signal?.throwIfAborted()
  if (count > 0) within(1)
  if (done > reported) onProgress?.(done, count)
  signal?.throwIfAborted()
  return sets
}

/** Squared distance between the nearest points of two boxes. */
function boxGap(boxes: Float64Array, p: number, q: number): number {
  let sum = 0
  for (let side = 0; side < 3; side++) {
    const gap = Math.max(boxes[p + side]! - boxes[q + 3 + side]!, boxes[q + side]! - boxes[p + 3 + side]!, 0)
    sum += gap * gap
  }
  return sum
}

/** Squared distance between the farthest points of two boxes. */
function boxSpan(boxes: Float64Array, p: number, q: number): number {
  let sum = 0
  for (let side = 0; side < 3; side++) {
    const span = Math.max(boxes[p + 3 + side]! - boxes[q + side]!, boxes[q + 3 + side]! - boxes[p + side]!)
    sum += span * span
  }
  return sum
}
