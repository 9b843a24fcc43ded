import { writeTable } from '../formats/write-table.js'
import { readTable } from '../formats/read-table.js'
import type { MatchOptions, MatchSummary } from '../catalogs/match-catalog.js'
import { matchCatalog } from '../catalogs/match-catalog.js'
import type { Reporter } from '../reporter.js'

/**
 * Match two catalogues, or spectra and a catalogue, on the sky.
 *
 * @param out Table of the matches by extension; nothing is written when undefined.
 * @throws `crossmatch/no-match`, `table/no-column`, and what reading says.
 */
export async function crossmatchFiles(
  a: string,
  b: string,
  out: string | undefined,
  reporter: Reporter,
  options: MatchOptions = {},
): Promise<MatchSummary> {
  const onWarning = (warning: { message: string }): void => reporter.warn(warning.message)
  const match = matchCatalog(await readTable(a, { onWarning }), await readTable(b, { onWarning }), options)
  if (out !== undefined) await writeTable(out, match.table)
  return match.summary
}
