/**
 * Stars found by a search, in parallel arrays: slots of the tree and squared chords. Their order is by chord, then by row, so it
 * does not depend on the shape of the tree.
 */
export interface Hits {
  readonly slots: Int32Array
  readonly chord2: Float64Array
}

/** Ranges up to this length are sorted by insertion. */
const INSERTION_UP_TO = 16

/** Whether a star comes after another one in the order of nearness. */
function isFarther(chord2: number, slot: number, otherChord2: number, otherSlot: number, row: Int32Array): boolean {
  return chord2 > otherChord2 || (chord2 === otherChord2 && row[slot]! > row[otherSlot]!)
}

/**
 * Puts a hit into the heap of the `size` hits at `from`, farthest first, beginning at place `at` and going down.
 *
 * @param row row of each slot
 */
export function settleHit(
  { slots, chord2 }: Hits,
  row: Int32Array,
  from: number,
  size: number,
  at: number,
  slot: number,
  distance: number,
): void {
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    let c = from + child
    if (child + 1 < size && isFarther(chord2[c + 1]!, slots[c + 1]!, chord2[c]!, slots[c]!, row)) {
      child++
      c++
    }
    if (!isFarther(chord2[c]!, slots[c]!, distance, slot, row)) break
    slots[from + at] = slots[c]!
    chord2[from + at] = chord2[c]!
    at = child
  }
  slots[from + at] = slot
  chord2[from + at] = distance
}

/** Sorts the hits `from` to `to` in place, nearest first. O(n log n), no memory. */
export function sortHits(hits: Hits, row: Int32Array, from: number, to: number): void {
  const { slots, chord2 } = hits
  const n = to - from
  if (n <= INSERTION_UP_TO) {
    for (let i = from + 1; i < to; i++) {
      const slot = slots[i]!
      const distance = chord2[i]!
      let j = i
      while (j > from && isFarther(chord2[j - 1]!, slots[j - 1]!, distance, slot, row)) {
        slots[j] = slots[j - 1]!
        chord2[j] = chord2[j - 1]!
        j--
      }
      slots[j] = slot
      chord2[j] = distance
    }
    return
  }
  for (let at = (n >> 1) - 1; at >= 0; at--) settleHit(hits, row, from, n, at, slots[from + at]!, chord2[from + at]!)
  for (let size = n - 1; size > 0; size--) {
    const slot = slots[from + size]!
    const distance = chord2[from + size]!
    slots[from + size] = slots[from]!
    chord2[from + size] = chord2[from]!
    settleHit(hits, row, from, size, 0, slot, distance)
  }
}
