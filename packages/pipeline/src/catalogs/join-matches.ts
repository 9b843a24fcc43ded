import type { Column, Spectra, Table } from '@astrolabel/spectra'
import { columnStrings, requireColumn, takeRows, takeSpectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'

/** Rows of a table by star. */
export interface StarIndex {
  readonly table: Table
  readonly rowOf: ReadonlyMap<string, number>
}

/** Index a table of matches or labels by its `star_id`; of rows with the same one the first counts. */
export function indexByStar(table: Table): StarIndex {
  const rowOf = new Map<string, number>()
  columnStrings(requireColumn(table, 'star_id')).forEach((id, row) => {
    if (!rowOf.has(id)) rowOf.set(id, row)
  })
  return { table, rowOf }
}

/** The spectra of stars that the table has, with its columns; those of the others are left out. */
export function joinMatches(spectra: Spectra, index: StarIndex): Spectra {
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
