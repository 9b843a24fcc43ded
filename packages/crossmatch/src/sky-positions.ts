import { CrossmatchError } from './crossmatch-error.js'
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
 * Angles are reduced to 45 degrees of an axis before any sine is taken, and that reduction is exact in floating point: the pole
 * is (0, 0, 1) whatever its ra, ra 370 is ra 10 to the last bit, and near the pole x and y keep full relative precision.
 *
 * @param catalogue name for messages
 * @throws CrossmatchError when the arrays differ in length or a declination lies outside [-90, 90]
 */
export function unitVectors(positions: SkyPositions, catalogue: string): UnitVectors {
  const { ra, dec } = positions
  const n = ra.length
  if (dec.length !== n) {
    throw new CrossmatchError('shape-mismatch', `Catalogue ${catalogue} needs one ra and one dec for each star`, {
      got: `${n} ra and ${dec.length} dec`,
    })
  }
  const xyz = new Float64Array(3 * n)
  const row = new Int32Array(n)
  let count = 0
  for (let i = 0; i < n; i++) {
    const lon = ra[i]! % 360
    const lat = dec[i]!
    if (lat < -90 || lat > 90) throw declinationError(catalogue, i, lat)
    if (Number.isNaN(lon) || Number.isNaN(lat)) continue

    const quadrant = Math.round(lon / 90)
    const east = (lon - 90 * quadrant) * RADIANS
    const cosEast = Math.cos(east)
    const sinEast = Math.sin(east)

    const height = Math.abs(lat)
    const nearPole = height > 45
    const angle = (nearPole ? 90 - height : height) * RADIANS
    const rho = nearPole ? Math.sin(angle) : Math.cos(angle)
    const z = nearPole ? Math.cos(angle) : Math.sin(angle)

    const turn = quadrant & 3
    const cosLon = turn === 0 ? cosEast : turn === 1 ? -sinEast : turn === 2 ? -cosEast : sinEast
    const sinLon = turn === 0 ? sinEast : turn === 1 ? cosEast : turn === 2 ? -sinEast : -cosEast
    const at = 3 * count
    xyz[at] = rho * cosLon
    xyz[at + 1] = rho * sinLon
    xyz[at + 2] = lat < 0 ? -z : z
    row[count++] = i
  }
  return count === n ? { count, xyz, row } : { count, xyz: xyz.slice(0, 3 * count), row: row.slice(0, count) }
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
