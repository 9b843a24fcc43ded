import { settleHit, type Hits } from './hit-order.js'
import { nearestOfBox } from './node-chord.js'
import type { PointTree } from './point-tree.js'

/** Searches one tree for the k nearest stars. */
export class KNearestSearch {
  private readonly tree: PointTree
  private readonly k: number
  // Two children wait at each level; a child is stored with its distance, which is not computed twice.
  private readonly stack: Int32Array = new Int32Array(64)
  private readonly stackChord2: Float64Array = new Float64Array(64)

  constructor(tree: PointTree, k: number) {
    this.tree = tree
    this.k = k
  }

  /**
   * The k nearest stars within the limit (a squared chord), written to `hits` from place `from` on, as a heap with the farthest
   * first. Of equally near stars those in lower rows of the catalogue are taken.
   *
   * @returns how many there are, at most k
   */
  run(x: number, y: number, z: number, limit: number, hits: Hits, from: number): number {
    const { xyz, row, boxes, leaves, leafStart, count } = this.tree
    const { stack, stackChord2, k } = this
    let size = 0
    let bound = limit
    let top = 0
    if (count > 0) {
      stack[0] = 1
      stackChord2[0] = nearestOfBox(boxes, 8, x, y, z)
      top = 1
    }
    while (top > 0) {
      const node = stack[--top]!
      if (stackChord2[top]! > bound) continue
      if (node < leaves) {
        const left = nearestOfBox(boxes, 16 * node, x, y, z)
        const right = nearestOfBox(boxes, 16 * node + 8, x, y, z)
        const rightFirst = right < left ? 1 : 0
        stack[top] = 2 * node + 1 - rightFirst
        stackChord2[top++] = rightFirst ? left : right
        stack[top] = 2 * node + rightFirst
        stackChord2[top++] = rightFirst ? right : left
        continue
      }
      const end = leafStart[node - leaves + 1]!
      for (let slot = leafStart[node - leaves]!; slot < end; slot++) {
        const ex = xyz[3 * slot]! - x
        const ey = xyz[3 * slot + 1]! - y
        const ez = xyz[3 * slot + 2]! - z
        const chord2 = ex * ex + ey * ey + ez * ez
        if (chord2 > bound) continue
        if (size < k) {
          // A new place at the bottom of the heap, and up from there.
          let at = size++
          while (at > 0) {
            const parent = (at - 1) >> 1
            const above = from + parent
            const aboveChord2 = hits.chord2[above]!
            if (aboveChord2 > chord2 || (aboveChord2 === chord2 && row[hits.slots[above]!]! > row[slot]!)) break
            hits.slots[from + at] = hits.slots[above]!
            hits.chord2[from + at] = aboveChord2
            at = parent
          }
          hits.slots[from + at] = slot
          hits.chord2[from + at] = chord2
        } else if (chord2 < hits.chord2[from]! || row[slot]! < row[hits.slots[from]!]!) {
          settleHit(hits, row, from, k, 0, slot, chord2)
        }
        if (size === k) bound = hits.chord2[from]!
      }
    }
    return size
  }
}
