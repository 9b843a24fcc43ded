import { surveyFiles } from '@astrolabel/surveys/node'
import { ingest } from '../operations/ingest.js'
import type { Stage } from '../run/run-folder.js'
import type { StageContext } from './stage-context.js'

/** Survey files to spectra. */
export async function ingestStage(context: StageContext): Promise<Stage> {
  const { survey, paths, catalog, options } = context.recipe.ingest
  const sources = paths.map((path) => context.data(path))
  const labelFile = catalog === undefined ? undefined : context.data(catalog)
  const files = await surveyFiles(survey, sources)
  return {
    name: 'ingest',
    options: { survey, paths, catalog, options },
    inputs: [...new Set([...files, ...(labelFile === undefined ? [] : [labelFile])])],
    outputs: ['1-ingest/spectra.arrow'],
    run: async ([out], onProgress, signal) => {
      const request = { survey, paths: sources, catalog: labelFile, options }
      const summary = await ingest(request, out!, context.reporter, { onProgress, signal })
      return { text: `${summary.stars} spectra`, summary: { ...summary } }
    },
  }
}
