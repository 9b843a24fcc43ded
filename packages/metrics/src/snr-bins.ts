import { edgeBins } from './residuals/bin-statistics.js'
import type { ValueBin } from './residuals/equal-count-bins.js'

/** Fixed rather than quantiles, so that runs and surveys can be compared bin by bin. */
const DEFAULT_EDGES: readonly number[] = [0, 20, 50, 100, 200, Infinity]

/**
 * Sort stars into half-open bins of signal to noise, from ≤ S/N < to.
 *
 * @param snr (n) a pixel; a star whose S/N is missing or outside the edges is in no bin.
 * @param edges ascending, two or more; 0, 20, 50, 100, 200, ∞ unless given.
 * @returns the bins that hold any star.
 * @throws `metrics/edges` when the edges do not ascend.
 */
export function snrBins(snr: ArrayLike<number>, edges: readonly number[] = DEFAULT_EDGES): ValueBin[] {
  return edgeBins(snr, edges)
}
