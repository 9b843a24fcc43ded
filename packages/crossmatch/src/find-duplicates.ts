import { connectNeighbours } from './tree/connect-neighbours.js'
import { buildPointTree } from './tree/point-tree.js'
import type { SearchOptions } from './search-options.js'
import { chordLimit } from './sky/separation.js'
import type { SkyPositions } from './sky/sky-positions.js'
import { vectorsAtEpoch } from './sky/positions-at-epoch.js'

/** What counts as the same star. */
export interface FindDuplicatesOptions extends SearchOptions {
  /** Largest separation of two rows of one star, arcsec, from 0 to 648000 (180 deg), itself included. */
  readonly radiusArcsec: number
}

/** Rows of a catalogue that are the same star. */
export interface DuplicateGroups {
  /** Number of groups; stars that are alone make none. */
  readonly n: number
  /** (n + 1) group g has the members `start[g]` to `start[g + 1]`, two or more. */
  readonly start: Int32Array
  /** Rows of all groups, increasing within a group; groups are in the order of their first rows. */
  readonly members: Int32Array
  /** (rows) group of each row, -1 for a star that is alone or has no position. */
  readonly groupOf: Int32Array
  /** Rows without a position (ra or dec NaN, ra infinite). */
  readonly withoutPosition: number
}

/**
 * Groups the rows of a catalogue that lie within a radius of one another: the connected components of all pairs within it, so a
 * chain of stars makes one group even where its ends are farther apart than the radius.
 *
 * The pairs are never listed, see connectNeighbours: O(n log n), whether the radius holds few neighbours or all of them; about 70
 * bytes a star. Progress counts stars whose own box of the tree is done.
 *
 * @param positions degrees ICRS
 * @throws CrossmatchError for arrays of different length, a declination outside [-90, 90], a radius outside [0, 180 deg], or
 *   motions without an epoch
 */
export function findDuplicates(positions: SkyPositions, options: FindDuplicatesOptions): DuplicateGroups {
  const limit = chordLimit(options.radiusArcsec)
  const tree = buildPointTree(vectorsAtEpoch(positions, 'to search for duplicates', options.epoch))
  const sets = connectNeighbours(tree, limit, options)

  const { count, row } = tree
  const n = positions.ra.length
  const slotOf = new Int32Array(n).fill(-1)
  const size = new Int32Array(count)
  for (let slot = 0; slot < count; slot++) {
    slotOf[row[slot]!] = slot
    size[sets.find(slot)]!++
  }
  const groupOf = new Int32Array(n).fill(-1)
  const groupOfSet = new Int32Array(count).fill(-1)
  const start = [0]
  for (let i = 0; i < n; i++) {
    if (slotOf[i]! < 0) continue
    const set = sets.find(slotOf[i]!)
    if (size[set]! < 2) continue
    if (groupOfSet[set]! < 0) {
      groupOfSet[set] = start.length - 1
      start.push(start.at(-1)! + size[set]!)
    }
    groupOf[i] = groupOfSet[set]!
  }
  const next = Int32Array.from(start)
  const members = new Int32Array(start.at(-1)!)
  for (let i = 0; i < n; i++) if (groupOf[i]! >= 0) members[next[groupOf[i]!]!++] = i
  return { n: start.length - 1, start: Int32Array.from(start), members, groupOf, withoutPosition: n - count }
}
