import { LAMOST_BASE, LAMOST_KINDS, LAMOST_RELEASES, lamostFile } from '@astrolabel/surveys'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchSelection } from './fetch-selection.js'
import { knownWord, knownWords, misuse, wholeNumbers } from './fetch-selection.js'

/** Files of LAMOST's open releases, by OBSID or by the rows of a catalogue. */
export async function planLamost(selection: FetchSelection, sources: PlanSources): Promise<FetchPlan> {
  const { release, kind, ids, catalog } = selection
  const open = knownWord(release ?? LAMOST_RELEASES[0], LAMOST_RELEASES, '--release')
  const kinds = knownWords(kind ?? 'lrs', LAMOST_KINDS, '--kind')
  const numbers: (string | number)[] = ids === undefined ? [] : wholeNumbers(ids, '--ids')
  if (catalog !== undefined) {
    const rows = await sources.rows('OBSID')
    rows.need('OBSID')
    for (let row = 0; row < rows.n; row++) {
      const obsid = rows.cell(row, 'OBSID')
      if (sources.ofRow(() => lamostFile(obsid)) !== undefined) numbers.push(obsid)
    }
  } else if (numbers.length === 0) throw misuse('Nothing is selected', { expected: '--ids or --catalog with OBSID' })
  return { base: LAMOST_BASE, files: kinds.flatMap((one) => numbers.map((obsid) => lamostFile(obsid, one, open))) }
}
