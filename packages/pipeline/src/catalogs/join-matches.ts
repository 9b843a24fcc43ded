import type { Column, Spectra, Table } from '@astrolabel/spectra'
import { columnStrings, requireColumn, takeRows, takeSpectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { indexKey } from '@astrolabel/surveys'
import type { CatalogIndex } from '@astrolabel/surveys'

/** Index a table of matches or labels by its `star_id`; of rows with the same one the first counts. */
export function indexByStar(table: Table): CatalogIndex {
  const column = requireColumn(table, 'star_id')
  return { table, idColumn: column.name, rowOf: indexKey({ name: column.name, values: columnStrings(column) }) }
}

/**
 * The spectra of stars that the table has, with all its columns; those of the others are left out. `joinCatalog` of
 * surveys keeps every star instead.
 */
export function joinMatches(spectra: Spectra, index: CatalogIndex): Spectra {
  const kept = spectra.starId.flatMap((id, row) => (index.rowOf.has(id) ? [row] : []))
  const part = kept.length === spectra.n ? spectra : takeSpectra(spectra, kept)
  const rows = takeRows(
    index.table,
    part.starId.map((id) => index.rowOf.get(id)!),
  )
  const columns = new Map<string, Column>(part.catalog.columns)
  for (const [name, column] of rows.columns) if (name !== 'star_id') columns.set(name, column)
  return { ...part, catalog: { n: part.n, columns } }
}

/** Batches of a spectra file with the columns of a table, stars that it lacks left out. */
export async function* joinedSpectra(path: string, table: Table): AsyncGenerator<Spectra> {
  const index = indexByStar(table)
  for await (const batch of readSpectraFile(path)) {
    const joined = joinMatches(batch, index)
    if (joined.n > 0) yield joined
  }
}
