/** For each pixel the pixels that its window holds: low[i] … high[i]-1, neither falling along the row. */
export interface Windows {
  readonly low: Int32Array
  readonly high: Int32Array
}

/** Sums of weights differ by rounding from what they would be if summed anew; this much of the total does not count. */
const ROUNDING = 1e-10

/**
 * Windows of half a width on either side of each pixel, cut off at the ends.
 *
 * @param at (nPix) position of the pixels, rising, in the unit of the width.
 */
export function windowsAround(at: Float64Array, width: number): Windows {
  const n = at.length
  const low = new Int32Array(n)
  const high = new Int32Array(n)
  for (let i = 0, from = 0, to = 0; i < n; i++) {
    while (at[i]! - at[from]! > width / 2) from++
    while (to < n && at[to]! - at[i]! <= width / 2) to++
    low[i] = from
    high[i] = to
  }
  return { low, high }
}

/**
 * Weighted quantile of the pixels in each window: the smallest value up to which the weights make `quantile` of those
 * of the whole window, of equal ones the ⌈quantile × count⌉-th value. Pixels of weight 0 do not count.
 *
 * Values are ranked once; a tree of partial sums over the ranks (Fenwick 1994) then takes pixels in and out and finds
 * the quantile, each in log nPix. Cost nPix log nPix whatever the window.
 *
 * @param values (nPix), at most 2²¹, finite where the weight is not 0.
 * @param weights (nPix).
 * @param out (nPix); 0 where a window holds no pixel of any weight.
 */
export function slidingQuantile(
  values: Float32Array,
  weights: Float64Array,
  { low, high }: Windows,
  quantile: number,
  out: Float32Array,
): void {
  const n = values.length
  const { sorted, rank } = ranked(values, weights)
  const count = sorted.length
  const tree = new Float64Array(count + 1)
  let top = 1
  while (top * 2 <= count) top *= 2
  const add = (pixel: number, weight: number): void => {
    for (let k = rank[pixel]! + 1; k <= count; k += k & -k) tree[k]! += weight
  }
  let total = 0
  let inside = 0
  for (let i = 0, from = 0, to = 0; i < n; i++) {
    for (; to < high[i]!; to++) {
      if (weights[to] === 0) continue
      add(to, weights[to]!)
      total += weights[to]!
      inside++
    }
    for (; from < low[i]!; from++) {
      if (weights[from] === 0) continue
      add(from, -weights[from]!)
      total -= weights[from]!
      inside--
    }
    if (inside === 0) {
      total = 0
      out[i] = 0
      continue
    }
    // Above 0, or ranks that are not in the window would do for the lowest quantile.
    let left = total * Math.max(quantile - ROUNDING, ROUNDING)
    let at = 0
    for (let step = top; step > 0; step >>= 1) {
      const next = at + step
      if (next > count || tree[next]! >= left) continue
      at = next
      left -= tree[next]!
    }
    out[i] = values[sorted[Math.min(at, count - 1)]!]!
  }
}

/** Pixels that a key has room for, beside the 32 bits of a value, in the 53 of a number. */
const MAX_PIXELS = 2 ** 21

/**
 * Pixels of any weight from the lowest value to the highest, and the place of each in that order.
 *
 * Sorted as numbers that hold the bits of the value, in an order that grows with it, and then the pixel: typed arrays sort
 * these four times as fast as indices by a function that compares values.
 */
function ranked(values: Float32Array, weights: Float64Array): { sorted: Int32Array; rank: Int32Array } {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length)
  const keys = new Float64Array(values.length)
  let count = 0
  for (let i = 0; i < values.length; i++) {
    if (weights[i] === 0) continue
    // Negative numbers grow downwards; -0 is 0.
    const rising = values[i] === 0 ? 0 : bits[i]! < 0 ? -(bits[i]! & 0x7fffffff) : bits[i]!
    keys[count++] = rising * MAX_PIXELS + i
  }
  const sorted = new Int32Array(count)
  const rank = new Int32Array(values.length)
  keys
    .subarray(0, count)
    .sort()
    .forEach((key, k) => {
      const pixel = key - Math.floor(key / MAX_PIXELS) * MAX_PIXELS
      sorted[k] = pixel
      rank[pixel] = k
    })
  return { sorted, rank }
}
