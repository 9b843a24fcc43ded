import { CrossmatchError } from '../crossmatch-error.js'
import { unitVectors } from './sky-positions.js'

/** Arcseconds in half a turn, the largest separation there is. */
const HALF_TURN_ARCSEC = 648_000

const ARCSEC = HALF_TURN_ARCSEC / Math.PI

/**
 * Rounding of a chord between two unit vectors in double precision (2e-10 arcsec). Widening the radius by it keeps a star that
 * lies exactly on the circle, or the same star written as ra 10.1 and ra 370.1, inside.
 */
const CHORD_ROUNDING = 1e-15

/** Squared chord below which the angle is a short series of it, 34 arcmin. */
export const SMALL_CHORD2: number = 1e-4

/**
 * Largest squared chord that counts as inside the radius, so that the search itself needs no trigonometry.
 *
 * @param radiusArcsec in [0, 648000]
 * @param whose continues "The match radius" in the message
 * @throws CrossmatchError for any other radius
 */
export function chordLimit(radiusArcsec: number, whose = ''): number {
  if (!(radiusArcsec >= 0 && radiusArcsec <= HALF_TURN_ARCSEC)) {
    throw new CrossmatchError('radius-out-of-range', `The match radius${whose} is not an angle on the sky`, {
      got: `${radiusArcsec} arcsec`,
      expected: 'a number from 0 to 648000 arcsec (180 deg)',
    })
  }
  return (2 * Math.sin(radiusArcsec / ARCSEC / 2) + CHORD_ROUNDING) ** 2
}

/**
 * Angle between two unit vectors, arcsec: 2 atan2(|a - b|, |a + b|) (Kahan). Its error is a few 1e-16 rad at any separation,
 * where the arc cosine loses everything under 3 milliarcsec and the arc sine everything near 180 degrees.
 *
 * @param a xyz of the first catalogue, read at `i`..`i + 2`
 * @param b xyz of the second catalogue, read at `j`..`j + 2`
 */
export function vectorSeparation(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const ax = a[i]!
  const ay = a[i + 1]!
  const az = a[i + 2]!
  const bx = b[j]!
  const by = b[j + 1]!
  const bz = b[j + 2]!
  const chord2 = (ax - bx) ** 2 + (ay - by) ** 2 + (az - bz) ** 2
  if (chord2 < SMALL_CHORD2) return smallSeparation(chord2)
  const along = Math.sqrt((ax + bx) ** 2 + (ay + by) ** 2 + (az + bz) ** 2)
  return 2 * Math.atan2(Math.sqrt(chord2), along) * ARCSEC
}

/** Angle of a squared chord below {@link SMALL_CHORD2}, arcsec: the series of 2 asin(chord / 2), without its terms under 1e-18. */
export function smallSeparation(chord2: number): number {
  return Math.sqrt(chord2) * (1 + chord2 * (1 / 24 + chord2 * (3 / 640 + (chord2 * 5) / 7168))) * ARCSEC
}

/**
 * Angle between two positions given in degrees, arcsec; NaN when one of them is NaN. Right to about 1e-10 arcsec everywhere, the
 * poles, the 0h seam and antipodes included.
 *
 * @throws CrossmatchError when a declination lies outside [-90, 90]
 */
export function separationArcsec(raA: number, decA: number, raB: number, decB: number): number {
  const pair = unitVectors({ ra: Float64Array.of(raA, raB), dec: Float64Array.of(decA, decB) }, 'of the two positions')
  return pair.count === 2 ? vectorSeparation(pair.xyz, 0, pair.xyz, 3) : NaN
}
