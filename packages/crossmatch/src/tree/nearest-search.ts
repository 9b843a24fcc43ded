import type { PointTree } from './point-tree.js'

/** What a search found. Reused from call to call. */
export interface SearchHit {
  /** Slot of the nearest star inside the limit, -1 when there is none. */
  slot: number
  /** Squared chord to it. */
  chord2: number
  /** How many stars lie inside the limit. */
  candidates: number
}

/** Rounding of a coordinate plus or minus the radius. */
const COORDINATE_ROUNDING = 1e-15

/** Searches one tree. Keeps its stack between calls, so that a search allocates nothing. */
export class NearestSearch {
  readonly tree: PointTree
  readonly hit: SearchHit = { slot: -1, chord2: Infinity, candidates: 0 }
  private readonly stack: Int32Array

  constructor(tree: PointTree) {
    this.tree = tree
    // One sibling waits at each level, and a tree of 32-bit slots has fewer than 32 levels.
    this.stack = new Int32Array(64)
  }

  /**
   * The nearest star within the limit and the number of stars within it, in `hit`. Of equally near stars the one in the
   * lowest row of the catalogue is taken.
   *
   * A node wider than the circle is split by one comparison. A narrower one is held against the circle: when it lies wholly
   * inside, it is counted at once and from then on searched only for what is nearer than the best, so a wide radius costs
   * about the circumference of its circle, not its area.
   *
   * @param limit largest squared chord
   */
  run(x: number, y: number, z: number, limit: number): SearchHit {
    const { xyz, row, boxes, axis, leaves, leafStart, count } = this.tree
    const stack = this.stack
    const reach = Math.sqrt(limit) + COORDINATE_ROUNDING
    let best = -1
    let bestChord2 = Infinity
    let candidates = 0
    let top = 0
    // Entries are 2 node + 1 when the node's stars have been counted already.
    if (count > 0) stack[top++] = 2
    while (top > 0) {
      const entry = stack[--top]!
      let node = entry >> 1
      let counted = entry & 1
      let at = 8 * node
      if (!counted) {
        let side = axis[node]!
        while (node < leaves && boxes[at + 3 + side]! - boxes[at + side]! > 2 * reach) {
          const q = side === 0 ? x : side === 1 ? y : z
          const goesLeft = q - reach <= boxes[at + 6]!
          const goesRight = q + reach >= boxes[at + 7]!
          if (goesLeft && goesRight) stack[top++] = 4 * node + 2
          node = 2 * node + (goesLeft ? 0 : 1)
          at = 8 * node
          side = axis[node]!
        }
      }
      const x0 = boxes[at]! - x
      const y0 = boxes[at + 1]! - y
      const z0 = boxes[at + 2]! - z
      const x1 = x - boxes[at + 3]!
      const y1 = y - boxes[at + 4]!
      const z1 = z - boxes[at + 5]!
      const dx = x0 > 0 ? x0 : x1 > 0 ? x1 : 0
      const dy = y0 > 0 ? y0 : y1 > 0 ? y1 : 0
      const dz = z0 > 0 ? z0 : z1 > 0 ? z1 : 0
      const near = dx * dx + dy * dy + dz * dz
      if (near > (counted ? bestChord2 : limit)) continue
      if (!counted) {
        const fx = x0 < x1 ? x0 : x1
        const fy = y0 < y1 ? y0 : y1
        const fz = z0 < z1 ? z0 : z1
        if (fx * fx + fy * fy + fz * fz <= limit) {
          counted = 1
          candidates += this.starsBelow(node)
          if (near > bestChord2) continue
        }
      }
      if (node < leaves) {
        const child = 4 * node + counted
        // The order matters only where the best so far prunes: there the half with the nearer centre goes on top.
        const swap = counted && this.leftIsNearer(16 * node, x, y, z) ? 2 : 0
        stack[top++] = child + swap
        stack[top++] = child + 2 - swap
        continue
      }
      const end = leafStart[node - leaves + 1]!
      for (let slot = leafStart[node - leaves]!; slot < end; slot++) {
        const ex = xyz[3 * slot]! - x
        const ey = xyz[3 * slot + 1]! - y
        const ez = xyz[3 * slot + 2]! - z
        const chord2 = ex * ex + ey * ey + ez * ez
        if (chord2 > limit) continue
        if (!counted) candidates++
        if (chord2 < bestChord2 || (chord2 === bestChord2 && row[slot]! < row[best]!)) {
          best = slot
          bestChord2 = chord2
        }
      }
    }
    const hit = this.hit
    hit.slot = best
    hit.chord2 = bestChord2
    hit.candidates = candidates
    return hit
  }

  private leftIsNearer(left: number, x: number, y: number, z: number): boolean {
    const boxes = this.tree.boxes
    const lx = boxes[left]! + boxes[left + 3]! - 2 * x
    const ly = boxes[left + 1]! + boxes[left + 4]! - 2 * y
    const lz = boxes[left + 2]! + boxes[left + 5]! - 2 * z
    const rx = boxes[left + 8]! + boxes[left + 11]! - 2 * x
    const ry = boxes[left + 9]! + boxes[left + 12]! - 2 * y
    const rz = boxes[left + 10]! + boxes[left + 13]! - 2 * z
    return lx * lx + ly * ly + lz * lz <= rx * rx + ry * ry + rz * rz
  }

  private starsBelow(node: number): number {
    const { leaves, leafStart } = this.tree
    let first = node
    let last = node + 1
    while (first < leaves) {
      first *= 2
      last *= 2
    }
    return leafStart[last - leaves]! - leafStart[first - leaves]!
  }
}
