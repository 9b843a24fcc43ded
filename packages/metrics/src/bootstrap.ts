import type { RandomStream } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { quantileSorted } from './order-statistics.js'

/** How a bootstrap is made. */
export interface BootstrapOptions {
  /** Number of resamples; 1000 is enough for 95 % intervals. */
  readonly samples: number
  /** Share of the resampled statistics inside the interval, such as 0.68 or 0.95. */
  readonly level: number
  readonly random: RandomStream
}

/** Lower and upper end. */
export type Interval = [low: number, high: number]

/**
 * Percentile bootstrap interval of a statistic (Efron & Tibshirani 1993, §13.3).
 *
 * @param values (n) one independent value a star; NaN is not dropped.
 * @param statistic of a resample, (n), whose buffer is reused: it may reorder it but must not keep it.
 * @returns the `(1 ± level) / 2` quantiles of the resampled statistics; NaN for no values.
 * @throws `metrics/bootstrap` when `samples` or `level` make no interval.
 *
 * Costs `samples` × (n + one statistic).
 */
export function bootstrapInterval(
  values: Float64Array,
  statistic: (resample: Float64Array) => number,
  options: BootstrapOptions,
): Interval {
  checkBootstrap(options)
  const resample = new Float64Array(values.length)
  const results = new Float64Array(options.samples)
  for (let s = 0; s < options.samples; s++) {
    for (let i = 0; i < resample.length; i++) resample[i] = values[options.random.integer(values.length)]
    results[s] = values.length === 0 ? Number.NaN : statistic(resample)
  }
  return percentileInterval(results, options.level)
}

/** @throws `metrics/bootstrap` when `samples` or `level` make no interval. */
export function checkBootstrap({ samples, level }: BootstrapOptions): void {
  if (!Number.isInteger(samples) || samples < 1 || !(level > 0 && level < 1)) {
    throw new AstrolabelError('metrics/bootstrap', 'These options make no bootstrap interval', {
      got: `samples ${samples}, level ${level}`,
      expected: 'a positive number of samples and a level between 0 and 1, such as 1000 and 0.68',
    })
  }
}

/** The central `level` of resampled statistics; resamples in which the statistic is not defined (NaN) are left out. */
export function percentileInterval(results: Float64Array, level: number): Interval {
  const sorted = results.filter((value) => !Number.isNaN(value)).sort()
  return [quantileSorted(sorted, (1 - level) / 2), quantileSorted(sorted, (1 + level) / 2)]
}
