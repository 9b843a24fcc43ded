/** Ranges longer than this are narrowed by a sample first (Floyd & Rivest 1975 give 600). */
const SAMPLE_ABOVE = 600

/**
 * Reorders the stars `left` to `right` (both included) so that the one at `nth` is where sorting by one coordinate would put it,
 * smaller ones before it and larger ones after it. Floyd & Rivest 1975 (algorithm 489), O(right - left).
 *
 * @param xyz (n x 3) vectors, moved in place
 * @param row (n) rows, moved along
 * @param axis 0, 1 or 2
 */
export function selectNth(
  xyz: Float64Array,
  row: Int32Array,
  axis: number,
  left: number,
  right: number,
  nth: number,
): void {
  while (right > left) {
    if (right - left > SAMPLE_ABOVE) {
      const size = right - left + 1
      const rank = nth - left + 1
      const logSize = Math.log(size)
      const sample = 0.5 * Math.exp((2 * logSize) / 3)
      const spread = 0.5 * Math.sqrt((logSize * sample * (size - sample)) / size) * Math.sign(rank - size / 2)
      const sampleLeft = Math.max(left, Math.floor(nth - (rank * sample) / size + spread))
      const sampleRight = Math.min(right, Math.floor(nth + ((size - rank) * sample) / size + spread))
      selectNth(xyz, row, axis, sampleLeft, sampleRight, nth)
    }
    const pivot = xyz[3 * nth + axis]!
    let i = left
    let j = right
    // Both scans stop at equal values: a catalogue that repeats one position still splits in the middle.
    while (i <= j) {
      while (xyz[3 * i + axis]! < pivot) i++
      while (xyz[3 * j + axis]! > pivot) j--
      if (i <= j) swapStars(xyz, row, i++, j--)
    }
    if (j < nth) left = i
    if (nth < i) right = j
  }
}

function swapStars(xyz: Float64Array, row: Int32Array, i: number, j: number): void {
  const a = 3 * i
  const b = 3 * j
  const x = xyz[a]!
  const y = xyz[a + 1]!
  const z = xyz[a + 2]!
  xyz[a] = xyz[b]!
  xyz[a + 1] = xyz[b + 1]!
  xyz[a + 2] = xyz[b + 2]!
  xyz[b] = x
  xyz[b + 1] = y
  xyz[b + 2] = z
  const r = row[i]!
  row[i] = row[j]!
  row[j] = r
}
