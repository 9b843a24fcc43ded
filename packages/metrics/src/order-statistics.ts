/** Makes 1.4826 × MAD the standard deviation of a normal distribution: 1 / Φ⁻¹(3/4). */
export const MAD_TO_SIGMA = 1.482602218505602

/**
 * The value of rank `k`, from 0, of the first `n` values of `scratch`, which is reordered: none before `k` is larger then,
 * none behind it smaller. Values must not be NaN.
 *
 * Hoare's quickselect: linear on average, because medians are taken thousands of times.
 */
export function selectInPlace(scratch: Float64Array, k: number, n: number = scratch.length): number {
  let low = 0
  let high = n - 1
  while (low < high) {
    const pivot = scratch[(low + high) >> 1]
    let i = low
    let j = high
    while (i <= j) {
      while (scratch[i] < pivot) i++
      while (scratch[j] > pivot) j--
      if (i <= j) {
        const swap = scratch[i]
        scratch[i++] = scratch[j]
        scratch[j--] = swap
      }
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else break
  }
  return scratch[k]
}

/** Median of the first `n` values of `scratch`, which is reordered; NaN when `n` is 0. Values must not be NaN. */
export function medianInPlace(scratch: Float64Array, n: number = scratch.length): number {
  if (n === 0) return Number.NaN
  const k = n >> 1
  const upper = selectInPlace(scratch, k, n)
  if (n % 2 === 1) return upper
  // Everything before k is at most scratch[k] now, so the lower of the two middle values is their largest.
  let lower = scratch[0]
  for (let i = 1; i < k; i++) if (scratch[i] > lower) lower = scratch[i]
  return (lower + upper) / 2
}

/** 1.4826 × median |x − median x| of the first `n` values of `scratch`, which is overwritten; NaN when `n` is 0. */
export function scaledMadInPlace(scratch: Float64Array, n: number = scratch.length): number {
  const center = medianInPlace(scratch, n)
  for (let i = 0; i < n; i++) scratch[i] = Math.abs(scratch[i] - center)
  return MAD_TO_SIGMA * medianInPlace(scratch, n)
}

/**
 * Quantile of ascending values by linear interpolation between order statistics (Hyndman & Fan 1996, type 7: the
 * default of numpy and R).
 *
 * @param sorted (n) ascending, no NaN.
 * @param p from 0 to 1.
 * @returns NaN when there are no values.
 */
export function quantileSorted(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return Number.NaN
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}
