import { zoneOf, type SkyZones } from './sky-zones.js'
import { sortKeys, type KeyedValues } from './sort-keys.js'
import type { PlacedStars, ZoneBand } from './zone-bands.js'

/** Stars of a band in the order of their keys, less the band's first key. */
export interface ZoneStars {
  readonly count: number
  /** (count, then one that is larger than all) keys, never decreasing. */
  readonly key: Uint32Array
  /** (count) places of the stars in the band. */
  readonly place: Int32Array
}

/**
 * Where stars of a band are sorted. Bands are done one after another in the same room: memory that the system has to clear first costs as
 * much as sorting in it.
 */
export class SortingRoom {
  #given: KeyedValues = keyedValues(0)
  #room: KeyedValues = keyedValues(0)

  /**
   * Sorts stars of a band by zone and right ascension. O(n).
   *
   * @param reach 0: each star once, in its own zone; the radius: in each zone of the band nearer than that, and on both sides of the seam
   * @returns what holds until the next band is sorted here
   */
  sort(
    { lon, dec }: PlacedStars,
    reach: number,
    zones: SkyZones,
    { firstZone, endZone }: Pick<ZoneBand, 'firstZone' | 'endZone'>,
  ): ZoneStars {
    const { bins, firstKey, perDegree } = zones
    // Farther than this from the edges of its zone, as a part of its height, a star is in no other.
    const edge = reach === 0 ? -1 : reach * perDegree + 1e-6
    const base = firstKey[firstZone]!
    // Pages that are never written cost nothing.
    const most = (reach > 0 ? 4 * lon.length : lon.length) + 1
    if (this.#given.key.length < most) {
      this.#given = keyedValues(most)
      this.#room = keyedValues(most)
    }
    const { key, value: star } = this.#given
    let count = 0
    for (let i = 0; i < lon.length; i++) {
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
    const sorted = sortKeys(this.#given, count, this.#room)
    sorted.key[count] = 2 ** 32 - 1
    return { count, key: sorted.key, place: sorted.value }
  }
}

function keyedValues(size: number): KeyedValues {
  return { key: new Uint32Array(size), value: new Int32Array(size) }
}
