import type { IdColumn } from '@astrolabel/crossmatch'
import { joinIds, separationArcsec } from '@astrolabel/crossmatch'
import type { Column, Table } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, findColumn } from '@astrolabel/spectra'
import type { Pairs } from './find-pairs.js'
import { DEC_NAMES, RA_NAMES } from './sky-columns.js'

/**
 * Rows of two tables that have the same identifier; of rows of the second with the same one the first counts, and `candidates` tells
 * how many there are.
 *
 * @param by How messages call the identifier.
 * @throws CrossmatchError when one column holds names and the other numbers.
 */
export function pairsByIds(a: Table, b: Table, idsA: IdColumn, idsB: IdColumn, by: string): Pairs {
  const { indexA, indexB, withoutId } = joinIds(idsA, idsB)
  const times = new Int32Array(b.n)
  for (const first of joinIds(idsB, idsB).indexB) times[first]!++
  const candidates = indexB.map((row) => times[row]!)
  return {
    by,
    indexA,
    indexB,
    separation: separations(a, b, indexA, indexB),
    columns: [{ name: 'candidates', values: candidates }],
    ambiguous: candidates.filter((count) => count > 1).length,
    left: withoutId,
  }
}

/** How far the rows of each pair are apart, arcsec; NaN where a position is not known. */
function separations(a: Table, b: Table, indexA: Int32Array, indexB: Int32Array): Float64Array {
  const place = (table: Table, names: readonly string[]): Float64Array => {
    const column = findColumn(table, ...names)
    return column === undefined ? new Float64Array(table.n).fill(Number.NaN) : columnNumbers(column)
  }
  const sky = { raA: place(a, RA_NAMES), decA: place(a, DEC_NAMES), raB: place(b, RA_NAMES), decB: place(b, DEC_NAMES) }
  return Float64Array.from(indexA, (rowA, i) => {
    const rowB = indexB[i]!
    const known = [sky.raA[rowA]!, sky.decA[rowA]!, sky.raB[rowB]!, sky.decB[rowB]!]
    return known.every(Number.isFinite) ? separationArcsec(known[0]!, known[1]!, known[2]!, known[3]!) : Number.NaN
  })
}

/** Identifiers of a column, exact. @throws `crossmatch/id` for vectors and for floats that are not whole or not exact. */
export function idsOf(column: Column): IdColumn {
  const { name, values, valid, width = 1 } = column
  if (width !== 1) throw new AstrolabelError('crossmatch/id', `Column ${name} holds vectors, which are no identifiers`)
  const has = (i: number): boolean => valid === undefined || valid[i] !== 0
  if (Array.isArray(values)) return (values as readonly string[]).map((id, i) => (has(i) ? id.trim() : ''))
  if (valid === undefined && (values instanceof BigInt64Array || values instanceof BigUint64Array)) return values
  return Array.from(values as ArrayLike<number | bigint>, (id, i) => {
    if (!has(i) || Number.isNaN(id)) return null
    if (typeof id === 'number' && !Number.isSafeInteger(id)) {
      throw new AstrolabelError('crossmatch/id', `Column ${name} is not exact enough to identify stars, row ${i}`, {
        got: id,
        expected: 'whole numbers below 2^53, 64-bit integers or text',
        remedy: 'Read or write the identifiers as text or as 64-bit integers',
      })
    }
    return BigInt(id)
  })
}
