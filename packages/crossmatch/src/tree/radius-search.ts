import { farthestOfBox, nearestOfBox } from './node-chord.js'
import { firstSlotBelow, lastSlotBelow, type PointTree } from './point-tree.js'

/** Lists the stars of a tree inside circles, one search after another, all in one growing array. */
export class RadiusSearch {
  /** Slots found so far, in no order within a search; the first `count` are filled. */
  slots: Int32Array = new Int32Array(1024)
  /** How many slots all searches have found. */
  count = 0
  private readonly tree: PointTree
  private readonly stack: Int32Array = new Int32Array(64)

  constructor(tree: PointTree) {
    this.tree = tree
  }

  /**
   * Appends the slots of all stars within the limit (a squared chord). A node wholly inside is taken without a look at its stars,
   * one wider than the circle is split by one comparison. Stops early, with a few stars more than `capacity`, once that is passed.
   */
  run(x: number, y: number, z: number, limit: number, capacity: number): void {
    const { xyz, boxes, axis, leaves, leafStart, count } = this.tree
    const stack = this.stack
    // A coordinate plus or minus the radius rounds by less than this.
    const reach = Math.sqrt(limit) + 1e-15
    let top = 0
    if (count > 0) stack[top++] = 1
    while (top > 0 && this.count <= capacity) {
      let node = stack[--top]!
      let at = 8 * node
      let side = axis[node]!
      while (node < leaves && boxes[at + 3 + side]! - boxes[at + side]! > 2 * reach) {
        const q = side === 0 ? x : side === 1 ? y : z
        const goesLeft = q - reach <= boxes[at + 6]!
        if (goesLeft && q + reach >= boxes[at + 7]!) stack[top++] = 2 * node + 1
        node = 2 * node + (goesLeft ? 0 : 1)
        at = 8 * node
        side = axis[node]!
      }
      if (nearestOfBox(boxes, at, x, y, z) > limit) continue
      if (farthestOfBox(boxes, at, x, y, z) <= limit) {
        const from = firstSlotBelow(this.tree, node)
        const to = lastSlotBelow(this.tree, node)
        this.reserve(to - from)
        for (let slot = from; slot < to; slot++) this.slots[this.count++] = slot
        continue
      }
      if (node < leaves) {
        stack[top++] = 2 * node + 1
        stack[top++] = 2 * node
        continue
      }
      const end = leafStart[node - leaves + 1]!
      const start = leafStart[node - leaves]!
      this.reserve(end - start)
      for (let slot = start; slot < end; slot++) {
        const ex = xyz[3 * slot]! - x
        const ey = xyz[3 * slot + 1]! - y
        const ez = xyz[3 * slot + 2]! - z
        if (ex * ex + ey * ey + ez * ez <= limit) this.slots[this.count++] = slot
      }
    }
  }

  private reserve(more: number): void {
    const needed = this.count + more
    if (needed <= this.slots.length) return
    const larger = new Int32Array(Math.max(needed, 2 * this.slots.length))
    larger.set(this.slots.subarray(0, this.count))
    this.slots = larger
  }
}
