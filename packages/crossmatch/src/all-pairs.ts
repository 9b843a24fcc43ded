import { CrossmatchError } from './crossmatch-error.js'
import { eachStar } from './each-star.js'
import { sortHits } from './tree/hit-order.js'
import { chordLimits, radiusOfRow, type MatchRadius } from './match-radius.js'
import { buildPointTree } from './tree/point-tree.js'
import { RadiusSearch } from './tree/radius-search.js'
import type { SearchOptions } from './search-options.js'
import { vectorSeparation } from './sky/separation.js'
import type { SkyPositions } from './sky/sky-positions.js'
import { vectorsAtEpoch } from './sky/positions-at-epoch.js'
import { visitingOrder } from './tree/visiting-order.js'

/** Which pairs to list. */
export interface AllPairsOptions extends SearchOptions {
  /** Largest separation of a pair, arcsec, from 0 to 648000 (180 deg), itself included: one number, or one for each row of a. */
  readonly radiusArcsec: MatchRadius
  /** Most pairs to list, at most 2147483647 (default 50 million, 1.4 GB at the peak): a guard against a radius in the wrong unit. */
  readonly maxPairs?: number
}

/** All pairs within a radius: by row of a, for each from the nearest to the farthest (equal separations: lower row of b first). */
export interface PairsResult {
  /** Number of pairs. */
  readonly n: number
  /** (n) rows of a, never decreasing. */
  readonly indexA: Int32Array
  /** (n) rows of b. */
  readonly indexB: Int32Array
  /** (n) separations, arcsec, right to 1e-10 arcsec. */
  readonly separationArcsec: Float64Array
  /** Stars without a position (ra or dec NaN, ra infinite), which are in no pair. */
  readonly withoutPosition: { readonly a: number; readonly b: number }
}

const DEFAULT_MAX_PAIRS = 50_000_000
const MOST_PAIRS = 2 ** 31 - 1

/**
 * Lists all pairs of a star of a and a star of b within a radius. The first pair of each star of a is that of crossmatch.
 *
 * O((nA + nB) log nB + pairs log(pairs of a star)); memory about 60 bytes a star and 20 to 28 bytes a pair.
 *
 * @param a positions, degrees ICRS
 * @param b positions, degrees ICRS
 * @throws CrossmatchError as crossmatch does, and `too-many-pairs` as soon as there are more than `maxPairs`
 */
export function allPairs(a: SkyPositions, b: SkyPositions, options: AllPairsOptions): PairsResult {
  const { radiusArcsec, epoch } = options
  const maxPairs = Math.min(options.maxPairs ?? DEFAULT_MAX_PAIRS, MOST_PAIRS)
  const nA = a.ra.length
  const limits = chordLimits(radiusArcsec, nA)
  const stars = vectorsAtEpoch(a, 'a', epoch)
  const tree = buildPointTree(vectorsAtEpoch(b, 'b', epoch))
  const order = visitingOrder(stars.xyz, stars.count)
  const search = new RadiusSearch(tree)
  // The pairs of row i will lie at end[i - 1] to end[i]; until all are counted, end[i] is their number.
  const end = new Int32Array(nA)
  eachStar(stars, order, options, (row, x, y, z) => {
    const before = search.count
    search.run(x, y, z, limits[row]!, maxPairs)
    if (search.count > maxPairs) throw tooMany(maxPairs)
    end[row] = search.count - before
  })
  for (let row = 1; row < nA; row++) end[row]! += end[row - 1]!

  const n = search.count
  const indexA = new Int32Array(n)
  const slots = new Int32Array(n)
  const chord2 = new Float64Array(n)
  let next = 0
  for (const star of order) {
    const row = stars.row[star]!
    const from = row === 0 ? 0 : end[row - 1]!
    const to = end[row]!
    const x = stars.xyz[3 * star]!
    const y = stars.xyz[3 * star + 1]!
    const z = stars.xyz[3 * star + 2]!
    for (let pair = from; pair < to; pair++) {
      const slot = search.slots[next++]!
      const ex = tree.xyz[3 * slot]! - x
      const ey = tree.xyz[3 * slot + 1]! - y
      const ez = tree.xyz[3 * slot + 2]! - z
      indexA[pair] = row
      slots[pair] = slot
      chord2[pair] = ex * ex + ey * ey + ez * ez
    }
    sortHits({ slots, chord2 }, tree.row, from, to)
    // From here on the pair's own: the angle in place of the chord, the row in place of the slot.
    const radius = radiusOfRow(radiusArcsec, row)
    for (let pair = from; pair < to; pair++) {
      const slot = slots[pair]!
      chord2[pair] = Math.min(radius, vectorSeparation(stars.xyz, 3 * star, tree.xyz, 3 * slot))
      slots[pair] = tree.row[slot]!
    }
  }
  return {
    n,
    indexA,
    indexB: slots,
    separationArcsec: chord2,
    withoutPosition: { a: nA - stars.count, b: b.ra.length - tree.count },
  }
}

function tooMany(maxPairs: number): CrossmatchError {
  return new CrossmatchError('too-many-pairs', 'More pairs lie within the radius than are to be listed', {
    got: `over ${maxPairs}`,
    remedy: 'Check that the radius is in arcsec, match piece by piece, or raise `maxPairs` if there is memory for it.',
  })
}
