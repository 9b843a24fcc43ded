/** Standard deviations in a median absolute deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826022185056018

/**
 * Spread of the finite values of a column: their population standard deviation, or their median absolute deviation scaled to it.
 *
 * @returns NaN when it is 0 or there are no values
 */
export function spreadOf(values: Float64Array, kind: 'std' | 'mad'): number {
  const finite = values.filter(Number.isFinite)
  if (finite.length === 0) return NaN
  let spread: number
  if (kind === 'std') {
    const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length
    spread = Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / finite.length)
  } else {
    const middle = medianOf(finite)
    spread = MAD_TO_SIGMA * medianOf(finite.map((value) => Math.abs(value - middle)))
  }
  return spread > 0 ? spread : NaN
}

function medianOf(values: Float64Array): number {
  const sorted = values.toSorted()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
