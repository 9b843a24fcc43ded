import { preprocessFile } from '../operations/preprocess-file.js'
import { chainOf } from '../recipe/load-recipe.js'
import type { Stage } from '../run/run-folder.js'
import { selectionOf } from '../selection/selection-of.js'
import type { StageContext } from './stage-context.js'

/** Join the catalogue, select stars, and process their spectra. */
export function preprocessStage(context: StageContext): Stage {
  const { preprocess, select, crossmatch } = context.recipe
  const steps = chainOf(preprocess)
  const catalog = crossmatch === undefined ? undefined : context.matches
  return {
    name: 'preprocess',
    options: { steps, select },
    inputs: [context.rawSpectra, ...(catalog === undefined ? [] : [catalog])],
    outputs: ['3-preprocess/spectra.arrow'],
    run: async ([out], onProgress, signal) => {
      const request = { steps, selection: selectionOf(select), catalog }
      const summary = await preprocessFile(context.rawSpectra, out!, request, context.reporter, { onProgress, signal })
      return { text: `${summary.stars} stars`, summary: { ...summary } }
    },
  }
}
