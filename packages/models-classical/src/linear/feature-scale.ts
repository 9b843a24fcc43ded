/** Weighted mean and deviation of features. */
export interface FeatureScale {
  readonly mean: Float64Array
  /** 0 for a feature that is the same in all rows: it is left out. 1 for all when features keep their scale. */
  readonly deviation: Float64Array
}

/** @param rows Which rows of x (n × width) count, with `weights` (rows) that are 1 on average. */
export function featureScale(
  x: Float32Array,
  width: number,
  rows: Int32Array,
  weights: Float64Array,
  standardise: boolean,
): FeatureScale {
  const mean = new Float64Array(width)
  rows.forEach((row, i) => {
    for (let d = 0; d < width; d++) mean[d]! += (weights[i]! * x[row * width + d]!) / rows.length
  })
  const variance = new Float64Array(width)
  rows.forEach((row, i) => {
    for (let d = 0; d < width; d++) variance[d]! += (weights[i]! * (x[row * width + d]! - mean[d]!) ** 2) / rows.length
  })
  // Rounding leaves something of the variance of a feature that does not vary.
  const deviation = variance.map((value, d) => (value > 1e-24 * mean[d]! ** 2 ? Math.sqrt(value) : 0))
  return { mean, deviation: standardise ? deviation : deviation.map((value) => (value > 0 ? 1 : 0)) }
}

/** Scaled features of the rows, (rows × width), each row times `factor` (rows) if given. */
export function scaleFeatures(
  { mean, deviation }: FeatureScale,
  x: Float32Array,
  rows: ArrayLike<number>,
  factor?: Float64Array,
): Float64Array {
  const width = mean.length
  const out = new Float64Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    const by = factor?.[i] ?? 1
    for (let d = 0; d < width; d++)
      if (deviation[d]! > 0) out[i * width + d] = (by * (x[rows[i]! * width + d]! - mean[d]!)) / deviation[d]!
  }
  return out
}
