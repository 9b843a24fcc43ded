import { CrossmatchError } from '../crossmatch-error.js'
import { indexStrings, indexWords, type IdIndex, type StringIds } from './id-index.js'
import { idWords, type IntegerIds } from './id-words.js'
import { rowsWhere } from '../rows-where.js'

/** A column of identifiers: names, or whole numbers of up to 64 bits (SPECOBJID, TARGETID, source_id). */
export type IdColumn = StringIds | IntegerIds

/** Which row of a is which row of b by identifier. */
export interface JoinResult {
  /** Number of joined rows. */
  readonly n: number
  /** (n) rows of a, increasing. */
  readonly indexA: Int32Array
  /** (n) the first row of b that has the identifier; several rows of a may share it. */
  readonly indexB: Int32Array
  /** Rows of a that have no counterpart, increasing. */
  readonly unmatchedA: Int32Array
  /** Rows of b whose identifier is not in a, increasing. */
  readonly unmatchedB: Int32Array
  /** Rows whose identifier stands in an earlier row of the same table, increasing. Those of b are joined with nothing. */
  readonly duplicates: { readonly a: Int32Array; readonly b: Int32Array }
  /** Rows without an identifier (null, undefined or an empty string); they are among the unmatched, never duplicates. */
  readonly withoutId: { readonly a: number; readonly b: number }
}

/**
 * Joins two tables by identifier, exactly: numbers by all 64 bits whatever arrays they come in, names by every character, case
 * and blanks included. Numbers held as floats are not taken: beyond 2^53 they are other stars' identifiers.
 *
 * O(nA + nB); memory about 45 bytes a row, for names their own besides.
 *
 * @throws CrossmatchError when one column holds names and the other numbers, when a column holds neither, or for a number beyond
 *   64 bits
 */
export function joinIds(a: IdColumn, b: IdColumn): JoinResult {
  const kindA = kindOf(a, 'a')
  const kindB = kindOf(b, 'b')
  if (kindA !== undefined && kindB !== undefined && kindA !== kindB) {
    throw new CrossmatchError('id-kind-mismatch', 'Identifiers of the two tables are of different kinds', {
      got: `${kindA} in a and ${kindB} in b`,
      remedy: 'Turn the names into bigint, or the numbers into strings.',
    })
  }
  // A column without any identifier suits both kinds.
  if ((kindA ?? kindB) === 'strings') {
    const names = { a: a as StringIds, b: b as StringIds }
    return join(names.a, indexStrings(names.a), indexStrings(names.b))
  }
  const words = { a: idWords(a as IntegerIds, 'a'), b: idWords(b as IntegerIds, 'b') }
  return join(words.a, indexWords(words.a), indexWords(words.b))
}

/** What a column holds, undefined when it holds nothing. */
function kindOf(ids: IdColumn, table: string): 'strings' | 'integers' | undefined {
  if (!Array.isArray(ids)) {
    const isInteger = ids instanceof BigInt64Array || ids instanceof BigUint64Array
    if (isInteger || ids instanceof Int32Array || ids instanceof Uint32Array) return 'integers'
    throw wrongKind(ids.constructor.name, table)
  }
  let kind: 'strings' | 'integers' | undefined
  for (let i = 0; i < ids.length; i++) {
    const id: unknown = ids[i]
    if (id === null || id === undefined || id === '') continue
    const own = typeof id === 'string' ? 'strings' : typeof id === 'bigint' ? 'integers' : undefined
    if (own === undefined || (kind !== undefined && own !== kind)) throw wrongKind(`a ${typeof id} in row ${i}`, table)
    kind = own
  }
  return kind
}

function wrongKind(got: string, table: string): CrossmatchError {
  return new CrossmatchError(
    'id-kind-mismatch',
    `Identifiers of table ${table} are not all names or all exact integers`,
    {
      got,
      expected: 'strings, bigint, or an array of 32- or 64-bit integers',
      remedy: 'Read the column as 64-bit integers or as strings: a float does not hold every identifier.',
    },
  )
}

function join<Column>(
  a: Column,
  { firstOf: firstOfA }: IdIndex<Column>,
  { firstOf: firstOfB, find }: IdIndex<Column>,
): JoinResult {
  const nA = firstOfA.length
  const nB = firstOfB.length
  const partner = new Int32Array(nA)
  // By first row of each identifier of b.
  const joined = new Uint8Array(nB)
  for (let i = 0; i < nA; i++) {
    const row = find(a, i)
    partner[i] = row
    if (row >= 0) joined[row] = 1
  }
  const indexA = rowsWhere(nA, (i) => partner[i]! >= 0)
  return {
    n: indexA.length,
    indexA,
    indexB: indexA.map((i) => partner[i]!),
    unmatchedA: rowsWhere(nA, (i) => partner[i]! < 0),
    unmatchedB: rowsWhere(nB, (i) => firstOfB[i]! < 0 || joined[firstOfB[i]!] === 0),
    duplicates: {
      a: rowsWhere(nA, (i) => firstOfA[i]! >= 0 && firstOfA[i] !== i),
      b: rowsWhere(nB, (i) => firstOfB[i]! >= 0 && firstOfB[i] !== i),
    },
    withoutId: {
      a: rowsWhere(nA, (i) => firstOfA[i]! < 0).length,
      b: rowsWhere(nB, (i) => firstOfB[i]! < 0).length,
    },
  }
}
