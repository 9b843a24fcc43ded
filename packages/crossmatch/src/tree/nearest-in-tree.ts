import { eachStar } from '../each-star.js'
import type { NearestOfEach } from '../nearest-of-each.js'
import { NearestSearch } from './nearest-search.js'
import type { PointTree } from './point-tree.js'
import type { SearchOptions } from '../search-options.js'
import type { UnitVectors } from '../sky/sky-positions.js'

/**
 * Searches the tree for the nearest star of each star of a list. Claims are not counted.
 *
 * @param order indices of stars: those to search for, neighbours one after another
 * @param limits (rows of a) largest squared chord
 * @param out where the answers are written
 */
export function nearestInTree(
  stars: UnitVectors,
  order: Int32Array,
  tree: PointTree,
  limits: Float64Array,
  { partnerOf, chord2Of, candidatesOf }: NearestOfEach,
  options: SearchOptions,
): void {
  const search = new NearestSearch(tree)
  eachStar(stars, order, options, (row, x, y, z) => {
    const hit = search.run(x, y, z, limits[row]!)
    partnerOf[row] = hit.slot < 0 ? -1 : tree.row[hit.slot]!
    chord2Of[row] = hit.chord2
    candidatesOf[row] = hit.candidates
  })
}
