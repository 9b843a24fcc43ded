import type { Column, Table } from '@astrolabel/spectra'
import { makeTable, takeRows } from '@astrolabel/spectra'
import type { Pairs } from './find-pairs.js'
import type { MatchOptions } from './match-options.js'
import { keptColumns, starIds, withoutClash } from './match-table.js'

/** A catalogue in which the stars of the first were looked up, and where they are. */
export interface ChainEnd {
  readonly table: Table
  readonly pairs: Pairs
}

/** How the stars of the first catalogue are spread over the others. */
export interface ChainTable {
  readonly table: Table
  /** Stars of the first in so many of the others: none, one, two, … */
  readonly found: readonly number[]
}

/**
 * One row a star of the first catalogue, with the columns of all others: `index_b`, `separation_b`, `candidates_b`, then those of the
 * catalogue itself, `_b` where a name is taken; likewise `_c` and so on.
 *
 * With join inner the stars found in all catalogues, with left all stars.
 */
export function chainTable(a: Table, ends: readonly ChainEnd[], { join, keepA }: MatchOptions): ChainTable {
  const times = new Uint8Array(a.n)
  for (const { pairs } of ends) for (const row of pairs.indexA) times[row]!++
  const rows = Int32Array.from({ length: a.n }, (_, row) => row).filter(
    (row) => join === 'left' || times[row] === ends.length,
  )
  const columns: Column[] = [
    { name: 'star_id', values: starIds(a, rows) },
    { name: 'index_a', values: rows },
  ]
  const own = new Set(columns.map(({ name }) => name))
  columns.push(...withoutClash(own, takeRows(keptColumns(a, keepA), rows).columns.values(), 'a'))
  ends.forEach(({ table, pairs }, i) => {
    const letter = String.fromCodePoint('b'.codePointAt(0)! + i)
    const placeOf = new Int32Array(a.n).fill(-1)
    pairs.indexA.forEach((row, place) => (placeOf[row] = place))
    const places = rows.map((row) => placeOf[row]!)
    const known = takeRows(
      makeTable([
        { name: `separation_${letter}`, values: pairs.separation, unit: 'arcsec' },
        ...pairs.columns.map((column) => ({ ...column, name: `${column.name}_${letter}` })),
      ]),
      places,
    )
    const index = places.map((place) => (place < 0 ? -1 : pairs.indexB[place]!))
    const more = [
      { name: `index_${letter}`, values: index },
      ...known.columns.values(),
      ...takeRows(table, index).columns.values(),
    ]
    columns.push(...withoutClash(new Set(columns.map(({ name }) => name)), more, letter))
  })
  const found = Array.from({ length: ends.length + 1 }, () => 0)
  for (const count of times) found[count]!++
  return { table: makeTable(columns, rows.length), found }
}
