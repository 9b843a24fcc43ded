import type { Column, Table } from '@astrolabel/spectra'

/** What the spectra of a star have of their own, under the very name. */
const OWN = new Set(['star_id', 'ra', 'dec', 'snr'])
const MATRICES = new Set(['flux', 'ivar', 'mask', 'wave'])

/**
 * A catalogue that can travel with spectra: columns that would stand for what spectra have themselves are left out
 * (`star_id`, `ra`, `dec`, `snr`) or renamed (`flux` → `catalog_flux`), since in a file all share one list of names.
 */
export function withoutReserved(table: Table): Table {
  const columns = new Map<string, Column>()
  for (const [name, column] of table.columns) {
    if (OWN.has(name)) continue
    const free = MATRICES.has(name) ? `catalog_${name}` : name
    columns.set(free, { ...column, name: free })
  }
  return { n: table.n, columns }
}
