import { normalQuantile } from './normal-quantile.js'

/** Observed against expected coverage of central intervals. */
export interface CoverageCurve {
  /** Share that normal errors of the stated size would cover. */
  readonly expected: Float64Array
  /** Share that is covered. */
  readonly observed: Float64Array
}

/**
 * How many of the pulls lie within the central interval of each level: on the diagonal when errors are right, below
 * it when they are too small.
 *
 * @param pull (n) residuals over errors; NaN is left out.
 * @param levels from 0 to 1; steps of 0.05 unless given.
 * @returns NaN observed when there are no pulls. Costs n log n.
 * @throws `metrics/level` for a level outside 0 to 1.
 */
export function coverageCurve(pull: Float64Array, levels?: ArrayLike<number>): CoverageCurve {
  const expected = Float64Array.from(levels ?? Array.from({ length: 21 }, (_, i) => i / 20))
  const size = pull
    .filter((z) => !Number.isNaN(z))
    .map(Math.abs)
    .sort()
  const observed = expected.map((level) => {
    const limit = normalQuantile((1 + level) / 2)
    let low = 0
    let high = size.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (size[middle] <= limit) low = middle + 1
      else high = middle
    }
    return low / size.length
  })
  return { expected, observed }
}
