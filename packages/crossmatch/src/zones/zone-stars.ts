import { zoneOf, type SkyZones } from './sky-zones.js'
import { sortKeys } from './sort-keys.js'
import type { PlacedStars, ZoneBand } from './zone-bands.js'

/** Stars of a band in the order of their keys, less the band's first key. */
export interface ZoneStars extends PlacedStars {
  readonly count: number
  /** (count + 1) keys, never decreasing, then one that is larger than all. */
  readonly key: Uint32Array
}

/**
 * Sorts stars of a band by zone and right ascension. O(n).
 *
 * @param reach 0: each star once, in its own zone; the radius: in each zone of the band nearer than that, and on both sides of the seam
 */
export function sortIntoZones(
  { row, lon, dec }: PlacedStars,
  reach: number,
  zones: SkyZones,
  { firstZone, endZone }: ZoneBand,
): ZoneStars {
  const { bins, firstKey, perDegree } = zones
  // Farther than this from the edges of its zone, as a part of its height, a star is in no other.
  const edge = reach === 0 ? -1 : reach * perDegree + 1e-6
  const base = firstKey[firstZone]!
  // Pages that are never written cost nothing.
  const room = reach > 0 ? 4 * row.length : row.length
  const key = new Uint32Array(room)
  const star = new Int32Array(room)
  let count = 0
  for (let i = 0; i < row.length; i++) {
    const turn = (lon[i]! < 0 ? lon[i]! + 360 : lon[i]!) / 360
    let zone = zoneOf(zones, dec[i]!)
    let last = zone
    const inZone = (dec[i]! + 90) * perDegree - zone
    if (inZone < edge || inZone > 1 - edge) {
      zone = Math.max(firstZone, zoneOf(zones, dec[i]! - reach))
      last = Math.min(endZone - 1, zoneOf(zones, dec[i]! + reach))
    }
    // A star from beyond the band comes in by its edge, one zone at most.
    for (; zone <= last; zone++) {
      const n = bins[zone]!
      const bin = (turn * n) | 0
      const first = firstKey[zone]! - base
      key[count] = first + (bin < n ? bin : n - 1) + 1
      star[count++] = i
      if (reach === 0 || n === 1 || (bin > 0 && bin < n - 1)) continue
      key[count] = bin === 0 ? first + n + 1 : first
      star[count++] = i
    }
  }
  const sorted = sortKeys({ key: key.subarray(0, count), value: star.subarray(0, count) })
  const sortedKey = new Uint32Array(count + 1)
  sortedKey.set(sorted.key)
  sortedKey[count] = 2 ** 32 - 1
  const order = sorted.value
  const rows = new Int32Array(count)
  const lons = new Float64Array(count)
  const decs = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const from = order[i]!
    rows[i] = row[from]!
    lons[i] = lon[from]!
    decs[i] = dec[from]!
  }
  return { count, key: sortedKey, row: rows, lon: lons, dec: decs }
}
