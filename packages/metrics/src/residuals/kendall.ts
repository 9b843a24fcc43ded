import { twoSidedP } from '../normal-distribution.js'

/** Whether y tends to rise or fall with x. */
export interface KendallTest {
  /** Concordant minus discordant pairs. */
  readonly s: number
  /** Kendall's τ_b, from -1 to 1; NaN when either is constant. */
  readonly tau: number
  /** Two-sided p-value by the normal approximation with ties; 1 when either is constant. */
  readonly p: number
}

/**
 * Kendall's rank correlation test (Kendall 1970), whose alternative is exactly that the Theil–Sen slope is not 0.
 *
 * @param x (n) @param y (n), no NaN. Cost: n log n (Knight 1966).
 */
export function kendallTest(x: Float64Array, y: Float64Array): KendallTest {
  const n = x.length
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b] || y[a] - y[b])
  const xs = Float64Array.from(order, (i) => x[i])
  const ys = Float64Array.from(order, (i) => y[i])
  const both = tieSizes(n, (i) => xs[i] === xs[i - 1] && ys[i] === ys[i - 1])
  const tiesX = tieSizes(n, (i) => xs[i] === xs[i - 1])
  const discordant = inversions(ys)
  // `inversions` leaves ys sorted.
  const tiesY = tieSizes(n, (i) => ys[i] === ys[i - 1])
  const pairs = (n * (n - 1)) / 2
  const tied = (sizes: readonly number[]): number => sizes.reduce((sum, t) => sum + (t * (t - 1)) / 2, 0)
  const s = pairs - tied(tiesX) - tied(tiesY) + tied(both) - 2 * discordant
  const tau = s / Math.sqrt((pairs - tied(tiesX)) * (pairs - tied(tiesY)))
  if (n < 3 || tied(tiesX) === pairs || tied(tiesY) === pairs) return { s, tau: n < 3 ? Number.NaN : tau, p: 1 }
  const cubic = (sizes: readonly number[]): number => sizes.reduce((sum, t) => sum + t * (t - 1) * (t - 2), 0)
  const m = n * (n - 1)
  const variance =
    rankVariance(n, tiesX, tiesY) +
    (2 * tied(tiesX) * tied(tiesY)) / m +
    (cubic(tiesX) * cubic(tiesY)) / (9 * m * (n - 2))
  return { s, tau, p: twoSidedP(s / Math.sqrt(variance)) }
}

/** Variance of the number of concordant minus discordant pairs without the terms of ties in both (Sen 1968, eq. 2.6). */
export function rankVariance(n: number, tiesX: readonly number[], tiesY: readonly number[]): number {
  const term = (t: number): number => t * (t - 1) * (2 * t + 5)
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, t) => total + term(t), 0)
  return (term(n) - sum(tiesX) - sum(tiesY)) / 18
}

/** Sizes of the runs of equal values, those of one value left out. */
export function tieSizes(n: number, equalsBefore: (i: number) => boolean): number[] {
  const sizes: number[] = []
  let run = 1
  for (let i = 1; i <= n; i++) {
    if (i < n && equalsBefore(i)) run++
    else {
      if (run > 1) sizes.push(run)
      run = 1
    }
  }
  return sizes
}

/** Pairs i < j with values[i] > values[j], by merge sort, which sorts the values. */
function inversions(values: Float64Array): number {
  const scratch = new Float64Array(values.length)
  let count = 0
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length)
      const end = Math.min(start + 2 * width, values.length)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        if (left < middle && (right >= end || values[left] <= values[right])) scratch[at] = values[left++]
        else {
          if (left < middle) count += middle - left
          scratch[at] = values[right++]
        }
      }
    }
    values.set(scratch)
  }
  return count
}
