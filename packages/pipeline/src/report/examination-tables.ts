import type { ReportTable } from '@astrolabel/figures'
import type { BinnedEvaluation, Examination, ModelComparison } from '@astrolabel/metrics'
import { labelInfo } from '@astrolabel/spectra'
import { formatShare, formatStatistic } from './evaluation-tables.js'

const PARTS = { formal: 'photon noise', scatter: 'model scatter', floor: 'cross-validated floor' } as const

/** Whether the errors can be believed: a row a label. */
export function uncertaintyTable({ uncertainty }: Examination, units: Readonly<Record<string, string>>): ReportTable {
  return {
    caption: 'Are the errors right?',
    columns: [
      'label',
      'stars',
      'verdict',
      'pull width',
      'pull median',
      'KS p',
      'calibration error',
      'mean error',
      'spread of the truth',
      'CRPS',
      'CRPS skill',
      'NLL',
    ],
    rows: Object.entries(uncertainty).map(([name, check]) => {
      const unit = units[name] ?? ''
      return [
        labelInfo(name).symbol,
        check.n,
        check.verdict,
        decimals(check.z_width, 2),
        decimals(check.z_median, 2),
        check.ks_p === null ? '–' : check.ks_p < 1e-4 ? '< 0.0001' : check.ks_p.toPrecision(2),
        decimals(check.calibration_error, 3),
        formatStatistic(check.sharpness, unit),
        formatStatistic(check.climatology, unit),
        formatStatistic(check.crps, unit),
        decimals(check.crps_skill, 3),
        decimals(check.nll, 2),
      ]
    }),
  }
}

/** The same in short, for a terminal: the verdict, and the median parts of the error where the model tells them. */
export function errorTable(
  { uncertainty, error_budget }: Examination,
  units: Readonly<Record<string, string>>,
): ReportTable {
  const parts = (['floor', 'formal', 'scatter'] as const).filter((part) =>
    Object.values(error_budget).some((budget) => budget.parts[part] !== undefined),
  )
  return {
    caption: 'Are the errors right? (pull width: residuals in units of their errors, 1 when right)',
    columns: ['label', 'verdict', 'pull width', 'error', ...parts.map((part) => PARTS[part])],
    rows: Object.entries(uncertainty).map(([name, { verdict, n, z_width, median_error }]) => [
      labelInfo(name).symbol,
      verdict !== 'unknown' ? verdict : n === 0 ? 'no errors' : 'too few stars',
      decimals(z_width, 2),
      formatStatistic(median_error, units[name] ?? ''),
      ...parts.map((part) => formatStatistic(error_budget[name]?.parts[part]?.median ?? null, units[name] ?? '')),
    ]),
  }
}

/** What the errors are made of; none when the model does not tell. */
export function budgetTables({ error_budget }: Examination, units: Readonly<Record<string, string>>): ReportTable[] {
  const rows = Object.entries(error_budget).flatMap(([name, budget]) =>
    (['formal', 'scatter', 'floor'] as const).flatMap((part) => {
      const share = budget.parts[part]
      if (share === undefined) return []
      return [
        [
          labelInfo(name).symbol,
          PARTS[part],
          formatStatistic(share.median, units[name] ?? ''),
          formatShare(share.share),
          formatShare(budget.coverage68),
          formatShare(share.coverage68_without),
          share.needed ? 'yes' : 'no',
        ],
      ]
    }),
  )
  const columns = ['label', 'part', 'median', 'of the variance', 'in 68 %', 'in 68 % without it', 'needed']
  return rows.length === 0 ? [] : [{ caption: 'What the errors are made of', columns, rows }]
}

/** Intervals that the labels carry, such as `teff_lo68`; none when there are none. */
export function intervalTables({ intervals }: Examination, units: Readonly<Record<string, string>>): ReportTable[] {
  const rows = Object.entries(intervals).flatMap(([name, checks]) =>
    checks.map(({ level, n, coverage, coverage_error, mean_width }) => [
      labelInfo(name).symbol,
      formatShare(level),
      n,
      coverage === null ? '–' : `${formatShare(coverage)} ± ${(100 * (coverage_error ?? 0)).toFixed(1)}`,
      formatStatistic(mean_width, units[name] ?? ''),
    ]),
  )
  const columns = ['label', 'promised', 'stars', 'covered', 'mean width']
  return rows.length === 0 ? [] : [{ caption: 'Calibrated intervals', columns, rows }]
}

