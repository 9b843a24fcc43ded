import { preprocessFile } from '../operations/preprocess-file.js'
import { chainFiles } from '../recipe/chain-files.js'
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
    inputs: [
      context.rawSpectra,
      ...(catalog === undefined ? [] : [catalog]),
      ...chainFiles(steps).map((path) => context.data(path)),
    ],
    outputs: ['3-preprocess/spectra.arrow'],
    run: async ([out], onProgress, signal) => {
      const locate = (path: string): string => context.data(path)
      const request = { steps, selection: selectionOf(select), catalog, locate }
      const summary = await preprocessFile(context.rawSpectra, out!, request, context.reporter, { onProgress, signal })
      return { text: `${summary.stars} stars`, summary: { ...summary } }
    },
  }
}
