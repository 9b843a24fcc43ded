import { claimOneToOne } from './claim-one-to-one.js'
import { chordLimits, radiusOfRow, type MatchRadius } from './match-radius.js'
import { emptyNearest, nearestOfEach, type NearestOfEach } from './nearest-of-each.js'
import { buildPointTree, type PointTree } from './point-tree.js'
import type { SearchOptions } from './search-options.js'
import { vectorSeparation } from './separation.js'
import type { SkyPositions, UnitVectors } from './sky-positions.js'
import { vectorsAtEpoch } from './vectors-at-epoch.js'
import { visitingOrder } from './visiting-order.js'

/** How to match. */
export interface CrossmatchOptions extends SearchOptions {
  /** Largest separation of a match, arcsec, from 0 to 648000 (180 deg), itself included: one number, or one for each row of a. */
  readonly radiusArcsec: MatchRadius
  /** Use every star of b at most once (default false: several stars of a may share a star of b). */
  readonly oneToOne?: boolean
}

/** Which star of a is which star of b. */
export interface MatchResult {
  /** Number of matches. */
  readonly n: number
  /** (n) rows of a, increasing. */
  readonly indexA: Int32Array
  /** (n) rows of b. */
  readonly indexB: Int32Array
  /** (n) separations, arcsec, right to 1e-10 arcsec. */
  readonly separationArcsec: Float64Array
  /** Where the radius alone does not decide. */
  readonly ambiguous: {
    /** Rows of a with more than one star of b inside the radius, increasing. */
    readonly a: Int32Array
    /** (n) stars of b inside the radius of each match, at least 1. */
    readonly candidates: Int32Array
  }
  /** (rows of a) row of b nearest to each star of a, -1 where none is inside the radius; the same with and without oneToOne. */
  readonly nearestOfA: Int32Array
  /** Stars without a position (ra or dec NaN, ra infinite), which match nothing. */
  readonly withoutPosition: { readonly a: number; readonly b: number }
}

/**
 * Matches each star of a with the nearest star of b on the sphere.
 *
 * Positions become unit vectors, b a k-d tree, and separations are compared as squared chords, so neither the poles nor the 0h
 * seam are special. The choice is right to the rounding of a unit vector, 2e-10 arcsec (near 180 degrees, where all chords are
 * alike, to 10 milliarcsec); equal separations go to the lower row of b.
 *
 * With `oneToOne` pairs are taken greedily by increasing separation, see claimOneToOne: a star whose nearest neighbour is taken
 * falls back to its next one inside the radius. The pairs are then the same when a and b change places, unless separations tie
 * or the radius is given by row.
 *
 * O((nA + nB) log nB) for radii with few candidates; memory about 75 bytes a star of a and 45 to 60 a star of b.
 *
 * @param a positions, degrees ICRS
 * @param b positions, degrees ICRS
 * @throws CrossmatchError for arrays of different length, a declination outside [-90, 90], a radius outside [0, 180 deg], or
 *   motions without an epoch
 */
export function crossmatch(a: SkyPositions, b: SkyPositions, options: CrossmatchOptions): MatchResult {
  const limits = chordLimits(options.radiusArcsec, a.ra.length)
  const stars = vectorsAtEpoch(a, 'a', options.epoch)
  const tree = buildPointTree(vectorsAtEpoch(b, 'b', options.epoch))
  const nearest = emptyNearest(a.ra.length)
  nearestOfEach(stars, visitingOrder(stars.xyz, stars.count), tree, limits, nearest, options)
  return gatherMatches(stars, tree, limits, nearest, b.ra.length, options)
}

/**
 * Turns the nearest stars into a list of matches, one to one if asked for.
 *
 * @param nearest taken over: with `oneToOne` it is changed
 * @param nB rows of b, those without a position included
 */
export function gatherMatches(
  stars: UnitVectors,
  tree: PointTree,
  limits: Float64Array,
  { slotOf, chord2Of, candidatesOf }: NearestOfEach,
  nB: number,
  { radiusArcsec, oneToOne = false }: CrossmatchOptions,
): MatchResult {
  const nA = limits.length
  const nearestOfA = slotOf.map((slot) => (slot < 0 ? -1 : tree.row[slot]!))
  if (oneToOne) claimOneToOne(stars, tree, slotOf, chord2Of, limits)

  let n = 0
  let nAmbiguous = 0
  for (let row = 0; row < nA; row++) {
    if (slotOf[row]! >= 0) n++
    if (candidatesOf[row]! > 1) nAmbiguous++
  }
  const indexA = new Int32Array(n)
  const indexB = new Int32Array(n)
  const separationArcsec = new Float64Array(n)
  const candidates = new Int32Array(n)
  const ambiguousA = new Int32Array(nAmbiguous)
  let match = 0
  let ambiguous = 0
  for (let star = 0; star < stars.count; star++) {
    const row = stars.row[star]!
    const slot = slotOf[row]!
    if (candidatesOf[row]! > 1) ambiguousA[ambiguous++] = row
    if (slot < 0) continue
    indexA[match] = row
    indexB[match] = tree.row[slot]!
    // A star on the circle may come out one rounding beyond it.
    separationArcsec[match] = Math.min(
      radiusOfRow(radiusArcsec, row),
      vectorSeparation(stars.xyz, 3 * star, tree.xyz, 3 * slot),
    )
    candidates[match++] = candidatesOf[row]!
  }
  return {
    n,
    indexA,
    indexB,
    separationArcsec,
    ambiguous: { a: ambiguousA, candidates },
    nearestOfA,
    withoutPosition: { a: nA - stars.count, b: nB - tree.count },
  }
}
