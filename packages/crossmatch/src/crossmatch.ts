import { claimOneToOne } from './claim-one-to-one.js'
import { poseMatch, type MatchProblem } from './match-problem.js'
import { radiusOfRow, type MatchRadius } from './match-radius.js'
import { nearestInBand, zonesFor } from './zones/nearest-in-band.js'
import { nearestInTree } from './tree/nearest-in-tree.js'
import { emptyNearest, type NearestOfEach } from './nearest-of-each.js'
import { buildPointTree } from './tree/point-tree.js'
import type { SearchOptions } from './search-options.js'
import { SMALL_CHORD2, smallSeparation, vectorSeparation } from './sky/separation.js'
import { directionOf, unitVectors, type SkyPositions } from './sky/sky-positions.js'
import { visitingOrder } from './tree/visiting-order.js'
import { cutIntoBands } from './zones/zone-bands.js'

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
 * Within a quarter of a degree both catalogues are sorted into zones and swept together; beyond, and where stars crowd, a k-d tree
 * of b is searched. Separations are compared as squared chords, so neither the poles nor the 0h seam are special. The choice is
 * right to the rounding of a unit vector, 2e-10 arcsec (near 180 degrees, where all chords are alike, to 10 milliarcsec); equal
 * separations go to the lower row of b.
 *
 * With `oneToOne` pairs are taken greedily by increasing separation, see claimOneToOne: a star whose nearest neighbour is taken
 * falls back to its next one inside the radius. The pairs are then the same when a and b change places, unless separations tie
 * or the radius is given by row.
 *
 * O(nA + nB) where few stars are near one another, else O((nA + nB) log nB); memory about 60 bytes a star.
 *
 * @param a positions, degrees ICRS
 * @param b positions, degrees ICRS
 * @throws CrossmatchError for arrays of different length, a declination outside [-90, 90], a radius outside [0, 180 deg], or
 *   motions without an epoch
 */
export function crossmatch(a: SkyPositions, b: SkyPositions, options: CrossmatchOptions): MatchResult {
  const problem = poseMatch(a, b, options)
  const nearest = emptyNearest(a.ra.length, b.ra.length, options.oneToOne ?? false)
  const zones = zonesFor(problem.limits)
  if (zones === undefined) {
    const stars = unitVectors(problem.a, 'a')
    const tree = buildPointTree(unitVectors(problem.b, 'b'))
    nearest.claimsOf?.fill(2)
    nearestInTree(stars, visitingOrder(stars.xyz, stars.count), tree, problem.limits, nearest, options)
  } else {
    const { signal, onProgress } = options
    let done = 0
    for (const band of cutIntoBands(problem.a, problem.b, zones)) {
      signal?.throwIfAborted()
      nearestInBand(zones, band, problem.limits, nearest)
      done += band.a.row.length
      onProgress?.(done, problem.placed.a)
    }
    signal?.throwIfAborted()
  }
  return gatherMatches(problem, nearest)
}

/**
 * Turns the nearest stars into a list of matches, one to one if claims were counted.
 *
 * @param nearest taken over: where it is to be one to one it is changed
 */
export function gatherMatches(problem: MatchProblem, nearest: NearestOfEach): MatchResult {
  const { a, b, placed, radiusArcsec, limits } = problem
  const { partnerOf, chord2Of, candidatesOf } = nearest
  const nA = limits.length
  const nearestOfA = partnerOf.slice()
  if (nearest.claimsOf) claimOneToOne(problem, nearest)

  let n = 0
  let nAmbiguous = 0
  for (let row = 0; row < nA; row++) {
    if (partnerOf[row]! >= 0) n++
    if (candidatesOf[row]! > 1) nAmbiguous++
  }
  const indexA = new Int32Array(n)
  const indexB = new Int32Array(n)
  const separationArcsec = new Float64Array(n)
  const candidates = new Int32Array(n)
  const ambiguousA = new Int32Array(nAmbiguous)
  const pair = new Float64Array(6)
  let match = 0
  let ambiguous = 0
  for (let row = 0; row < nA; row++) {
    const partner = partnerOf[row]!
    if (candidatesOf[row]! > 1) ambiguousA[ambiguous++] = row
    if (partner < 0) continue
    indexA[match] = row
    indexB[match] = partner
    const chord2 = chord2Of[row]!
    let separation: number
    if (chord2 < SMALL_CHORD2) separation = smallSeparation(chord2)
    else {
      directionOf(a.ra[row]!, a.dec[row]!, pair, 0)
      directionOf(b.ra[partner]!, b.dec[partner]!, pair, 3)
      separation = vectorSeparation(pair, 0, pair, 3)
    }
    // A star on the circle may come out one rounding beyond it.
    separationArcsec[match] = Math.min(radiusOfRow(radiusArcsec, row), separation)
    candidates[match++] = candidatesOf[row]!
  }
  return {
    n,
    indexA,
    indexB,
    separationArcsec,
    ambiguous: { a: ambiguousA, candidates },
    nearestOfA,
    withoutPosition: { a: nA - placed.a, b: b.ra.length - placed.b },
  }
}
