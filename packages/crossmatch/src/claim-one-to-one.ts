import type { MatchProblem } from './match-problem.js'
import type { NearestOfEach } from './nearest-of-each.js'
import type { SearchHit } from './tree/nearest-search.js'
import { buildPointTree } from './tree/point-tree.js'
import { rowsWhere } from './rows-where.js'
import { vectorsOfRows } from './sky/sky-positions.js'
import { UnclaimedSearch } from './tree/unclaimed-search.js'

/**
 * Makes nearest matches one to one: of all pairs within the limit the closest is taken, then the closest of those whose two stars
 * are both still free, and so on (equal separations: lower row of a first, then lower row of b). The pairs are never listed: each
 * star of a waits in a heap with its nearest free star, and asks for its next one when somebody closer has taken that. Pairs that
 * nobody contests, in a sparse sky nearly all, stay out of it.
 *
 * @param nearest `partnerOf` and `chord2Of` are changed, `claimsOf` must be there
 */
export function claimOneToOne({ a, b, limits }: MatchProblem, nearest: NearestOfEach): void {
  const { partnerOf, chord2Of, candidatesOf } = nearest
  const claimsOf = nearest.claimsOf!
  // A pair is alone when it is the only candidate on both sides; the stars of the others are candidates only of one another.
  const rowsA = rowsWhere(
    partnerOf.length,
    (row) => partnerOf[row]! >= 0 && (candidatesOf[row]! > 1 || claimsOf[partnerOf[row]!]! > 1),
  )
  const isContested = new Uint8Array(claimsOf.length)
  for (let row = 0; row < claimsOf.length; row++) isContested[row] = claimsOf[row]! > 0 ? 1 : 0
  for (let row = 0; row < partnerOf.length; row++) {
    if (partnerOf[row]! >= 0 && candidatesOf[row] === 1 && claimsOf[partnerOf[row]!] === 1)
      isContested[partnerOf[row]!] = 0
  }
  const stars = vectorsOfRows(a, rowsA)
  const tree = buildPointTree(
    vectorsOfRows(
      b,
      rowsWhere(claimsOf.length, (row) => isContested[row] === 1),
    ),
  )
  const slotOf = new Int32Array(claimsOf.length)
  for (let slot = 0; slot < tree.count; slot++) slotOf[tree.row[slot]!] = slot

  const { xyz, row } = stars
  const search = new UnclaimedSearch(tree)
  const hit: SearchHit = { slot: -1, chord2: 0, candidates: 0 }
  // A binary heap of stars of a and, beside them, their keys. Vectors stand in the order of their rows, so an index breaks ties by row.
  const heap = new Int32Array(stars.count)
  const key = new Float64Array(stars.count)
  let size = 0
  for (let star = 0; star < stars.count; star++) {
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
    const slot = slotOf[partnerOf[starRow]!]!
    if (search.isClaimed(slot)) {
      search.run(xyz[3 * star]!, xyz[3 * star + 1]!, xyz[3 * star + 2]!, limits[starRow]!, hit)
      partnerOf[starRow] = hit.slot < 0 ? -1 : tree.row[hit.slot]!
      chord2Of[starRow] = hit.chord2
      if (hit.slot >= 0) {
        settle(star, hit.chord2, 0)
        continue
      }
    } else {
      search.claim(slot)
    }
    size--
    if (size > 0) settle(heap[size]!, key[size]!, 0)
  }
}
