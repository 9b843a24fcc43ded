const SQRT_PI = Math.sqrt(Math.PI)

/** Above this the series loses digits that the continued fraction keeps. */
const SERIES_LIMIT = 2.5

/** Distribution function of the standard normal, Φ(z), to 1e-13 relative in the lower tail. */
export function normalCdf(z: number): number {
  return 0.5 * complementaryError(-z / Math.SQRT2)
}

/** Density of the standard normal, φ(z). */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
}

/** Probability that a standard normal is further from 0 than z: the two-sided p-value of a test statistic. */
export function twoSidedP(z: number): number {
  return complementaryError(Math.abs(z) / Math.SQRT2)
}

/** erfc by the series with positive terms (Abramowitz & Stegun 7.1.6), in the tail by its continued fraction (7.1.14). */
function complementaryError(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x < 0) return 2 - complementaryError(-x)
  if (x > SERIES_LIMIT) {
    let fraction = x
    for (let k = 60; k > 0; k--) fraction = x + k / 2 / fraction
    return Math.exp(-x * x) / (SQRT_PI * fraction)
  }
  let term = x
  let sum = x
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (2 * x * x) / (2 * k + 1)
    sum += term
  }
  return 1 - (2 / SQRT_PI) * Math.exp(-x * x) * sum
}
