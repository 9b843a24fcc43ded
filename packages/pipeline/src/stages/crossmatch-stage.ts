import { matchCatalog } from '../catalogs/match-catalog.js'
import { readTable } from '../formats/read-table.js'
import { writeTable } from '../formats/write-table.js'
import type { CrossmatchRecipe } from '../recipe/recipe.js'
import type { Stage } from '../run/run-folder.js'
import type { StageContext } from './stage-context.js'

/** Catalogue rows for the stars, by position on the sky or by identifier. */
export function crossmatchStage(context: StageContext, { catalog, ...options }: CrossmatchRecipe): Stage {
  const path = context.data(catalog)
  const { duplicates, ...matching } = options
  const removedPairs = options.plausible === undefined ? [] : ['2-crossmatch/removed.arrow']
  return {
    name: 'crossmatch',
    options,
    inputs: [context.rawSpectra, path],
    outputs: ['2-crossmatch/matches.arrow', ...removedPairs],
    run: async ([out, removed], onProgress, signal) => {
      const onWarning = (warning: { message: string }): void => context.reporter.warn(warning.message)
      const stars = await readTable(context.rawSpectra, { signal, onWarning })
      const table = await readTable(path, { signal, onWarning, duplicates })
      const match = matchCatalog(stars, table, { ...matching, onProgress, signal })
      await writeTable(out!, match.table)
      if (removed !== undefined && match.removed !== undefined) await writeTable(removed, match.removed)
      const { n, ambiguous, separation_arcsec, radius_arcsec, by, plausible } = match.summary
      const within = radius_arcsec === null ? '' : ` within ${radius_arcsec}″`
      const { median } = separation_arcsec
      const how =
        (by === undefined ? within : ` by ${by}`) +
        `, ${ambiguous} ambiguous${median === null ? '' : `, median ${median.toFixed(2)}″`}`
      const cut = plausible === undefined ? '' : `; ${plausible.removed} of ${plausible.pairs} pairs not plausible`
      return { text: `${n} of ${stars.n} stars matched${how}${cut}`, summary: { ...match.summary } }
    },
  }
}
