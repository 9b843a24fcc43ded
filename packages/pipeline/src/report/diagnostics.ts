import type { ReportSection } from '@astrolabel/figures'
import { pitHistograms, trendGrid } from '@astrolabel/figures'
import type { Evaluation, Examination } from '@astrolabel/metrics'
import { labelInfo } from '@astrolabel/spectra'
import {
  binTable,
  budgetTables,
  intervalTables,
  outlierTable,
  trendTable,
  uncertaintyTable,
} from './examination-tables.js'

/** Columns of the grid of trends; more would be too narrow to read. */
const MOST_COLUMNS = 6
const MOST_OUTLIERS = 40

/** Quantities in words, where the name of the column says too little. */
const TITLES: Readonly<Record<string, string>> = {
  snr: 'S/N',
  ra: 'right ascension (deg)',
  dec: 'declination (deg)',
  l: 'Galactic longitude (deg)',
  b: 'Galactic latitude (deg)',
  fiberid: 'fibre',
  chi2_reduced: 'reduced χ²',
}

/** What residuals depend on, whether errors can be believed, and which stars are far off: three parts of a report. */
export function diagnosticSections(evaluation: Evaluation & Examination): ReportSection[] {
  const units = Object.fromEntries(Object.entries(evaluation.labels).map(([name, { unit }]) => [name, unit]))
  const labels = Object.keys(evaluation.labels).map(labelInfo)
  const tested = [...new Set(evaluation.trends.map(({ against }) => against))]
  const strength = (name: string): number =>
    Math.max(
      ...evaluation.trends
        .filter(({ against }) => against === name)
        .map(({ verdict, change_in_scatter }) => (verdict === 'none' ? 0 : Math.abs(change_in_scatter ?? 0))),
    )
  const columns = tested.toSorted((a, b) => strength(b) - strength(a)).slice(0, MOST_COLUMNS)
  const checked = labels.flatMap((label) => {
    const check = evaluation.uncertainty[label.name]
    return check === undefined || check.n === 0 ? [] : [{ label, check }]
  })
  return [
    {
      heading: 'Trends',
      paragraphs: [
        'Slopes are Theil–Sen, p-values Kendall’s, held against the number of trends (Holm). A fall with the true label itself is also what errors of the truth make.',
      ],
      tables: [trendTable(evaluation, units), ...evaluation.bins.map(binTable)],
      figures:
        columns.length === 0
          ? []
          : [
              {
                caption:
                  'Running medians of the residuals with their 68 % intervals, against the quantities with the strongest trends; orange where the trend is no accident.',
                svg: trendGrid(
                  labels,
                  tested
                    .filter((name) => columns.includes(name))
                    .map((name) => ({ name, title: TITLES[name] ?? `true ${labelInfo(name).symbol}` })),
                  evaluation.trends,
                ),
              },
            ],
    },
    {
      heading: 'Error budget',
      paragraphs: Object.entries(evaluation.error_budget).map(
        ([name, { text }]) => `${labelInfo(name).symbol}: ${text}.`,
      ),
      tables: [
        uncertaintyTable(evaluation, units),
        ...budgetTables(evaluation, units),
        ...intervalTables(evaluation, units),
      ],
      figures:
        checked.length === 0
          ? []
          : [
              {
                caption:
                  'Where the truth falls in the predicted distributions: flat, within the grey band, when errors are right.',
                svg: pitHistograms(checked),
              },
            ],
    },
    { heading: 'Outliers', tables: [outlierTable(evaluation, MOST_OUTLIERS)] },
  ]
}
