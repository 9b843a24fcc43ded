import type { SearchHit } from './nearest-search.js'
import type { PointTree } from './point-tree.js'

/** Searches a tree for stars that nobody has claimed yet; subtrees without any are passed over. */
export class UnclaimedSearch {
  private readonly tree: PointTree
  private readonly claimed: Uint8Array
  private readonly left: Int32Array
  private readonly stack: Int32Array = new Int32Array(64)

  constructor(tree: PointTree) {
    const { count, leaves, leafStart } = tree
    this.tree = tree
    this.claimed = new Uint8Array(count)
    this.left = new Int32Array(2 * leaves)
    for (let leaf = 0; leaf < leaves; leaf++) this.left[leaves + leaf] = leafStart[leaf + 1]! - leafStart[leaf]!
    for (let node = leaves - 1; node > 0; node--) this.left[node] = this.left[2 * node]! + this.left[2 * node + 1]!
  }

  /** Whether the star in this slot is claimed. */
  isClaimed(slot: number): boolean {
    return this.claimed[slot] === 1
  }

  /** Claims the star in this slot, O(log n). */
  claim(slot: number): void {
    const { count, leaves, leafStart } = this.tree
    this.claimed[slot] = 1
    let leaf = Math.floor((slot * leaves) / count)
    while (leafStart[leaf + 1]! <= slot) leaf++
    for (let node = leaves + leaf; node > 0; node >>= 1) this.left[node]!--
  }

  /** The nearest unclaimed star within the limit (a squared chord), written to `hit`; `slot` is -1 when there is none. */
  run(x: number, y: number, z: number, limit: number, hit: SearchHit): void {
    const { xyz, row, leaves, leafStart, count } = this.tree
    const stack = this.stack
    let best = -1
    let bestChord2 = limit
    let top = 0
    if (count > 0) stack[top++] = 1
    while (top > 0) {
      const node = stack[--top]!
      if (this.left[node] === 0 || this.boxChord2(node, x, y, z) > bestChord2) continue
      if (node < leaves) {
        const leftFirst = this.boxChord2(2 * node, x, y, z) <= this.boxChord2(2 * node + 1, x, y, z) ? 1 : 0
        stack[top++] = 2 * node + leftFirst
        stack[top++] = 2 * node + 1 - leftFirst
        continue
      }
      const end = leafStart[node - leaves + 1]!
      for (let slot = leafStart[node - leaves]!; slot < end; slot++) {
        if (this.claimed[slot] === 1) continue
        const chord2 = (xyz[3 * slot]! - x) ** 2 + (xyz[3 * slot + 1]! - y) ** 2 + (xyz[3 * slot + 2]! - z) ** 2
        if (chord2 < bestChord2 || (chord2 === bestChord2 && (best < 0 || row[slot]! < row[best]!))) {
          best = slot
          bestChord2 = chord2
        }
      }
    }
    hit.slot = best
    hit.chord2 = bestChord2
  }

  private boxChord2(node: number, x: number, y: number, z: number): number {
    const boxes = this.tree.boxes
    const at = 8 * node
    const dx = Math.max(boxes[at]! - x, x - boxes[at + 3]!, 0)
    const dy = Math.max(boxes[at + 1]! - y, y - boxes[at + 4]!, 0)
    const dz = Math.max(boxes[at + 2]! - z, z - boxes[at + 5]!, 0)
    return dx * dx + dy * dy + dz * dz
  }
}
