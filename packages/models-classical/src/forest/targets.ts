/**
 * What a tree adds up of each training row, (n × stride). With `shared` weights a row is [w, w y₀, w y₁, …]; where
 * labels are missing or have errors each label has a weight of its own: [w, w₀, w₀ y₀, w₁, w₁ y₁, …].
 */
export interface Targets {
  readonly n: number
  readonly labels: number
  readonly shared: boolean
  readonly stride: number
  readonly sums: Float64Array
}

/**
 * @param y Scaled labels, (n × L); NaN where missing.
 * @param weights (n × L) of each label of each row, 0 where it is missing; undefined when all count the same.
 */
export function makeTargets(y: Float64Array, n: number, labels: number, weights?: Float64Array): Targets {
  const shared = weights === undefined && !y.some(Number.isNaN)
  const stride = shared ? 1 + labels : 1 + 2 * labels
  const sums = new Float64Array(n * stride)
  for (let row = 0; row < n; row++) {
    let at = row * stride
    sums[at++] = 1
    for (let l = 0; l < labels; l++) {
      const value = y[row * labels + l]!
      const weight = Number.isNaN(value) ? 0 : (weights?.[row * labels + l] ?? 1)
      if (!shared) sums[at++] = weight
      sums[at++] = weight === 0 ? 0 : weight * value
    }
  }
  return { n, labels, shared, stride, sums }
}

/** Explained sum of squares of a group of rows with the sums from `at`: Σ (Σ w y)² ⁄ Σ w over the labels. */
export function explained(sums: Float64Array, at: number, { labels, shared }: Targets): number {
  let total = 0
  if (shared) {
    for (let l = 1; l <= labels; l++) total += sums[at + l]! ** 2
    return total / sums[at]!
  }
  for (let l = 0; l < labels; l++) {
    const weight = sums[at + 1 + 2 * l]!
    if (weight > 0) total += sums[at + 2 + 2 * l]! ** 2 / weight
  }
  return total
}
