import { joinIds, separationArcsec } from '@astrolabel/crossmatch'
import type { MatchResult } from '@astrolabel/crossmatch'
import type { Table } from '@astrolabel/spectra'
import { columnNumbers, findColumn } from '@astrolabel/spectra'
import { sharedKeys } from '@astrolabel/surveys'
import type { SharedKey } from '@astrolabel/surveys'
import type { CatalogMatch, MatchOptions } from './match-catalog.js'
import { matchCatalog, matchTable, summarise } from './match-catalog.js'

/**
 * Match stars with a catalogue: by an identifier that means the same in both (plate, MJD and fibre; SPECOBJID, TARGETID,
 * APOGEE_ID, …) under which at least one star is found, else by position on the sky.
 *
 * An identifier is exact, and its stars need no position; of catalogue rows with the same one the first counts, and
 * `candidates` tells how many there are.
 *
 * @param a Stars: `star_id`, `ra`, `dec` (degrees, ICRS), identifiers. @param b A catalogue.
 * @throws as {@link matchCatalog}, when no identifier serves.
 */
export function matchStars(a: Table, b: Table, options: MatchOptions = {}): CatalogMatch {
  const key = sharedKeys(a, b).find(({ common }) => common > 0)
  if (key === undefined) return matchCatalog(a, b, options)
  const match = matchOf(a, b, key)
  const summary = summarise(a, b, match, options.radius ?? 3, options.oneToOne ?? true)
  return { table: matchTable(a, b, match), summary: { ...summary, by: key.name } }
}

function matchOf(a: Table, b: Table, { a: left, b: right }: SharedKey): MatchResult {
  const { n, indexA, indexB, withoutId } = joinIds(left.values, right.values)
  const rowsOf = new Map<string, number>()
  for (const value of right.values) rowsOf.set(value, (rowsOf.get(value) ?? 0) + 1)
  const candidates = Int32Array.from(indexA, (row) => rowsOf.get(left.values[row]!)!)
  const nearestOfA = new Int32Array(a.n).fill(-1)
  indexA.forEach((row, i) => (nearestOfA[row] = indexB[i]!))
  return {
    n,
    indexA,
    indexB,
    separationArcsec: separations(a, b, indexA, indexB),
    ambiguous: { a: indexA.filter((_, i) => candidates[i]! > 1), candidates },
    nearestOfA,
    withoutPosition: withoutId,
  }
}

/** How far the stars are from what they were matched with, arcsec; NaN where a position is not known. */
function separations(a: Table, b: Table, indexA: Int32Array, indexB: Int32Array): Float64Array {
  const place = (table: Table, ...names: readonly string[]): Float64Array => {
    const column = findColumn(table, ...names)
    return column === undefined ? new Float64Array(table.n).fill(Number.NaN) : columnNumbers(column)
  }
  const sky = [a, b].map((table) => ({ ra: place(table, 'ra', 'TARGET_RA'), dec: place(table, 'dec', 'TARGET_DEC') }))
  const [left, right] = sky as [(typeof sky)[number], (typeof sky)[number]]
  return Float64Array.from(indexA, (rowA, i) => {
    const rowB = indexB[i]!
    const known = [left.ra[rowA]!, left.dec[rowA]!, right.ra[rowB]!, right.dec[rowB]!]
    return known.every(Number.isFinite) ? separationArcsec(known[0]!, known[1]!, known[2]!, known[3]!) : Number.NaN
  })
}
