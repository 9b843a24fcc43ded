import type { calibrateFiles, compareFiles, evaluateFiles, homogeniseFiles } from '@astrolabel/pipeline'
import {
  binTable,
  comparisonTable,
  errorTable,
  evaluationTable,
  formatStatistic,
  intervalTables,
  textTable,
  trendTable,
} from '@astrolabel/pipeline'

type Evaluation = Awaited<ReturnType<typeof evaluateFiles>>
type Comparison = Awaited<ReturnType<typeof compareFiles>>
type Calibration = Awaited<ReturnType<typeof calibrateFiles>>['calibration']
type LabelMap = Awaited<ReturnType<typeof homogeniseFiles>>

/** Stars that a person reads about; `--json` and `--residuals` have them all. */
const SHOWN_OUTLIERS = 5

/** A table of a report as text, its caption above; numbers right-aligned. */
function reportText({ caption, columns, rows }: ReturnType<typeof evaluationTable>, left = 1): string {
  if (rows.length === 0) return caption
  const table = textTable(
    columns.map((title, i) => ({ title, align: i < left ? 'left' : 'right' })),
    rows.map((row) => row.map(String)),
  )
  return `${caption}\n${table}`
}

/** The table of label errors as text, then whether the errors are right, trends, and the worst outliers with reasons. */
export function evaluationText(evaluation: Evaluation): string {
  const flags = Object.entries(evaluation.flags).filter(([, count]) => count > 0)
  const flagLine = flags.length === 0 ? '' : `\nflags: ${flags.map(([name, count]) => `${name} ${count}`).join(', ')}`
  const unmatched = evaluation.unmatched > 0 ? `\n${evaluation.unmatched} labelled stars have no truth` : ''
  const units = Object.fromEntries(Object.entries(evaluation.labels).map(([name, { unit }]) => [name, unit]))
  const worst = evaluation.outliers.slice(0, SHOWN_OUTLIERS).map(({ star_id, labels, reasons }) => {
    const far = labels.map(
      ({ label, residual }) => `${label} ${residual > 0 ? '+' : ''}${formatStatistic(residual, units[label] ?? '')}`,
    )
    return `  ${star_id}: ${far.join(', ')} – ${reasons.join('; ')}`
  })
  return [
    `${reportText(evaluationTable(evaluation))}${flagLine}${unmatched}`,
    ...evaluation.bins.map((bins) => reportText(binTable(bins), 2)),
    ...(Object.values(evaluation.uncertainty).some(({ n }) => n > 0)
      ? [reportText(errorTable(evaluation, units), 2)]
      : []),
    ...intervalTables(evaluation, units).map((table) => reportText(table)),
    reportText(trendTable(evaluation, units), 3),
    [outlierCaption(evaluation.outliers.length), ...worst].join('\n'),
  ].join('\n\n')
}

function outlierCaption(count: number): string {
  if (count === 0) return 'Outliers: none'
  return count <= SHOWN_OUTLIERS ? `Outliers: ${count}` : `Outliers: ${count}, the worst of them`
}

/** The table of models on the same stars, then which is better. */
export function comparisonText(comparison: Comparison): string {
  const leftOut = Object.entries(comparison.left_out).filter(([, count]) => count > 0)
  return [
    reportText(comparisonTable(comparison), 2),
    [
      ...Object.values(comparison.verdicts),
      ...leftOut.map(([name, count]) => `${count} rows of ${name} are not in all models and the truth`),
    ].join('\n'),
    comparison.pairs.map(({ text }) => text).join('\n'),
  ].join('\n\n')
}

/** The widths of calibrated intervals: a row a label and group of stars. */
export function calibrationText({ groups, labels, score }: Calibration): string {
  const levels = Object.values(labels)[0]?.groups[0]?.quantiles.map(({ level }) => level) ?? []
  const edges = groups?.edges ?? []
  const edge = (value: number | undefined, open: string): string =>
    value === undefined ? open : String(Number(value.toPrecision(4)))
  const range = (g: number): string =>
    groups === null ? 'all' : `${groups.by} ${edge(edges[g - 1], '-∞')} to ${edge(edges[g], '∞')}`
  const width = (value: number | null): string => (value === null ? '–' : value.toPrecision(3))
  return textTable(
    [
      { title: 'label' },
      { title: 'stars of' },
      { title: 'stars', align: 'right' },
      ...levels.map((level) => ({
        title: `${percent(level)} in ${score === 'absolute' ? 'units' : 'errors'}`,
        align: 'right' as const,
      })),
    ],
    Object.entries(labels).flatMap(([name, label]) =>
      label.groups.map((group, g) => [
        name,
        range(g) + (group.pooled ? ' (too few: as all)' : ''),
        String(group.stars),
        ...group.quantiles.map(({ below, above }) =>
          below === above ? `± ${width(above)}` : `-${width(below)} +${width(above)}`,
        ),
      ]),
    ),
  )
}

/** What a map does to each label, on stars that it had not seen. */
export function homogenisationText({ from, to, labels }: LabelMap): string {
  const table = textTable(
    [
      { title: 'label' },
      { title: 'trend' },
      ...['stars', 'bias', 'RMSE before', 'after', 'scatter', 'in 68 %'].map((title) => ({
        title,
        align: 'right' as const,
      })),
    ],
    Object.entries(labels).map(([name, { basis, stars, unit, intrinsic, held_out: check }]) => [
      name,
      basis.kind === 'constant' ? 'constant' : `${basis.kind} in ${basis.predictors.join(', ')}`,
      String(stars),
      formatStatistic(check.bias_before, unit),
      formatStatistic(check.rmse_before, unit),
      formatStatistic(check.rmse_after, unit),
      formatStatistic(intrinsic, unit),
      percent(check.coverage68),
    ]),
  )
  const verdicts = Object.values(labels).map(({ held_out }) => held_out.text)
  return `${from} to ${to}: differences on held-out stars\n${table}\n\n${verdicts.join('\n')}`
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(share * 100 === Math.round(share * 100) ? 0 : 1)} %`
}
