import { findDuplicates, separationArcsec } from '@astrolabel/crossmatch'
import type { RunOptions, Table } from '@astrolabel/spectra'
import { makeTable, takeRows } from '@astrolabel/spectra'
import { starIds, withoutClash } from './match-table.js'
import { positions } from './sky-columns.js'

/** Rows of a catalogue that are one star. */
export interface DuplicateStars {
  /** One row a member: `group`, `star_id`, `index`, `separation` from the first of its group, then the columns of the catalogue. */
  readonly table: Table
  readonly summary: DuplicateSummary
}

/** Numbers of a search for duplicates. */
export interface DuplicateSummary {
  readonly mode: 'duplicates'
  /** Groups of two rows and more. */
  readonly n: number
  /** Rows of the catalogue. */
  readonly a: number
  /** Rows in groups. */
  readonly members: number
  readonly largest: number
  /** Different stars: groups, and rows that are alone, those without a position included. */
  readonly stars: number
  readonly without_position: number
  readonly radius_arcsec: number
}

/** Group the rows of a catalogue that lie within a radius of one another. @throws `table/no-column`, and what findDuplicates throws. */
export function duplicateStars(a: Table, radius: number, { signal, onProgress }: RunOptions): DuplicateStars {
  const sky = positions(a)
  const groups = findDuplicates(sky, {
    radiusArcsec: radius,
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  })
  const { n, start, members, groupOf } = groups
  const group = members.map((row) => groupOf[row]!)
  const separation = Float64Array.from(members, (row, at) => {
    const first = members[start[group[at]!]!]!
    return separationArcsec(sky.ra[first]!, sky.dec[first]!, sky.ra[row]!, sky.dec[row]!)
  })
  const own = [
    { name: 'group', values: group },
    { name: 'star_id', values: starIds(a, members) },
    { name: 'index', values: members },
    { name: 'separation', values: separation, unit: 'arcsec' },
  ]
  const columns = new Map(takeRows(a, members).columns)
  // The identifier is there already.
  columns.delete('star_id')
  const taken = new Set(own.map(({ name }) => name))
  let largest = 0
  for (let g = 0; g < n; g++) largest = Math.max(largest, start[g + 1]! - start[g]!)
  return {
    table: makeTable([...own, ...withoutClash(taken, columns.values(), 'a')], members.length),
    summary: {
      mode: 'duplicates',
      n,
      a: a.n,
      members: members.length,
      largest,
      stars: a.n - members.length + n,
      without_position: groups.withoutPosition,
      radius_arcsec: radius,
    },
  }
}
