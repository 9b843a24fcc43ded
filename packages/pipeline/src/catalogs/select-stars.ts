import type { Spectra } from '@astrolabel/spectra'
import { takeSpectra } from '@astrolabel/spectra'
import type { Selection } from '../selection/parse-selection.js'
import type { ClauseReport } from '../selection/select-rows.js'
import { selectRows } from '../selection/select-rows.js'
import { rowsOfSpectra } from '../selection/selection-rows.js'

/**
 * The stars that a selection keeps, by their catalogue columns and `snr`, and what each of its clauses did.
 *
 * @throws `table/no-column`, listing the columns there are, and what the selection says of its flags and types.
 */
export function selectStars(
  spectra: Spectra,
  selection: Selection,
): { stars: Spectra; report: readonly ClauseReport[] } {
  const { kept, report } = selectRows(selection, rowsOfSpectra(spectra))
  return { stars: kept.length === spectra.n ? spectra : takeSpectra(spectra, kept), report }
}
