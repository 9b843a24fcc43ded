import type { ReportTable } from '@astrolabel/figures'
import type { Evaluation, LabelEvaluation } from '@astrolabel/metrics'
import { labelInfo } from '@astrolabel/spectra'

/** The columns of a table of label errors, with what each is called in words. */
const STATISTICS: readonly { readonly key: 'bias' | 'rmse' | 'mae' | 'std' | 'mad'; readonly title: string }[] = [
  { key: 'bias', title: 'bias' },
  { key: 'rmse', title: 'RMSE' },
  { key: 'mae', title: 'MAE' },
  { key: 'std', title: 'std dev' },
  { key: 'mad', title: '1.4826 MAD' },
]

/** A statistic in the label's usual digits: kelvins to one, everything else to three decimals. */
export function formatStatistic(value: number | null, unit: string): string {
  if (value === null) return '–'
  return value.toFixed(unit === 'K' ? 1 : 4)
}

/** A share in per cent. */
export function formatShare(value: number | null): string {
  return value === null ? '–' : `${(100 * value).toFixed(1)} %`
}

/** The table of label errors that a person sees first; `in 68 %`: how many true labels lie in the 68 % interval. */
export function evaluationTable(evaluation: Evaluation): ReportTable {
  return {
    caption: `Errors of ${evaluation.n} star${evaluation.n === 1 ? '' : 's'}, predicted minus true`,
    columns: ['label', 'stars', ...STATISTICS.map(({ title }) => title), 'in 68 %', 'in 95 %'],
    rows: Object.entries(evaluation.labels).map(([name, label]) => [
      labelWithUnit(name, label),
      label.n,
      ...statistics(label),
      formatShare(label.coverage68),
      formatShare(label.coverage95),
    ]),
  }
}

/** A table of label errors for each bin of signal to noise; none when it is not known. */
export function snrTables(evaluation: Evaluation): ReportTable[] {
  if (evaluation.by_snr.length === 0) return []
  return [
    {
      caption: 'Errors by signal to noise',
      columns: ['S/N', 'label', 'stars', ...STATISTICS.map(({ title }) => title), 'in 68 %'],
      rows: evaluation.by_snr.flatMap((bin) =>
        Object.entries(bin.labels).map(([name, label]) => [
          `${bin.from ?? 0}–${bin.to ?? '∞'}`,
          labelWithUnit(name, label),
          label.n,
          ...statistics(label),
          formatShare(label.coverage68),
        ]),
      ),
    },
  ]
}

/** How many stars have each flag. */
export function flagTable(evaluation: Evaluation): ReportTable {
  return { caption: 'Flags', columns: ['flag', 'stars'], rows: Object.entries(evaluation.flags) }
}

function labelWithUnit(name: string, label: LabelEvaluation): string {
  return label.unit === '' ? labelInfo(name).symbol : `${labelInfo(name).symbol} (${label.unit === 'K' ? 'K' : 'dex'})`
}

function statistics(label: LabelEvaluation): string[] {
  return STATISTICS.map(({ key }) => formatStatistic(label[key], label.unit))
}
