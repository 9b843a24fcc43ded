import type { SearchHit } from './nearest-search.js'
import type { PointTree } from './point-tree.js'
import type { UnitVectors } from './sky-positions.js'
import { UnclaimedSearch } from './unclaimed-search.js'

/**
 * Makes nearest matches one to one: of all pairs within the limit the closest is taken, then the closest of those whose two stars
 * are both still free, and so on (equal separations: lower row of a first, then lower row of b). The pairs are never listed: each
 * star of a waits in a heap with its nearest free star, and asks for its next one when somebody closer has taken that.
 *
 * @param a stars to be matched
 * @param tree the other catalogue
 * @param slotOf (rows of a) slot of the nearest star, -1 for none; replaced by the slot of the partner, -1 for none
 * @param chord2Of (rows of a) squared chord to it; replaced likewise
 * @param limits (rows of a) largest squared chord
 */
export function claimOneToOne(
  a: UnitVectors,
  tree: PointTree,
  slotOf: Int32Array,
  chord2Of: Float64Array,
  limits: Float64Array,
): void {
  const { xyz, row } = a
  const search = new UnclaimedSearch(tree)
  const hit: SearchHit = { slot: -1, chord2: 0, candidates: 0 }
  // A binary heap of stars of a and, beside them, their keys. Vectors stand in the order of their rows, so an index breaks ties by row.
  const heap = new Int32Array(a.count)
  const key = new Float64Array(a.count)
  let size = 0
  for (let star = 0; star < a.count; star++) {
    if (slotOf[row[star]!]! < 0) continue
    heap[size] = star
    key[size++] = chord2Of[row[star]!]!
  }
  const settle = (star: number, chord2: number, from: number): void => {
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      const sibling = child + 1
      if (sibling < size) {
        const siblingFirst =
          key[sibling]! < key[child]! || (key[sibling] === key[child] && heap[sibling]! < heap[child]!)
        if (siblingFirst) child = sibling
      }
      if (key[child]! > chord2 || (key[child] === chord2 && heap[child]! > star)) break
      heap[at] = heap[child]!
      key[at] = key[child]!
      at = child
    }
    heap[at] = star
    key[at] = chord2
  }
  for (let at = (size >> 1) - 1; at >= 0; at--) settle(heap[at]!, key[at]!, at)

  while (size > 0) {
    const star = heap[0]!
    const starRow = row[star]!
    if (search.isClaimed(slotOf[starRow]!)) {
      search.run(xyz[3 * star]!, xyz[3 * star + 1]!, xyz[3 * star + 2]!, limits[starRow]!, hit)
      slotOf[starRow] = hit.slot
      chord2Of[starRow] = hit.chord2
      if (hit.slot >= 0) {
        settle(star, hit.chord2, 0)
        continue
      }
    } else {
      search.claim(slotOf[starRow]!)
    }
    size--
    if (size > 0) settle(heap[size]!, key[size]!, 0)
  }
}
