import { matchCatalog } from '../catalogs/match-catalog.js'
import { starsInFile } from '../catalogs/stars-in-file.js'
import { readTable } from '../formats/read-table.js'
import { writeTable } from '../formats/write-table.js'
import type { CrossmatchRecipe } from '../recipe/recipe.js'
import type { Stage } from '../run/run-folder.js'
import type { StageContext } from './stage-context.js'

/** Catalogue rows for the stars, by position on the sky. */
export function crossmatchStage(context: StageContext, { catalog, radius, oneToOne }: CrossmatchRecipe): Stage {
  const path = context.data(catalog)
  return {
    name: 'crossmatch',
    options: { radius, oneToOne },
    inputs: [context.rawSpectra, path],
    outputs: ['2-crossmatch/matches.arrow'],
    run: async ([out], onProgress, signal) => {
      const stars = await starsInFile(context.rawSpectra)
      const onWarning = (warning: { message: string }): void => context.reporter.warn(warning.message)
      const table = await readTable(path, { signal, onWarning })
      const match = matchCatalog(stars, table, { radius, oneToOne, onProgress, signal })
      await writeTable(out!, match.table)
      const { n, ambiguous, separation_arcsec } = match.summary
      const median = separation_arcsec.median.toFixed(2)
      return {
        text: `${n} of ${stars.n} stars matched within ${radius}″, ${ambiguous} ambiguous, median ${median}″`,
        summary: { ...match.summary },
      }
    },
  }
}