/** Trends that are no accident, the largest first; with `all`, every one. */
export function trendTable({ trends }: Examination, units: Readonly<Record<string, string>>): ReportTable {
  const found = trends
    .filter(({ verdict }) => verdict !== 'none')
    .toSorted((a, b) => Math.abs(b.change_in_scatter ?? 0) - Math.abs(a.change_in_scatter ?? 0))
  return {
    caption:
      trends.length === 0
        ? 'Trends of the residuals: too few stars to look for any'
        : found.length === 0
          ? `Trends of the residuals: none of ${trends.length} is more than chance`
          : `Trends of the residuals: ${found.length} of ${trends.length} are more than chance`,
    columns: ['label', 'with', 'verdict', 'change over 90 % of the stars', 'of the scatter', 'p', 'stars'],
    rows: found.map((trend) => [
      labelInfo(trend.label).symbol,
      trend.against,
      trend.verdict,
      formatStatistic(trend.change, units[trend.label] ?? ''),
      decimals(trend.change_in_scatter === null ? null : Math.abs(trend.change_in_scatter), 2),
      trend.p < 1e-4 ? '< 0.0001' : trend.p.toPrecision(2),
      trend.stars,
    ]),
  }
}

/** The worst stars and what may be the matter with them. */
export function outlierTable({ outliers }: Examination, most: number): ReportTable {
  const shown = outliers.slice(0, most)
  return {
    caption: outliers.length === 0 ? 'No outlier' : `Outliers, ${shown.length} of ${outliers.length}`,
    columns: ['star', 'label', 'predicted', 'true', 'in scatters', 'in errors', 'reasons'],
    rows: shown.map(({ star_id, labels, reasons }) => {
      const [worst] = labels
      const unit = worst === undefined ? '' : labelInfo(worst.label).unit
      return [
        star_id,
        labels.map(({ label }) => labelInfo(label).symbol).join(', '),
        formatStatistic(worst?.predicted ?? null, unit),
        formatStatistic(worst?.truth ?? null, unit),
        decimals(worst?.in_scatter ?? null, 1),
        decimals(worst?.z ?? null, 1),
        reasons.join('; '),
      ]
    }),
  }
}

/** Errors in the bins that were asked for, with the intervals of the RMSE. */
export function binTable({ by, bins }: BinnedEvaluation): ReportTable {
  return {
    caption: `Errors by ${by}`,
    columns: [by, 'label', 'stars', 'bias', 'RMSE', '68 % of it', '1.4826 MAD', 'in 68 %'],
    rows: bins.flatMap(({ from, to, labels }) =>
      Object.entries(labels).map(([name, label]) => {
        const [low, high] = label.ci?.['rmse'] ?? [null, null]
        return [
          `${edgeText(from, '-∞')} to ${edgeText(to, '∞')}`,
          labelInfo(name).symbol,
          label.n,
          formatStatistic(label.bias, label.unit),
          formatStatistic(label.rmse, label.unit),
          low === null ? '–' : `${formatStatistic(low, label.unit)} to ${formatStatistic(high, label.unit)}`,
          formatStatistic(label.mad, label.unit),
          formatShare(label.coverage68),
        ]
      }),
    ),
  }
}

/** Models on the same stars: a row a model and label. */
export function comparisonTable(comparison: ModelComparison): ReportTable {
  const names = Object.keys(Object.values(comparison.models)[0] ?? {})
  const shared = names.filter((name) => Object.values(comparison.models).every((labels) => labels[name] !== undefined))
  return {
    caption: `${Object.keys(comparison.models).length} models on the same ${comparison.n} row${comparison.n === 1 ? '' : 's'}`,
    columns: ['label', 'model', 'stars', 'bias', 'RMSE', '95 % of it', 'MAE', '1.4826 MAD', 'in 68 %'],
    rows: shared.flatMap((name) =>
      Object.entries(comparison.models).map(([model, labels]) => {
        const label = labels[name]!
        const [low, high] = label.ci?.['rmse'] ?? [null, null]
        return [
          labelInfo(name).symbol,
          model,
          label.n,
          formatStatistic(label.bias, label.unit),
          formatStatistic(label.rmse, label.unit),
          low === null ? '–' : `${formatStatistic(low, label.unit)} to ${formatStatistic(high, label.unit)}`,
          formatStatistic(label.mae, label.unit),
          formatStatistic(label.mad, label.unit),
          formatShare(label.coverage68),
        ]
      }),
    ),
  }
}

function decimals(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits)
}

function edgeText(value: number | null, open: string): string {
  return value === null ? open : String(Number(value.toPrecision(4)))
}
