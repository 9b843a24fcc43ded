import { modelComparison, renderReport } from '@astrolabel/figures'
import type { Evaluation, Examination, ModelComparison } from '@astrolabel/metrics'
import type { Labels } from '@astrolabel/spectra'
import { labelInfo } from '@astrolabel/spectra'
import { VERSION } from '../version.js'
import { diagnosticSections } from './diagnostics.js'
import { comparisonTable } from './examination-tables.js'
import { accuracySection, uncertaintySection } from './write-report.js'

/** The page of an evaluation: accuracy, uncertainties, trends, error budget, outliers. */
export function evaluationReport(
  labels: Labels,
  truth: Labels,
  evaluation: Evaluation & Examination,
  provenance: Readonly<Record<string, unknown>>,
): string {
  const parts = { labels, truth, evaluation }
  return renderReport({
    title: 'Labels against the truth',
    summary: `${evaluation.n} stars with a truth, ${evaluation.unmatched} without.`,
    sections: [accuracySection(parts), uncertaintySection(parts), ...diagnosticSections(evaluation)],
    provenance: { astrolabel: VERSION, ...provenance },
  })
}

/** The page of a comparison of models. */
export function comparisonReport(comparison: ModelComparison, provenance: Readonly<Record<string, unknown>>): string {
  const labels = Object.keys(comparison.verdicts).map(labelInfo)
  return renderReport({
    title: 'Models on the same stars',
    summary: Object.values(comparison.verdicts).join('. ') + '.',
    sections: [
      {
        heading: 'Comparison',
        paragraphs: comparison.pairs.map(({ text }) => `${text}.`),
        tables: [comparisonTable(comparison)],
        figures: [
          {
            caption:
              'RMSE with 95 % bootstrap intervals. Orange: the best, and open those that these stars cannot tell from it; the paired comparison is sharper than the intervals.',
            svg: modelComparison(labels, comparison),
          },
        ],
      },
    ],
    provenance: { astrolabel: VERSION, ...provenance },
  })
}
