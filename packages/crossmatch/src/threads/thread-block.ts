import { nearestInBand } from '../zones/nearest-in-band.js'
import { nearestInTree } from '../tree/nearest-in-tree.js'
import type { NearestOfEach } from '../nearest-of-each.js'
import { splitNode, type PointTree } from '../tree/point-tree.js'
import type { UnitVectors } from '../sky/sky-positions.js'
import type { SkyZones } from '../zones/sky-zones.js'
import type { ZoneBand } from '../zones/zone-bands.js'

/** Part of the work of a match, all arrays on shared memory. Blocks of one kind write to different places. */
export type ThreadBlock =
  | {
      readonly kind: 'band'
      readonly zones: SkyZones
      readonly band: ZoneBand
      readonly limits: Float64Array
      readonly out: NearestOfEach
    }
  | { readonly kind: 'split'; readonly tree: PointTree; readonly node: number }
  | {
      readonly kind: 'search'
      readonly tree: PointTree
      readonly stars: UnitVectors
      /** Indices of the stars of this block. */
      readonly order: Int32Array
      readonly limits: Float64Array
      readonly out: NearestOfEach
    }

/** Does one block of work. */
export function runBlock(block: ThreadBlock): void {
  if (block.kind === 'band') nearestInBand(block.zones, block.band, block.limits, block.out)
  else if (block.kind === 'split') splitNode(block.tree, block.node, 1)
  else nearestInTree(block.stars, block.order, block.tree, block.limits, block.out, {})
}
