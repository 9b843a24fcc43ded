import type { BootstrapOptions, Interval } from './bootstrap.js'
import { checkBootstrap, percentileInterval } from './bootstrap.js'
import { groupRows } from './group-rows.js'
import { countedScaledMad } from './weighted-medians.js'

/** The statistics that get bootstrap intervals. */
export interface StatisticIntervals {
  readonly bias: Interval
  readonly rmse: Interval
  readonly mae: Interval
  readonly std: Interval
  readonly mad: Interval
  readonly coverage68?: Interval
  readonly zWidth?: Interval
}

/**
 * Bootstrap intervals of the statistics of residuals. A resample is how often each star was drawn, so that values are
 * sorted once and medians are walks along them.
 *
 * @param residual (n), no NaN. @param pull (n) residual over error, NaN where there is no error.
 * @param groups (n) star of each row; each row is a star of its own unless given.
 * @throws `metrics/bootstrap`. Cost: n log n, then `samples` × n.
 */
export function bootstrapStatistics(
  residual: Float64Array,
  pull: Float64Array | undefined,
  groups: readonly string[] | undefined,
  options: BootstrapOptions,
): StatisticIntervals {
  checkBootstrap(options)
  const { samples, level, random } = options
  const starOf = Int32Array.from(residual, (_, row) => row)
  let stars = residual.length
  if (groups !== undefined) {
    const rowsOf = groupRows(groups)
    stars = rowsOf.length
    rowsOf.forEach((rows, star) => rows.forEach((row) => (starOf[row] = star)))
  }
  const residuals = new CountedValues(residual, starOf)
  const pulls = pull?.some((z) => !Number.isNaN(z)) === true ? new CountedValues(pull, starOf) : undefined
  const column = (): Float64Array => new Float64Array(samples).fill(Number.NaN)
  const [bias, rmse, mae, std, mad, coverage68, zWidth] = Array.from({ length: 7 }, column)
  const drawn = new Int32Array(stars)
  for (let s = 0; s < samples && stars > 0; s++) {
    drawn.fill(0)
    for (let k = 0; k < stars; k++) drawn[random.integer(stars)]++
    residuals.count(drawn)
    const { total, center, sum, squares, absolute } = residuals
    // About the mean of all rows, as a bias far larger than the scatter would swallow the digits of the scatter.
    const shift = sum / total
    const variance = Math.max(0, squares / total - shift * shift)
    bias[s] = center + shift
    rmse[s] = Math.sqrt(variance + bias[s] * bias[s])
    mae[s] = absolute / total
    std[s] = Math.sqrt(variance)
    mad[s] = residuals.scaledMad()
    if (pulls === undefined) continue
    pulls.count(drawn)
    coverage68[s] = pulls.withinOne / pulls.total
    zWidth[s] = pulls.scaledMad()
  }
  const interval = (values: Float64Array): Interval => percentileInterval(values, level)
  return {
    bias: interval(bias),
    rmse: interval(rmse),
    mae: interval(mae),
    std: interval(std),
    mad: interval(mad),
    ...(pulls === undefined ? {} : { coverage68: interval(coverage68), zWidth: interval(zWidth) }),
  }
}

/** Values in ascending order, and how often each counts in the present resample. */
class CountedValues {
  readonly center: number
  total = 0
  /** Sums of the values minus `center`, of their squares, and of the absolute values. */
  sum = 0
  squares = 0
  absolute = 0
  /** How many lie within ±1. */
  withinOne = 0
  readonly #sorted: Float64Array
  readonly #starOf: Int32Array
  readonly #counts: Int32Array

  constructor(values: Float64Array, starOf: Int32Array) {
    const order = Array.from(values, (_, row) => row)
      .filter((row) => !Number.isNaN(values[row]))
      .sort((a, b) => values[a] - values[b])
    this.#sorted = Float64Array.from(order, (row) => values[row])
    this.#starOf = Int32Array.from(order, (row) => starOf[row])
    this.#counts = new Int32Array(order.length)
    this.center = order.length === 0 ? 0 : this.#sorted.reduce((sum, value) => sum + value, 0) / order.length
  }

  count(drawn: Int32Array): void {
    const sorted = this.#sorted
    const starOf = this.#starOf
    const counts = this.#counts
    const center = this.center
    let total = 0
    let sum = 0
    let squares = 0
    let absolute = 0
    let withinOne = 0
    for (let i = 0; i < sorted.length; i++) {
      const n = drawn[starOf[i]]
      const value = sorted[i]
      const d = value - center
      const size = Math.abs(value)
      counts[i] = n
      total += n
      sum += n * d
      squares += n * d * d
      absolute += n * size
      if (size <= 1) withinOne += n
    }
    this.total = total
    this.sum = sum
    this.squares = squares
    this.absolute = absolute
    this.withinOne = withinOne
  }

  scaledMad(): number {
    return countedScaledMad(this.#sorted, this.#counts, this.total)
  }
}
