import { AstrolabelError } from '@astrolabel/spectra'

/** Rows whose value lies in one range. */
export interface ValueBin {
  /** Lowest value in it. */
  readonly from: number
  /** Highest value in it. */
  readonly to: number
  readonly rows: Int32Array
}

/**
 * Sort rows into bins of equally many, as far as ties allow: equal values never fall into different bins.
 *
 * @param values (n); a value that is not finite is in no bin. @param count number of bins at most, 1 or more.
 * @returns fewer bins when there are fewer values. @throws `metrics/bins`. Cost: n log n.
 */
export function equalCountBins(values: ArrayLike<number>, count: number): ValueBin[] {
  if (!Number.isInteger(count) || count < 1)
    throw new AstrolabelError('metrics/bins', 'Stars are sorted into one bin or more', { got: count })
  const order: number[] = []
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) order.push(i)
  order.sort((a, b) => values[a] - values[b])
  const bins: ValueBin[] = []
  let start = 0
  for (let b = 1; b <= count && start < order.length; b++) {
    let end = Math.max(start + 1, Math.round((b * order.length) / count))
    while (end < order.length && values[order[end]] === values[order[end - 1]]) end++
    const rows = Int32Array.from(order.slice(start, end))
    bins.push({ from: values[rows[0]], to: values[rows[rows.length - 1]], rows })
    start = end
  }
  return bins
}
