import type { Spectra } from '@astrolabel/spectra'
import { columnStrings } from '@astrolabel/spectra'

/** Which spectra are of the same star, so that a split never puts them on two sides: `star_group` where there is one. */
export function starGroups(spectra: Spectra): readonly string[] {
  const column = spectra.catalog.columns.get('star_group')
  if (column === undefined) return spectra.starId
  return columnStrings(column).map((group, i) => (group === '' ? spectra.starId[i]! : group))
}
