import type { ArchiveFile } from '@astrolabel/surveys'
import { SDSS_BASE, mwmCatalogFile, mwmStarFile } from '@astrolabel/surveys'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchSelection } from './fetch-selection.js'
import { knownWords, misuse, optionName, words } from './fetch-selection.js'

/** What only releases of APOGEE itself can be asked by. */
const OF_FIELDS = ['field', 'telescope', 'plate', 'mjd', 'fibers'] as const

/** Files of APOGEE in DR19, where SDSS-V files spectra by SDSS_ID: the catalogue, and stars by identifier or its rows. */
export async function planMwm(selection: FetchSelection, sources: PlanSources): Promise<FetchPlan> {
  knownWords(selection.kind ?? 'mwmStar', ['mwmStar'], '--kind')
  for (const key of OF_FIELDS)
    if (selection[key] !== undefined)
      throw misuse(`dr19 does not use ${optionName(key)}: its stars are filed by SDSS_ID`, {
        expected: '--ids or --catalog',
      })
  const products = selection.product === undefined ? [] : knownWords(selection.product, ['allStar'], '--product')
  const files: ArchiveFile[] = products.map(() => mwmCatalogFile())
  const { ids, catalog } = selection
  const wanted = ids === undefined ? undefined : words(ids, '--ids')
  if (catalog === undefined) {
    if (wanted === undefined && files.length === 0)
      throw misuse('Nothing is selected', { expected: '--ids (SDSS_ID), --catalog or --product allStar' })
    files.push(...(wanted ?? []).map((id) => mwmStarFile(id)))
    return { base: SDSS_BASE, files }
  }
  const rows = await sources.rows('SDSS_ID')
  rows.need('SDSS_ID')
  for (let row = 0; row < rows.n; row++) {
    const id = rows.cell(row, 'SDSS_ID')
    const file = wanted === undefined || wanted.includes(id) ? sources.ofRow(() => mwmStarFile(id)) : undefined
    if (file !== undefined) files.push(file)
  }
  return { base: SDSS_BASE, files }
}
