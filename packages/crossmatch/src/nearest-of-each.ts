import { eachStar } from './each-star.js'
import { NearestSearch } from './nearest-search.js'
import type { PointTree } from './point-tree.js'
import type { SearchOptions } from './search-options.js'
import type { UnitVectors } from './sky-positions.js'

/** The nearest star of each row of a. Arrays have one value a row. */
export interface NearestOfEach {
  /** Slot in the tree, -1 where no star is inside the limit. */
  readonly slotOf: Int32Array
  /** Squared chord to it. */
  readonly chord2Of: Float64Array
  /** Stars inside the limit. */
  readonly candidatesOf: Int32Array
}

/** Room for an answer about `nA` rows, all of them without a match so far. */
export function emptyNearest(
  nA: number,
  bytes: (size: number) => ArrayBufferLike = (n) => new ArrayBuffer(n),
): NearestOfEach {
  return {
    slotOf: new Int32Array(bytes(4 * nA)).fill(-1),
    chord2Of: new Float64Array(bytes(8 * nA)),
    candidatesOf: new Int32Array(bytes(4 * nA)),
  }
}

/**
 * Searches the tree for the nearest star of each star of a list.
 *
 * @param order indices of stars: those to search for, neighbours one after another
 * @param limits (rows of a) largest squared chord
 * @param out where the answers are written
 */
export function nearestOfEach(
  stars: UnitVectors,
  order: Int32Array,
  tree: PointTree,
  limits: Float64Array,
  out: NearestOfEach,
  options: SearchOptions,
): void {
  const { slotOf, chord2Of, candidatesOf } = out
  const search = new NearestSearch(tree)
  eachStar(stars, order, options, (row, x, y, z) => {
    const hit = search.run(x, y, z, limits[row]!)
    slotOf[row] = hit.slot
    chord2Of[row] = hit.chord2
    candidatesOf[row] = hit.candidates
  })
}
