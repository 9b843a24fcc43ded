import { CrossmatchError } from '../crossmatch-error.js'

/** A column of whole numbers. */
export type IntegerIds =
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | readonly (bigint | null | undefined)[]

/** Whole numbers from -2^63 to 2^64 - 1, each as two words of its two's complement, so that no number is boxed in a hot loop. */
export interface IdWords {
  /** (2 n) low and high word, in the same order for all columns. */
  readonly words: Int32Array
  /** (n) 1 for a number of 2^63 or more, whose words are also those of a negative one; 2 where there is no number. */
  readonly kind: Uint8Array
}

/** Numbers of 2^63 and more. */
export const LARGE = 1
/** No identifier. */
export const MISSING = 2

/**
 * Words of a column of identifiers, exact for all 64 bits.
 *
 * @param table name for messages
 * @throws CrossmatchError for a bigint that does not fit 64 bits
 */
export function idWords(ids: IntegerIds, table: string): IdWords {
  const n = ids.length
  const wide = new BigInt64Array(n)
  const words = new Int32Array(wide.buffer)
  const kind = new Uint8Array(n)
  if (ids instanceof BigInt64Array) {
    wide.set(ids)
  } else if (ids instanceof BigUint64Array) {
    wide.set(new BigInt64Array(ids.buffer, ids.byteOffset, n))
    for (let i = 0; i < n; i++) if (wide[i]! < 0n) kind[i] = LARGE
  } else if (ids instanceof Int32Array || ids instanceof Uint32Array) {
    for (let i = 0; i < n; i++) wide[i] = BigInt(ids[i]!)
  } else {
    for (let i = 0; i < n; i++) {
      const id = ids[i]
      if (id === null || id === undefined) {
        kind[i] = MISSING
        continue
      }
      if (id < -(2n ** 63n) || id >= 2n ** 64n) {
        throw new CrossmatchError('id-out-of-range', `Identifier of row ${i} of table ${table} has more than 64 bits`, {
          got: `${id}`,
          remedy: 'Give identifiers that long as strings, in both tables.',
        })
      }
      wide[i] = id
      if (id >= 2n ** 63n) kind[i] = LARGE
    }
  }
  return { words, kind }
}
