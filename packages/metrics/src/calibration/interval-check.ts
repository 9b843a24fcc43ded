import type { Labels } from '@astrolabel/spectra'
import { columnNumbers } from '@astrolabel/spectra'
import { orNull } from '../json-number.js'
import type { LabelMatch } from '../match-labels.js'
import { labelPairs } from '../match-labels.js'

/** How well intervals of one level keep what they promise. All of it is plain JSON. */
export interface IntervalCheck {
  readonly level: number
  /** Rows with an interval and a truth. */
  readonly n: number
  readonly coverage: number | null
  /** √(level (1 − level) / n): how far coverage may be off by chance. */
  readonly coverage_error: number | null
  /** Mean width, in the label's unit. */
  readonly mean_width: number | null
}

/** Coverage of the intervals that labels carry as columns such as `teff_lo68` and `teff_hi68`; none when there are none. */
export function checkIntervals(predicted: Labels, truth: Labels, match: LabelMatch, name: string): IntervalCheck[] {
  const checks: IntervalCheck[] = []
  for (const column of predicted.extra?.columns.values() ?? []) {
    const percent = column.name.startsWith(`${name}_lo`) ? column.name.slice(name.length + 3) : ''
    const upper = predicted.extra?.columns.get(`${name}_hi${percent}`)
    const level = Number(percent.replace('_', '.')) / 100
    if (percent === '' || upper === undefined || !(level > 0 && level < 1)) continue
    const low = columnNumbers(column)
    const high = columnNumbers(upper)
    const pairs = labelPairs(predicted, truth, match, name)
    let n = 0
    let inside = 0
    let width = 0
    match.predictedRows.forEach((row, i) => {
      if (!Number.isFinite(low[row] + high[row] + pairs.truth[i])) return
      n++
      width += high[row] - low[row]
      if (pairs.truth[i] >= low[row] && pairs.truth[i] <= high[row]) inside++
    })
    checks.push({
      level,
      n,
      coverage: orNull(inside / n),
      coverage_error: orNull(Math.sqrt((level * (1 - level)) / n)),
      mean_width: orNull(width / n),
    })
  }
  return checks.sort((a, b) => a.level - b.level)
}
