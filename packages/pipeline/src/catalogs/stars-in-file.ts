import type { Spectra, Table } from '@astrolabel/spectra'
import { columnStrings, makeTable } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { ID_COLUMNS, KEY_PARTS } from '@astrolabel/surveys'

/** Columns of the catalogue that name a star, in lower case. */
const NAMES = new Set([...ID_COLUMNS, ...KEY_PARTS].map((name) => name.toLowerCase()))

/** The stars of a spectra file, as {@link starsIn} has them. */
export function starsInFile(path: string): Promise<Table> {
  return starsIn(readSpectraFile(path))
}

/**
 * The stars of batches of spectra: `star_id`, `ra`, `dec`, and the identifiers that travel with them, as text.
 *
 * @param among Columns of the catalogue to look for identifiers in; all of them when absent.
 */
export async function starsIn(batches: AsyncIterable<Spectra>, among?: ReadonlySet<string>): Promise<Table> {
  const starId: string[] = []
  const ra: number[] = []
  const dec: number[] = []
  const names = new Map<string, string[]>()
  for await (const batch of batches) {
    for (let i = 0; i < batch.n; i++) {
      starId.push(batch.starId[i]!)
      ra.push(batch.ra[i]!)
      dec.push(batch.dec[i]!)
    }
    for (const [name, column] of batch.catalog.columns) {
      if (!NAMES.has(name.toLowerCase()) || (column.width ?? 1) !== 1) continue
      if (among !== undefined && !among.has(name)) continue
      const values = names.get(name) ?? []
      for (const value of columnStrings(column)) values.push(value)
      names.set(name, values)
    }
  }
  return makeTable(
    [
      { name: 'star_id', values: starId },
      { name: 'ra', values: Float64Array.from(ra), unit: 'deg' },
      { name: 'dec', values: Float64Array.from(dec), unit: 'deg' },
      ...Array.from(names, ([name, values]) => ({ name, values })),
    ],
    starId.length,
  )
}
