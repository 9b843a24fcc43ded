import { CrossmatchError } from './crossmatch-error.js'
import { chordLimit } from './sky/separation.js'

/** Largest separation of a match, arcsec, from 0 to 648000 (180 deg), itself included: one number, or one for each row of a. */
export type MatchRadius = number | Float64Array

/**
 * Largest squared chord of each row of a.
 *
 * @param n rows of a
 * @returns (n)
 * @throws CrossmatchError for a radius that is no angle on the sky, or not one radius a row
 */
export function chordLimits(radius: MatchRadius, n: number): Float64Array {
  if (typeof radius === 'number') return new Float64Array(n).fill(chordLimit(radius))
  if (radius.length !== n) {
    throw new CrossmatchError('shape-mismatch', 'The match needs one radius for each row of catalogue a', {
      got: `${radius.length} radii for ${n} rows`,
    })
  }
  return radius.map((arcsec, row) => chordLimit(arcsec, ` of row ${row}`))
}

/** The radius of a row of a, arcsec. */
export function radiusOfRow(radius: MatchRadius, row: number): number {
  return typeof radius === 'number' ? radius : radius[row]!
}
