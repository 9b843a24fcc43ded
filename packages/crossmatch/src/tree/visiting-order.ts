const BITS = 10
const BUCKETS = 1 << BITS

/**
 * An order of the stars in which neighbours on the sky follow one another (Morton order of a 1024^3 grid round the sphere), so
 * that one search finds in cache what the one before it read. It decides speed only, never a result. O(n) radix sort, 12 bytes a
 * star while it runs.
 *
 * @param xyz (count x 3) unit vectors
 * @returns (count) indices into xyz
 */
export function visitingOrder(xyz: Float64Array, count: number): Int32Array {
  const key = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    key[i] = spread(xyz[3 * i]!) | (spread(xyz[3 * i + 1]!) << 1) | (spread(xyz[3 * i + 2]!) << 2)
  }
  let order = new Int32Array(count)
  let next = new Int32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  const start = new Int32Array(BUCKETS + 1)
  for (let shift = 0; shift < 3 * BITS; shift += BITS) {
    start.fill(0)
    for (let i = 0; i < count; i++) start[((key[i]! >>> shift) & (BUCKETS - 1)) + 1]!++
    for (let bucket = 0; bucket < BUCKETS; bucket++) start[bucket + 1]! += start[bucket]!
    for (let i = 0; i < count; i++) {
      const star = order[i]!
      next[start[(key[star]! >>> shift) & (BUCKETS - 1)]!++] = star
    }
    const swap = order
    order = next
    next = swap
  }
  return order
}

/** The cell of a coordinate in [-1, 1], its ten bits three apart so that three of them interleave. */
function spread(coordinate: number): number {
  let cell = Math.min(BUCKETS - 1, ((coordinate + 1) * (BUCKETS / 2)) | 0)
  cell = (cell | (cell << 16)) & 0x030000ff
  cell = (cell | (cell << 8)) & 0x0300f00f
  cell = (cell | (cell << 4)) & 0x030c30c3
  return (cell | (cell << 2)) & 0x09249249
}
