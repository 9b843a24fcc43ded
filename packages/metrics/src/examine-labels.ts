import type { Labels, RandomStream } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import type { ErrorBudget } from './calibration/error-budget.js'
import { errorBudget } from './calibration/error-budget.js'
import type { IntervalCheck } from './calibration/interval-check.js'
import { checkIntervals } from './calibration/interval-check.js'
import type { UncertaintyCheck } from './calibration/uncertainty-check.js'
import { checkUncertainty } from './calibration/uncertainty-check.js'
import type { LabelEvaluation } from './evaluate-labels.js'
import { statisticsToJson } from './evaluate-labels.js'
import { labelPairs, matchLabels } from './match-labels.js'
import { binStatistics } from './residuals/bin-statistics.js'
import type { Outlier } from './residuals/outliers.js'
import { findOutliers } from './residuals/outliers.js'
import type { Trend } from './residuals/trends.js'
import { residualTrends } from './residuals/trends.js'
import { residualVariables } from './residuals/variables.js'

/** Statistics in bins of one quantity. */
export interface BinnedEvaluation {
  readonly by: string
  readonly bins: readonly {
    readonly from: number | null
    readonly to: number | null
    readonly n: number
    readonly labels: Readonly<Record<string, LabelEvaluation>>
  }[]
}

/** What lies behind the statistics of an evaluation. All of it is plain JSON. */
export interface Examination {
  /** Whether the errors can be believed, by label. */
  readonly uncertainty: Readonly<Record<string, UncertaintyCheck>>
  /** What the errors are made of, of the labels whose model tells. */
  readonly error_budget: Readonly<Record<string, ErrorBudget>>
  /** Coverage of intervals such as `teff_lo68`, of the labels that have them. */
  readonly intervals: Readonly<Record<string, readonly IntervalCheck[]>>
  readonly trends: readonly Trend[]
  /** The worst first. */
  readonly outliers: readonly Outlier[]
  /** In bins of the quantities asked for, with bootstrap intervals. */
  readonly bins: readonly BinnedEvaluation[]
}

/** A quantity to sort stars by: so many bins of equal count, or ascending edges. */
export interface Binning {
  /** A true label, `snr`, or any column. */
  readonly by: string
  readonly bins: number | readonly number[]
}

/** Options of {@link examineLabels}. */
export interface ExamineOptions {
  readonly random: RandomStream
  /** Columns to look for trends with besides the usual ones. */
  readonly against?: readonly string[] | undefined
  readonly bins?: readonly Binning[] | undefined
  /** Labels of the same stars by other models, which help to tell a bad prediction from a bad truth. */
  readonly others?: readonly Labels[] | undefined
  /** Resamples of the intervals in bins; 0 for none, 500 unless given. */
  readonly samples?: number | undefined
}

/**
 * Look behind the statistics: can the errors be believed and what are they made of, do residuals depend on anything,
 * which stars are far off and why.
 *
 * @throws as `matchLabels` and `residualVariables`. Cost: n log n times labels times variables.
 */
export function examineLabels(predicted: Labels, truth: Labels, options: ExamineOptions): Examination {
  const match = matchLabels(predicted, truth)
  const { random, samples = 500 } = options
  const groups = Array.from(match.predictedRows, (row) => predicted.starId[row])
  const binnings = options.bins ?? []
  const variables = residualVariables(predicted, truth, match, [
    ...(options.against ?? []),
    ...binnings.map(({ by }) => by),
  ])
  const residuals = match.labels.map((label) => {
    const pairs = labelPairs(predicted, truth, match, label.name)
    return { label, pairs, residual: pairs.predicted.map((value, i) => value - pairs.truth[i]) }
  })
  const byLabel = <T>(of: (entry: (typeof residuals)[number]) => T | undefined): Record<string, T> =>
    Object.fromEntries(
      residuals.flatMap((entry) => {
        const value = of(entry)
        return value === undefined ? [] : [[entry.label.name, value] as const]
      }),
    )
  return {
    uncertainty: byLabel(({ pairs }) => checkUncertainty(pairs)),
    error_budget: byLabel(({ label }) => errorBudget(predicted, truth, match, label.name)),
    intervals: byLabel(({ label }) => {
      const checks = checkIntervals(predicted, truth, match, label.name)
      return checks.length === 0 ? undefined : checks
    }),
    trends: residualTrends(residuals, variables, groups, { random }),
    outliers: findOutliers(predicted, truth, match, { others: options.others }),
    bins: binnings.map(({ by, bins }): BinnedEvaluation => {
      const variable = variables.find(({ name }) => name.toLowerCase() === by.toLowerCase())
      if (variable === undefined)
        throw new AstrolabelError('metrics/no-column', `There is no ${by} to sort stars by`, {
          expected: variables.map(({ name }) => name),
        })
      const bootstrap = samples > 0 ? { samples, level: 0.68, random } : undefined
      const sorted = residuals.map(({ label, pairs }) => ({
        label,
        bins: binStatistics(pairs, variable.values, bins, groups, bootstrap),
      }))
      return {
        by: variable.name,
        bins: (sorted[0]?.bins ?? []).map(({ from, to, rows }, b) => ({
          from: Number.isFinite(from) ? from : null,
          to: Number.isFinite(to) ? to : null,
          n: rows.length,
          labels: Object.fromEntries(
            sorted.map((one) => [one.label.name, statisticsToJson(one.bins[b].statistics, one.label.unit)]),
          ),
        })),
      }
    }),
  }
}
