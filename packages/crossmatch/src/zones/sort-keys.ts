/** Most bits sorted by in one pass. */
const MOST_BITS = 11

/** Keys and what belongs to them, in parallel arrays. */
export interface KeyedValues {
  readonly key: Uint32Array
  readonly value: Int32Array
}

/**
 * Sorts keys with their values, equal keys in the order given (least significant digit first radix sort). O(n), 8 bytes an entry besides the
 * input, which is used as room.
 */
export function sortKeys({ key, value }: KeyedValues): KeyedValues {
  const n = key.length
  let largest = 0
  for (let i = 0; i < n; i++) if (key[i]! > largest) largest = key[i]!
  const bits = 32 - Math.clz32(largest)
  const passes = Math.ceil(bits / MOST_BITS)
  const step = Math.ceil(bits / passes)
  const buckets = 1 << step
  let from: KeyedValues = { key, value }
  let to: KeyedValues = { key: new Uint32Array(n), value: new Int32Array(n) }
  const mask = buckets - 1
  const start = new Int32Array(buckets)
  for (let pass = 0; pass < passes; pass++) {
    const shift = pass * step
    const fromKey = from.key
    const fromValue = from.value
    const toKey = to.key
    const toValue = to.value
    start.fill(0)
    for (let i = 0; i < n; i++) start[(fromKey[i]! >>> shift) & mask]!++
    let sum = 0
    for (let bucket = 0; bucket < buckets; bucket++) {
      const size = start[bucket]!
      start[bucket] = sum
      sum += size
    }
    for (let i = 0; i < n; i++) {
      const k = fromKey[i]!
      const at = start[(k >>> shift) & mask]!++
      toKey[at] = k
      toValue[at] = fromValue[i]!
    }
    const swap = from
    from = to
    to = swap
  }
  return from
}
