import { surveyFiles } from '@astrolabel/surveys/node'
import { ingest } from '../operations/ingest.js'
import type { Stage } from '../run/run-folder.js'
import type { StageContext } from './stage-context.js'

/** Survey files to spectra. */
export async function ingestStage(context: StageContext): Promise<Stage> {
  const { survey, paths, catalog, match, options } = context.recipe.ingest
  const sources = paths.map((path) => context.data(path))
  const labelFile = catalog === undefined ? undefined : context.data(catalog)
  const files = await surveyFiles(survey, sources, options)
  return {
    name: 'ingest',
    options: { survey, paths, catalog, match, options },
    inputs: [...new Set([...files, ...(labelFile === undefined ? [] : [labelFile])])],
    outputs: ['1-ingest/spectra.arrow'],
    run: async ([out], onProgress, signal) => {
      // The manifest tells what the stage depends on; names and times of files in the output would change its digest.
      const folder = context.recipe.data
      const request = {
        survey,
        paths: sources,
        catalog: labelFile,
        options,
        folder,
        mode: 'once' as const,
        match: match ?? {},
      }
      const { threads } = context
      const summary = await ingest(request, out!, context.reporter, { onProgress, signal, threads })
      const failed = summary.failed === 0 ? '' : `, ${summary.failed} of ${summary.files} files failed`
      return { text: `${summary.stars} spectra${failed}`, summary: { ...summary } }
    },
  }
}
