/**
 * Median of the first `n` values, which are put in another order: the middle one, or the mean of the middle two.
 *
 * Hoare's selection, O(n): sorting each spectrum for its signal to noise would take longer than reading it.
 *
 * @returns NaN for no values; the values must not be NaN.
 */
export function medianInPlace(values: Float32Array, n: number): number {
  if (n === 0) return Number.NaN
  const middle = n >> 1
  const upper = select(values, n, middle)
  if (n % 2 === 1) return upper
  let lower = Number.NEGATIVE_INFINITY
  for (let i = 0; i < middle; i++) if (values[i]! > lower) lower = values[i]!
  return (lower + upper) / 2
}

/** The k-th smallest of the first `n`; those before it are no larger afterwards. */
function select(values: Float32Array, n: number, k: number): number {
  let left = 0
  let right = n - 1
  while (left < right) {
    const pivot = values[(left + right) >> 1]!
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swap = values[i]!
      values[i++] = values[j]!
      values[j--] = swap
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else break
  }
  return values[k]!
}
