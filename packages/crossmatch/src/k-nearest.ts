import { CrossmatchError } from './crossmatch-error.js'
import { eachStar } from './each-star.js'
import { sortHits } from './tree/hit-order.js'
import { KNearestSearch } from './tree/k-nearest-search.js'
import { chordLimits, radiusOfRow, type MatchRadius } from './match-radius.js'
import { buildPointTree } from './tree/point-tree.js'
import type { SearchOptions } from './search-options.js'
import { vectorSeparation } from './sky/separation.js'
import type { SkyPositions } from './sky/sky-positions.js'
import { vectorsAtEpoch } from './sky/positions-at-epoch.js'
import { visitingOrder } from './tree/visiting-order.js'

/** How many neighbours to look for, and how far. */
export interface KNearestOptions extends SearchOptions {
  /** Neighbours wanted for each star of a, at least 1. */
  readonly k: number
  /** Largest separation, arcsec, itself included: one number, or one for each row of a (default 648000, the whole sky). */
  readonly radiusArcsec?: MatchRadius
}

/** The nearest stars of each star of a. */
export interface KNearestResult {
  /** Neighbours asked for, the width of a row of `index` and `separationArcsec`. */
  readonly k: number
  /** (rows of a) how many there are, k unless the radius or b holds fewer. */
  readonly count: Int32Array
  /** (rows of a x k), row-major: rows of b, nearest first (equal separations: lower row first), -1 beyond `count`. */
  readonly index: Int32Array
  /** (rows of a x k), row-major: separations, arcsec, right to 1e-10 arcsec, NaN beyond `count`. */
  readonly separationArcsec: Float64Array
  /** Stars without a position (ra or dec NaN, ra infinite), which have no neighbour and are none. */
  readonly withoutPosition: { readonly a: number; readonly b: number }
}

/**
 * Finds the k nearest stars of b for each star of a. Column 0 is the match of crossmatch; with a as b, too, column 0 is the star
 * itself or one in the same place.
 *
 * O((nA + nB) log nB + nA k log k); memory about 60 bytes a star and 12 k bytes a star of a.
 *
 * @param a positions, degrees ICRS
 * @param b positions, degrees ICRS
 * @throws CrossmatchError as crossmatch does, and when k is not a number of neighbours
 */
export function kNearest(a: SkyPositions, b: SkyPositions, options: KNearestOptions): KNearestResult {
  const { k, radiusArcsec = 648_000, epoch } = options
  const nA = a.ra.length
  if (!(Number.isInteger(k) && k >= 1 && nA * k < 2 ** 31)) {
    throw new CrossmatchError('k-out-of-range', 'That is not a number of neighbours', {
      got: `k = ${k} for ${nA} stars`,
      expected: 'a whole number from 1 on, with fewer than 2147483648 neighbours in all',
    })
  }
  const limits = chordLimits(radiusArcsec, nA)
  const stars = vectorsAtEpoch(a, 'a', epoch)
  const tree = buildPointTree(vectorsAtEpoch(b, 'b', epoch))
  const slots = new Int32Array(nA * k).fill(-1)
  const chord2 = new Float64Array(nA * k).fill(NaN)
  const hits = { slots, chord2 }
  const count = new Int32Array(nA)
  const search = new KNearestSearch(tree, k)
  eachStar(stars, visitingOrder(stars.xyz, stars.count), options, (row, x, y, z) => {
    const found = search.run(x, y, z, limits[row]!, hits, row * k)
    sortHits(hits, tree.row, row * k, row * k + found)
    count[row] = found
  })
  for (let star = 0; star < stars.count; star++) {
    const row = stars.row[star]!
    const radius = radiusOfRow(radiusArcsec, row)
    // From here on the neighbour's own: the angle in place of the chord, the row in place of the slot.
    for (let at = row * k; at < row * k + count[row]!; at++) {
      const slot = slots[at]!
      chord2[at] = Math.min(radius, vectorSeparation(stars.xyz, 3 * star, tree.xyz, 3 * slot))
      slots[at] = tree.row[slot]!
    }
  }
  return {
    k,
    count,
    index: slots,
    separationArcsec: chord2,
    withoutPosition: { a: nA - stars.count, b: b.ra.length - tree.count },
  }
}
