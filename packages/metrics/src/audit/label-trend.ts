import type { RandomStream } from '@astrolabel/spectra'
import { kFold } from '../star-splits.js'
import { solveSymmetric } from '../linear/solve-symmetric.js'

/** Stars a term of the polynomial needs before it may be quadratic. */
const STARS_PER_TERM = 5
/** Ridge on standardised terms: enough to keep two labels that say the same from being infinitely steep. */
const RIDGE = 1e-6
const FOLDS = 5

/**
 * What the other labels alone say of a label: its prediction for each star by a polynomial of them, fitted on other
 * stars (5 folds by star). Quadratic where there are stars enough, else linear.
 *
 * @param others (n × width), finite. @param label (n), finite. @param groups (n) star of each row, 5 stars or more.
 */
export function trendOfOthers(
  others: Float64Array,
  width: number,
  label: Float64Array,
  groups: readonly string[],
  random: RandomStream,
): Float64Array {
  const n = label.length
  const quadratic = n >= (STARS_PER_TERM * (width + 1) * (width + 2)) / 2
  const terms = polynomial(standardised(others, n, width), n, width, quadratic)
  const count = terms.length / n
  const out = new Float64Array(n)
  for (const { train, test } of kFold(groups, FOLDS, random)) {
    const weights = ridge(terms, count, label, train)
    for (const row of test) for (let t = 0; t < count; t++) out[row] += terms[row * count + t] * weights[t]
  }
  return out
}

/** Columns to mean 0 and deviation 1; a constant column becomes 0. */
export function standardised(values: Float64Array, n: number, width: number): Float64Array {
  const out = new Float64Array(n * width)
  for (let c = 0; c < width; c++) {
    let mean = 0
    for (let i = 0; i < n; i++) mean += values[i * width + c] / n
    let square = 0
    for (let i = 0; i < n; i++) square += (values[i * width + c] - mean) ** 2 / n
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0
    for (let i = 0; i < n; i++) out[i * width + c] = (values[i * width + c] - mean) * scale
  }
  return out
}

function polynomial(x: Float64Array, n: number, width: number, quadratic: boolean): Float64Array {
  const count = 1 + width + (quadratic ? (width * (width + 1)) / 2 : 0)
  const out = new Float64Array(n * count)
  for (let i = 0; i < n; i++) {
    let t = i * count
    out[t++] = 1
    for (let a = 0; a < width; a++) out[t++] = x[i * width + a]
    if (quadratic)
      for (let a = 0; a < width; a++) for (let b = a; b < width; b++) out[t++] = x[i * width + a] * x[i * width + b]
  }
  return out
}

function ridge(terms: Float64Array, count: number, label: Float64Array, rows: Int32Array): Float64Array {
  const a = new Float64Array(count * count)
  const b = new Float64Array(count)
  for (const row of rows)
    for (let s = 0; s < count; s++) {
      const value = terms[row * count + s]
      b[s] += value * label[row]
      for (let t = 0; t <= s; t++) a[s * count + t] += value * terms[row * count + t]
    }
  for (let s = 0; s < count; s++) a[s * count + s] += RIDGE * rows.length
  // The ridge makes the matrix positive definite for any rows.
  return solveSymmetric(a, b) ?? new Float64Array(count)
}
