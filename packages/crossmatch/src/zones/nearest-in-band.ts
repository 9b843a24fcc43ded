import type { NearestOfEach } from '../nearest-of-each.js'
import { nearestInTree } from '../tree/nearest-in-tree.js'
import { buildPointTree } from '../tree/point-tree.js'
import { directionOf, type UnitVectors } from '../sky/sky-positions.js'
import { layOutZones, type SkyZones } from './sky-zones.js'
import { sweepBand } from './sweep-band.js'
import { visitingOrder } from '../tree/visiting-order.js'
import type { PlacedStars, ZoneBand } from './zone-bands.js'

/** Radius up to which zones are worth while, a quarter of a degree: wider circles have few stars outside but many zones. */
const WIDEST_CHORD = Math.PI / 720

/** Zones for a match within these squared chords; undefined where the tree alone is better. */
export function zonesFor(limits: Float64Array): SkyZones | undefined {
  let widest = 0
  for (let row = 0; row < limits.length; row++) if (limits[row]! > widest) widest = limits[row]!
  return widest > WIDEST_CHORD ** 2 ? undefined : layOutZones(widest)
}

/**
 * Finds the nearest star of each star of a in a band: by a sweep where the sky is sparse for the radius, by a tree where it is dense.
 * Both give the same answer to the last bit. Bands may be done at the same time.
 *
 * @param limits (rows of a) largest squared chord
 * @param out where the answers are written
 */
export function nearestInBand(zones: SkyZones, band: ZoneBand, limits: Float64Array, out: NearestOfEach): void {
  if (sweepBand(zones, band, limits, out)) return
  const stars = vectorsOf(band.a)
  const tree = buildPointTree(vectorsOf(band.b))
  nearestInTree(stars, visitingOrder(stars.xyz, stars.count), tree, limits, out, {})
  if (out.claimsOf) for (const row of band.b.row) Atomics.add(out.claimsOf, row, 2)
}

function vectorsOf({ row, lon, dec }: PlacedStars): UnitVectors {
  const count = row.length
  const xyz = new Float64Array(3 * count)
  for (let star = 0; star < count; star++) directionOf(lon[star]!, dec[star]!, xyz, 3 * star)
  return { count, xyz, row: row.slice() }
}
