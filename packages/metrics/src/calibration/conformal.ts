import type { Labels, RandomStream } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, findColumn } from '@astrolabel/spectra'
import { groupRows } from '../group-rows.js'
import { labelPairs, matchLabels } from '../match-labels.js'

/** Groups of stars that get intervals of their own. */
export interface ConformalGroups {
  /** A label (as predicted), or a column of the labels' `extra`, such as `snr`. */
  readonly by: string
  /** Ascending inner edges: k of them make k + 1 groups, the outer ones open. */
  readonly edges: readonly number[]
}

/** Half-widths at one level; null where there are too few stars for it. */
export interface ConformalQuantile {
  readonly level: number
  /** Below and above the prediction, in errors (`normalised`) or in the label's unit (`absolute`). */
  readonly below: number | null
  readonly above: number | null
}

/** Intervals of one group of stars. */
export interface ConformalGroup {
  /** Stars they come from. */
  readonly stars: number
  readonly quantiles: readonly ConformalQuantile[]
  /** True when the group has too few stars for some level, which is then that of all stars. */
  readonly pooled: boolean
}

/** How wide intervals have to be to hold what they promise: plain JSON, to be kept beside the model. */
export interface ConformalCalibration {
  readonly format: 'astrolabel-conformal'
  readonly version: 1
  readonly score: 'normalised' | 'absolute'
  readonly sides: 'symmetric' | 'asymmetric'
  readonly groups: ConformalGroups | null
  readonly labels: Readonly<Record<string, { readonly unit: string; readonly groups: readonly ConformalGroup[] }>>
}

/** Options of {@link calibrateConformal}. */
export interface ConformalOptions {
  /** Shares of new stars to cover; 0.68 and 0.95 unless given. */
  readonly levels?: readonly number[] | undefined
  /** Residuals over their errors (unless given), whose intervals follow the errors, or the residuals themselves. */
  readonly score?: 'normalised' | 'absolute' | undefined
  /** Same width at both sides (unless given), or as much missed below as above. */
  readonly sides?: 'symmetric' | 'asymmetric' | undefined
  readonly groups?: ConformalGroups | undefined
  /** Draws the row of a star that has several. */
  readonly random: RandomStream
}

/**
 * Split-conformal calibration (Vovk et al. 2005; Lei et al. 2018) of any model: intervals that cover new stars at least
 * as often as they say, for any distribution and however wrong the errors are, as long as new stars are like those of
 * the calibration. With groups that holds within each (Mondrian).
 *
 * @param predicted Labels of stars that the model was not trained on. @param truth Their truth; what is covered is the
 * truth as catalogues of its kind give it, its own errors included.
 * @throws `metrics/level`, `metrics/edges`, `metrics/no-column`, `metrics/no-errors`, and as `matchLabels`.
 *
 * A star with several rows counts once. Cost: n log n.
 */
export function calibrateConformal(predicted: Labels, truth: Labels, options: ConformalOptions): ConformalCalibration {
  const { levels = [0.68, 0.95], score = 'normalised', sides = 'symmetric', groups, random } = options
  for (const level of levels)
    if (!(level > 0 && level < 1))
      throw new AstrolabelError('metrics/level', 'Intervals cover a share between 0 and 1', { got: level })
  if (groups !== undefined) checkEdges(groups.edges)
  const match = matchLabels(predicted, truth)
  const ids = Array.from(match.predictedRows, (row) => predicted.starId[row])
  const oneEach = groupRows(ids).map((rows) => rows[random.integer(rows.length)])
  const groupOf = groups === undefined ? undefined : groupIndex(predicted, groups)
  const labels = match.labels.map(({ name, unit }) => {
    const pairs = labelPairs(predicted, truth, match, name)
    const scores = oneEach.flatMap((i) => {
      const scale = score === 'absolute' ? 1 : pairs.predictedError[i]
      const s = (pairs.truth[i] - pairs.predicted[i]) / scale
      return scale > 0 && Number.isFinite(s) ? [{ s, group: groupOf?.[match.predictedRows[i]] ?? 0 }] : []
    })
    if (scores.length === 0)
      throw new AstrolabelError('metrics/no-errors', `No star has a ${name} with a truth and an error`, {
        remedy:
          score === 'absolute'
            ? 'Give labels and truth of the same stars'
            : 'Calibrate with absolute scores (--absolute), which need no errors',
      })
    const all = levels.map((level) =>
      quantile(
        scores.map(({ s }) => s),
        level,
        sides,
      ),
    )
    const parts = Array.from({ length: (groups?.edges.length ?? 0) + 1 }, (_, g): ConformalGroup => {
      const own = scores.flatMap(({ s, group }) => (group === g ? [s] : []))
      const quantiles = levels.map((level, k) => {
        const mine = quantile(own, level, sides)
        return mine.below === null || mine.above === null ? { ...all[k], own: false } : { ...mine, own: true }
      })
      return {
        stars: own.length,
        quantiles: quantiles.map(({ level, below, above }) => ({ level, below, above })),
        pooled: groups !== undefined && quantiles.some((one) => !one.own),
      }
    })
    return [name, { unit, groups: parts }] as const
  })
  return {
    format: 'astrolabel-conformal',
    version: 1,
    score,
    sides,
    groups: groups ?? null,
    labels: Object.fromEntries(labels),
  }
}

/** Group of every row, -1 where the quantity is missing. @throws `metrics/no-column`. */
export function groupIndex(labels: Labels, { by, edges }: ConformalGroups): Int32Array {
  const column = labels.labels.findIndex(({ name }) => name === by)
  const extra = labels.extra && findColumn(labels.extra, by)
  if (column < 0 && extra === undefined)
    throw new AstrolabelError('metrics/no-column', `The labels have no column ${by} to group stars by`, {
      expected: [...labels.labels.map(({ name }) => name), ...(labels.extra?.columns.keys() ?? [])],
    })
  const values =
    column < 0 && extra !== undefined
      ? columnNumbers(extra)
      : Float64Array.from({ length: labels.n }, (_, i) => labels.values[i * labels.labels.length + column])
  return Int32Array.from(values, (value) =>
    Number.isNaN(value) ? -1 : edges.reduce((group, edge) => (value >= edge ? group + 1 : group), 0),
  )
}

/**
 * The ⌈(n + 1)(1 − α)⌉-th smallest of n scores, so that a new one, exchangeable with them, is below it with probability
 * of at least 1 − α: the ordinary quantile would cover too little.
 */
function quantile(scores: readonly number[], level: number, sides: ConformalCalibration['sides']): ConformalQuantile {
  const nth = (values: readonly number[], share: number): number | null => {
    // What doubles make of a product such as 100 × 0.95 must not cost a star.
    const rank = Math.ceil((values.length + 1) * share - 1e-9)
    return rank > values.length ? null : Float64Array.from(values).sort()[rank - 1]
  }
  if (sides === 'symmetric') {
    const width = nth(scores.map(Math.abs), level)
    return { level, below: width, above: width }
  }
  const share = (1 + level) / 2
  return {
    level,
    below: nth(
      scores.map((s) => -s),
      share,
    ),
    above: nth(scores, share),
  }
}

function checkEdges(edges: readonly number[]): void {
  if (edges.length === 0 || edges.some((edge, i) => !Number.isFinite(edge) || (i > 0 && !(edge > edges[i - 1]))))
    throw new AstrolabelError('metrics/edges', 'Edges of groups must ascend', {
      got: edges.join(', ') || 'none',
      expected: 'one or more ascending numbers',
    })
}
