import { CrossmatchError } from '../crossmatch-error.js'
import { cosSmall, sinSmall } from './sin-cos.js'
import type { SpaceMotion } from './space-motion.js'

/** Positions of one catalogue. Both arrays have one value a star. */
export interface SkyPositions {
  /** Right ascension, degrees, ICRS; any turn of the circle is accepted (-10, 350 and 710 are the same). */
  readonly ra: Float64Array
  /** Declination, degrees, ICRS, in [-90, 90]. NaN says that the star has no position. */
  readonly dec: Float64Array
  /** How the stars move. With it a match needs the `epoch` that the positions are carried to. */
  readonly motion?: SpaceMotion
}

/** Unit vectors of the stars that have a position. */
export interface UnitVectors {
  /** How many stars have a position. */
  readonly count: number
  /** (count x 3), row-major: x towards ra 0, y towards ra 90, z towards the north pole. */
  readonly xyz: Float64Array
  /** (count) row of each vector in the catalogue. */
  readonly row: Int32Array
}

const RADIANS = Math.PI / 180

/**
 * Unit vectors of a catalogue, without the stars whose ra or dec is not a number.
 *
 * @param catalogue name for messages
 * @throws CrossmatchError when the arrays differ in length or a declination lies outside [-90, 90]
 */
export function unitVectors(positions: SkyPositions, catalogue: string): UnitVectors {
  const rows = new Int32Array(countPlaced(positions, catalogue))
  let count = 0
  for (let i = 0; i < positions.ra.length; i++) if (isPlaced(positions.ra[i]!, positions.dec[i]!)) rows[count++] = i
  return vectorsOfRows(positions, rows)
}

/** Unit vectors of some rows, all of which have a position. The list of rows becomes part of the answer. */
export function vectorsOfRows({ ra, dec }: SkyPositions, row: Int32Array): UnitVectors {
  const count = row.length
  const xyz = new Float64Array(3 * count)
  for (let star = 0; star < count; star++) directionOf(ra[row[star]!]!, dec[row[star]!]!, xyz, 3 * star)
  return { count, xyz, row }
}

/**
 * Number of stars that have a position.
 *
 * @param catalogue name for messages
 * @throws CrossmatchError when the arrays differ in length or a declination lies outside [-90, 90]
 */
export function countPlaced({ ra, dec }: SkyPositions, catalogue: string): number {
  const n = ra.length
  if (dec.length !== n) {
    throw new CrossmatchError('shape-mismatch', `Catalogue ${catalogue} needs one ra and one dec for each star`, {
      got: `${n} ra and ${dec.length} dec`,
    })
  }
  let count = 0
  for (let i = 0; i < n; i++) {
    if (dec[i]! < -90 || dec[i]! > 90) throw declinationError(catalogue, i, dec[i]!)
    if (isPlaced(ra[i]!, dec[i]!)) count++
  }
  return count
}

/** Whether ra and dec are numbers, and ra finite. */
export function isPlaced(ra: number, dec: number): boolean {
  return ra - ra === 0 && dec === dec
}

/**
 * Unit vector of a position, written to `xyz` from place `at` on.
 *
 * Angles are reduced to 45 degrees of an axis before any sine is taken, and that reduction is exact in floating point: the pole
 * is (0, 0, 1) whatever its ra, ra 370 is ra 10 to the last bit, and near the pole x and y keep full relative precision.
 */
export function directionOf(ra: number, dec: number, xyz: Float64Array, at: number): void {
  const lon = lessTurns(ra)
  const quadrant = Math.round(lon / 90)
  const east = (lon - 90 * quadrant) * RADIANS
  const cosEast = cosSmall(east)
  const sinEast = sinSmall(east)

  const height = Math.abs(dec)
  const nearPole = height > 45
  const angle = (nearPole ? 90 - height : height) * RADIANS
  const sine = sinSmall(angle)
  const cosine = cosSmall(angle)
  const rho = nearPole ? sine : cosine
  const z = nearPole ? cosine : sine

  const turn = quadrant & 3
  xyz[at] = rho * (turn === 0 ? cosEast : turn === 1 ? -sinEast : turn === 2 ? -cosEast : sinEast)
  xyz[at + 1] = rho * (turn === 0 ? sinEast : turn === 1 ? cosEast : turn === 2 ? -sinEast : -cosEast)
  xyz[at + 2] = dec < 0 ? -z : z
}

/** A right ascension less whole turns, exact, in (-360, 360). */
export function lessTurns(ra: number): number {
  // The remainder is slow, and most catalogues need none.
  return ra >= 0 && ra < 360 ? ra : ra % 360
}

function declinationError(catalogue: string, i: number, dec: number): CrossmatchError {
  return new CrossmatchError(
    'dec-out-of-range',
    `Declination of row ${i} of catalogue ${catalogue} is not on the sky`,
    {
      got: `${dec} deg`,
      expected: 'a value in [-90, 90] deg',
      remedy: 'Give degrees, and NaN where a star has no position.',
    },
  )
}
