/** Correlations that fall with distance alone (Rasmussen & Williams 2006, section 4.2). */
export type StationaryKernel = 'rbf' | 'matern32' | 'matern52' | 'rational-quadratic'

/**
 * Correlation of pairs of rows, by their squared distance in units of the length scale.
 *
 * @param squared (pairs) r².
 * @param alpha Mixture parameter of the rational quadratic; unused by the others.
 * @param value (pairs) becomes k(r).
 * @param slope (pairs) becomes −2 dk/dr²: times the part of r² along a feature it is the derivative of k by the logarithm
 * of that feature's length scale. Not computed without.
 * @param byAlpha (pairs) becomes the derivative of k by log alpha. Not computed without.
 */
export function correlate(
  kind: StationaryKernel,
  squared: Float64Array,
  alpha: number,
  value: Float64Array,
  slope?: Float64Array,
  byAlpha?: Float64Array,
): void {
  const n = squared.length
  if (kind === 'rbf') {
    for (let i = 0; i < n; i++) value[i] = Math.exp(-0.5 * squared[i]!)
    slope?.set(value)
  } else if (kind === 'matern32') {
    for (let i = 0; i < n; i++) {
      const a = Math.sqrt(3 * squared[i]!)
      const fall = Math.exp(-a)
      value[i] = (1 + a) * fall
      if (slope !== undefined) slope[i] = 3 * fall
    }
  } else if (kind === 'matern52') {
    for (let i = 0; i < n; i++) {
      const a = Math.sqrt(5 * squared[i]!)
      const fall = Math.exp(-a)
      value[i] = (1 + a + (a * a) / 3) * fall
      if (slope !== undefined) slope[i] = (5 / 3) * (1 + a) * fall
    }
  } else {
    for (let i = 0; i < n; i++) {
      const base = 1 + squared[i]! / (2 * alpha)
      const log = Math.log(base)
      const k = Math.exp(-alpha * log)
      value[i] = k
      if (slope !== undefined) slope[i] = k / base
      if (byAlpha !== undefined) byAlpha[i] = k * (squared[i]! / (2 * base) - alpha * log)
    }
  }
}
