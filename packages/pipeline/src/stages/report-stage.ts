import type { FullEvaluation } from '../operations/evaluate-files.js'
import { readLabels } from '../operations/evaluate-files.js'
import { writeReport } from '../report/write-report.js'
import type { Stage } from '../run/run-folder.js'
import type { StageContext } from './stage-context.js'

/** The page with tables and pictures. */
export function reportStage(context: StageContext, evaluation: FullEvaluation): Stage {
  const { recipe, folder, spectra, model, labels, truthFile } = context
  const { name, description } = recipe
  return {
    name: 'report',
    options: { name, description },
    inputs: [spectra, model, labels, folder.file('metrics.json'), ...(truthFile === undefined ? [] : [truthFile])],
    outputs: ['report.html'],
    run: async ([out]) => {
      const tables = { labels: await readLabels(labels), truth: await context.truth() }
      await writeReport(out!, { recipe, manifest: folder.manifest, spectra, model, evaluation, ...tables })
      return { text: 'report.html' }
    },
  }
}
