import type { Labels } from '@astrolabel/spectra'
import { FlagSet, columnNumbers, findColumn } from '@astrolabel/spectra'
import type { BootstrapOptions } from './bootstrap.js'
import { orNull } from './json-number.js'
import type { LabelStatistics } from './label-statistics.js'
import { labelStatistics } from './label-statistics.js'
import type { LabelMatch } from './match-labels.js'
import { labelPairs, matchLabels } from './match-labels.js'
import { snrBins } from './snr-bins.js'

/** Statistics of one label as JSON: the fields of {@link LabelStatistics}, null where one is not defined. */
export interface LabelEvaluation {
  readonly unit: string
  readonly n: number
  readonly bias: number | null
  readonly rmse: number | null
  readonly rmse_scaled: number | null
  readonly mae: number | null
  readonly std: number | null
  readonly mad: number | null
  readonly mean_abs_about_bias: number | null
  readonly median_residual: number | null
  /** Pairs with an error: those that coverage and z_width are of. */
  readonly n_with_error: number
  readonly coverage68: number | null
  readonly coverage95: number | null
  readonly z_width: number | null
  /** Bootstrap intervals by statistic, when asked for. */
  readonly ci?: Readonly<Record<string, readonly [number | null, number | null]>>
}

/** Predicted labels against the truth, as the command line prints it. */
export interface Evaluation {
  /** Predicted rows that have a truth. */
  readonly n: number
  /** Predicted rows without a truth. */
  readonly unmatched: number
  /** True rows that no predicted row asks for. */
  readonly unmatched_truth: number
  /** Matched rows whose predicted or true value is missing, by label. */
  readonly missing: Readonly<Record<string, number>>
  readonly labels: Readonly<Record<string, LabelEvaluation>>
  /** By signal to noise, from ≤ S/N < to (null: no limit), when it is known. */
  readonly by_snr: readonly {
    readonly from: number | null
    readonly to: number | null
    readonly n: number
    readonly labels: Readonly<Record<string, LabelEvaluation>>
  }[]
  /** Matched rows with each flag of the predicted labels. */
  readonly flags: Readonly<Record<string, number>>
}

/** Options of {@link evaluateLabels}. */
export interface EvaluateOptions {
  /** Adds `ci`; intervals draw stars, so several visits of a star count as one. Not used in the S/N bins. */
  readonly bootstrap?: BootstrapOptions | undefined
  /** Ascending edges of the S/N bins; 0, 20, 50, 100, 200, ∞ unless given. */
  readonly snrEdges?: readonly number[] | undefined
  /** Whether the errors of the truth widen the errors that coverage is tested with; true unless given. */
  readonly truthErrors?: boolean | undefined
}

/**
 * Evaluate predicted labels: match them to the truth by star id and compare label by label, over all and by signal to
 * noise (column `snr` of the predicted labels' `extra`, or of the truth's).
 *
 * @returns plain data that JSON can carry.
 * @throws `metrics/no-match`, `metrics/no-common-label`, `metrics/ambiguous-truth` as {@link matchLabels}.
 *
 * Linear in stars × labels.
 */
export function evaluateLabels(predicted: Labels, truth: Labels, options: EvaluateOptions = {}): Evaluation {
  const match = matchLabels(predicted, truth)
  const groups = Array.from(match.predictedRows, (row) => predicted.starId[row])
  const missing: Record<string, number> = {}
  const labels: Record<string, LabelEvaluation> = {}
  const snr = signalToNoise(predicted, truth, match)
  const bins = snr === undefined ? [] : snrBins(snr, options.snrEdges)
  const binLabels = bins.map((): Record<string, LabelEvaluation> => ({}))
  for (const { name, unit } of match.labels) {
    const pairs = labelPairs(predicted, truth, match, name)
    const compare = (rows: Int32Array | undefined): LabelStatistics => {
      const pick = (values: Float64Array): Float64Array =>
        rows === undefined ? values : Float64Array.from(rows, (row) => values[row])
      return labelStatistics(pick(pairs.predicted), pick(pairs.truth), {
        predictedError: pick(pairs.predictedError),
        truthError: options.truthErrors === false ? undefined : pick(pairs.truthError),
        ...(rows === undefined ? { bootstrap: options.bootstrap, groups } : {}),
      })
    }
    const all = compare(undefined)
    missing[name] = all.missing
    labels[name] = statisticsToJson(all, unit)
    bins.forEach((bin, b) => {
      binLabels[b][name] = statisticsToJson(compare(bin.rows), unit)
    })
  }
  return {
    n: match.predictedRows.length,
    unmatched: match.unmatched,
    unmatched_truth: match.unmatchedTruth,
    missing,
    labels,
    by_snr: bins.map((bin, b) => ({
      from: orNull(bin.from),
      to: orNull(bin.to),
      n: bin.rows.length,
      labels: binLabels[b],
    })),
    flags: countFlags(predicted, match),
  }
}

function signalToNoise(predicted: Labels, truth: Labels, match: LabelMatch): Float64Array | undefined {
  for (const [labels, rows] of [
    [predicted, match.predictedRows],
    [truth, match.truthRows],
  ] as const) {
    const column = labels.extra && findColumn(labels.extra, 'snr')
    if (column === undefined) continue
    const snr = columnNumbers(column)
    return Float64Array.from(rows, (row) => snr[row])
  }
  return undefined
}

function countFlags(predicted: Labels, match: LabelMatch): Record<string, number> {
  const flags = new FlagSet(predicted.flagBits)
  const counts: Record<string, number> = Object.fromEntries(predicted.flagBits.map(({ name }) => [name, 0]))
  for (const row of match.predictedRows)
    for (const name of flags.names(predicted.flags[row])) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Statistics as JSON can carry them. */
export function statisticsToJson(statistics: LabelStatistics, unit: string): LabelEvaluation {
  const { intervals } = statistics
  return {
    unit,
    n: statistics.n,
    bias: orNull(statistics.bias),
    rmse: orNull(statistics.rmse),
    rmse_scaled: orNull(statistics.rmseScaled),
    mae: orNull(statistics.mae),
    std: orNull(statistics.std),
    mad: orNull(statistics.mad),
    mean_abs_about_bias: orNull(statistics.meanAbsoluteAboutBias),
    median_residual: orNull(statistics.medianResidual),
    n_with_error: statistics.nWithError,
    coverage68: orNull(statistics.coverage68),
    coverage95: orNull(statistics.coverage95),
    z_width: orNull(statistics.zWidth),
    ...(intervals === undefined
      ? {}
      : {
          ci: Object.fromEntries(
            Object.entries(intervals).map(([name, [low, high]]) => [
              name === 'zWidth' ? 'z_width' : name,
              [orNull(low), orNull(high)] as const,
            ]),
          ),
        }),
  }
}
