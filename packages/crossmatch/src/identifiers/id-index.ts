import { LARGE, MISSING, type IdWords } from './id-words.js'

/** Finds the first row that has an identifier. */
export interface IdIndex<Column> {
  /** First row with the identifier of each row of the indexed column, -1 where it is missing. */
  readonly firstOf: Int32Array
  /** First row with the identifier that `column` has in row `i`, -1 when there is none or it is missing there. */
  readonly find: (column: Column, i: number) => number
}

/** A column of names; null, undefined and the empty string say that a row has none. */
export type StringIds = readonly (string | null | undefined)[]

/** An index over names, compared code unit by code unit. O(n) to build, O(1) a look-up. */
export function indexStrings(ids: StringIds): IdIndex<StringIds> {
  const firstRow = new Map<string, number>()
  const firstOf = new Int32Array(ids.length)
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]
    const first = id ? (firstRow.get(id) ?? i) : -1
    if (id && first === i) firstRow.set(id, i)
    firstOf[i] = first
  }
  return {
    firstOf,
    find: (column: StringIds, i: number): number => firstRow.get(column[i] ?? '') ?? -1,
  }
}

/** An index over 64-bit numbers: an open hash table, at most half full. O(n) to build, O(1) a look-up, 12 to 20 bytes a row. */
export function indexWords(ids: IdWords): IdIndex<IdWords> {
  const n = ids.kind.length
  let buckets = 2
  while (buckets < 2 * n) buckets *= 2
  // Row + 1, 0 for an empty bucket.
  const table = new Int32Array(buckets)
  /** The bucket of an identifier, or the empty one where it would go. */
  const bucketOf = ({ words, kind }: IdWords, i: number): number => {
    const low = words[2 * i]!
    const high = words[2 * i + 1]!
    let bucket = mix(low, high) & (buckets - 1)
    for (;;) {
      const row = table[bucket]! - 1
      const same =
        row >= 0 &&
        ids.words[2 * row] === low &&
        ids.words[2 * row + 1] === high &&
        (ids.kind[row]! & LARGE) === (kind[i]! & LARGE)
      if (row < 0 || same) return bucket
      bucket = (bucket + 1) & (buckets - 1)
    }
  }
  const firstOf = new Int32Array(n).fill(-1)
  for (let i = 0; i < n; i++) {
    if (ids.kind[i] === MISSING) continue
    const bucket = bucketOf(ids, i)
    if (table[bucket] === 0) table[bucket] = i + 1
    firstOf[i] = table[bucket]! - 1
  }
  return {
    firstOf,
    find: (column: IdWords, i: number): number => (column.kind[i] === MISSING ? -1 : table[bucketOf(column, i)]! - 1),
  }
}

/** Spreads two words over 32 bits (the finaliser of MurmurHash3), since survey identifiers differ in few of theirs. */
function mix(low: number, high: number): number {
  let h = Math.imul(high, 0x9e3779b1) ^ low
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
