/** Values are told apart by their leading bits at first: sign, exponent and four of the fraction, sixteenths of an octave. */
const SHIFT = 19
const BUCKETS = 1 << (32 - SHIFT)

/** Under so many values counting them costs more than it saves. */
const FEW = 512

/**
 * Median of the first `n` values, which are overwritten: the middle one, or the mean of the middle two.
 *
 * O(n): the values are counted by their leading bits, and only those of the bucket that holds the middle are looked at further (Hoare's
 * selection). Selection alone, whose comparisons no processor can foresee, takes longer than reading a spectrum from its file.
 *
 * @returns NaN for no values; the values must not be NaN.
 */
export function medianInPlace(values: Float32Array, n: number): number {
  if (n === 0) return Number.NaN
  const middle = n >> 1
  if (n < FEW) return middleOf(values, n, middle, n % 2 === 0, Number.NEGATIVE_INFINITY)
  const bits = new Int32Array(values.buffer, values.byteOffset, n)
  const counts = new Int32Array(BUCKETS)
  for (let i = 0; i < n; i++) counts[bucketOf(bits[i]!)]!++
  let bucket = 0
  let before = 0
  while (before + counts[bucket]! <= middle) before += counts[bucket++]!
  // Where the middle is the least of its bucket, its lower neighbour is the largest of those before.
  let below = Number.NEGATIVE_INFINITY
  if (before === middle)
    for (let i = 0; i < n; i++) if (bucketOf(bits[i]!) < bucket && values[i]! > below) below = values[i]!
  let kept = 0
  for (let i = 0; i < n; i++) if (bucketOf(bits[i]!) === bucket) values[kept++] = values[i]!
  return middleOf(values, kept, middle - before, n % 2 === 0, below)
}

/** Place of a number among the buckets by its bits: negative numbers grow downwards. */
function bucketOf(bits: number): number {
  return (bits < 0 ? ~bits : bits | 0x80000000) >>> SHIFT
}

/** The k-th smallest of the first `n`, or its mean with the one before it, which is at least `below`. */
function middleOf(values: Float32Array, n: number, k: number, mean: boolean, below: number): number {
  const upper = select(values, n, k)
  if (!mean) return upper
  let lower = below
  for (let i = 0; i < k; i++) if (values[i]! > lower) lower = values[i]!
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
