import { AstrolabelError } from '@astrolabel/spectra'

/** Stars of one range of signal to noise. */
export interface SnrBin {
  /** Lowest S/N in it. */
  readonly from: number
  /** S/N at which the next begins; Infinity for the last of the defaults. */
  readonly to: number
  readonly rows: Int32Array
}

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
export function snrBins(snr: ArrayLike<number>, edges: readonly number[] = DEFAULT_EDGES): SnrBin[] {
  if (edges.length < 2 || edges.some((edge, i) => Number.isNaN(edge) || (i > 0 && !(edge > edges[i - 1])))) {
    throw new AstrolabelError('metrics/edges', 'Edges of S/N bins must ascend', {
      got: edges.join(', '),
      expected: 'two or more ascending numbers',
    })
  }
  const bins: SnrBin[] = []
  for (let b = 0; b + 1 < edges.length; b++) {
    const rows: number[] = []
    for (let i = 0; i < snr.length; i++) if (snr[i] >= edges[b] && snr[i] < edges[b + 1]) rows.push(i)
    if (rows.length > 0) bins.push({ from: edges[b], to: edges[b + 1], rows: Int32Array.from(rows) })
  }
  return bins
}
