/**
 * What a tree adds up of each training row, (n × stride), as `growTree` of kernels takes it: [w, w y₀, w y₁, …] when all
 * labels of a row count the same, else a pair for each label, [w, 0, w₀, w₀ y₀, w₁, w₁ y₁, …].
 */
export interface LabelSums {
  readonly n: number
  readonly labels: number
  readonly shared: boolean
  readonly stride: number
  readonly sums: Float64Array
}

/**
 * @param y Scaled labels, (n × L); NaN where missing.
 * @param weights (n × L) of each label of each row; undefined when all count the same.
 */
export function labelSums(y: Float64Array, n: number, labels: number, weights?: Float64Array): LabelSums {
  const shared = weights === undefined && !y.some(Number.isNaN)
  const stride = shared ? labels + 1 + ((labels + 1) % 2) : 2 * labels + 2
  const sums = new Float64Array(n * stride)
  for (let row = 0; row < n; row++) {
    const at = row * stride
    sums[at] = 1
    for (let l = 0; l < labels; l++) {
      const value = y[row * labels + l]!
      if (shared) {
        sums[at + 1 + l] = value
      } else if (!Number.isNaN(value)) {
        const weight = weights?.[row * labels + l] ?? 1
        sums[at + 2 + 2 * l] = weight
        sums[at + 3 + 2 * l] = weight * value
      }
    }
  }
  return { n, labels, shared, stride, sums }
}

/** The sums of rows that were drawn `times` (n) each. */
export function drawnSums({ n, stride, sums }: LabelSums, times: Uint16Array): Float64Array {
  const out = new Float64Array(sums.length)
  for (let row = 0; row < n; row++) {
    if (times[row] === 0) continue
    for (let k = row * stride; k < (row + 1) * stride; k++) out[k] = times[row]! * sums[k]!
  }
  return out
}

/** Weighted mean of label l in a group with the sums from `at`; NaN when no row of it has the label. */
export function meanOfSums(totals: Float64Array, at: number, l: number, shared: boolean): number {
  const weight = shared ? totals[at]! : totals[at + 2 + 2 * l]!
  return weight > 0 ? totals[shared ? at + 1 + l : at + 3 + 2 * l]! / weight : Number.NaN
}
