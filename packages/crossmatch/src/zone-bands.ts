import { isPlaced, lessTurns, type SkyPositions } from './sky-positions.js'
import { zoneOf, type SkyZones } from './sky-zones.js'

/** Stars of both catalogues in a band, about: enough to be worth a turn, few enough to stay in a core's cache. */
const BAND_SIZE = 1 << 16

/** Stars that have a position, in parallel arrays. */
export interface PlacedStars {
  /** Row in the catalogue. */
  readonly row: Int32Array
  /** Degrees in (-360, 360), the ra less whole turns. */
  readonly lon: Float64Array
  readonly dec: Float64Array
}

/** Neighbouring zones, matched together. */
export interface ZoneBand {
  readonly firstZone: number
  readonly endZone: number
  /** Stars of a in these zones, by row. */
  readonly a: PlacedStars
  /** Stars of b in these zones and less than the radius beyond, by row. */
  readonly b: PlacedStars
}

/**
 * Cuts the sky into bands with about as many stars each, and brings together what belongs to each: from there on all memory that is read
 * lies close by. O(nA + nB), 20 bytes a star.
 */
export function cutIntoBands(
  a: SkyPositions,
  b: SkyPositions,
  zones: SkyZones,
  bytes: (size: number) => ArrayBufferLike = (size) => new ArrayBuffer(size),
): ZoneBand[] {
  const stars = new Int32Array(zones.count)
  for (const { ra, dec } of [a, b]) {
    for (let i = 0; i < ra.length; i++) if (isPlaced(ra[i]!, dec[i]!)) stars[zoneOf(zones, dec[i]!)]!++
  }
  const bandOf = new Int32Array(zones.count)
  const firstZones = [0]
  let inBand = 0
  for (let zone = 0; zone < zones.count; zone++) {
    if (inBand > 0 && inBand + stars[zone]! > BAND_SIZE) {
      firstZones.push(zone)
      inBand = 0
    }
    inBand += stars[zone]!
    bandOf[zone] = firstZones.length - 1
  }
  const starsA = starsByBand(a, 0, zones, bandOf, bytes)
  const starsB = starsByBand(b, zones.reach, zones, bandOf, bytes)
  return firstZones.map((firstZone, band) => ({
    firstZone,
    endZone: firstZones[band + 1] ?? zones.count,
    a: starsA[band]!,
    b: starsB[band]!,
  }))
}

/** Stars of a catalogue in each band; those within `reach` of another band in that, too. */
function starsByBand(
  { ra, dec }: SkyPositions,
  reach: number,
  zones: SkyZones,
  bandOf: Int32Array,
  bytes: (size: number) => ArrayBufferLike,
): PlacedStars[] {
  const bands = bandOf.at(-1)! + 1
  const start = new Int32Array(bands + 1)
  for (let i = 0; i < ra.length; i++) {
    if (!isPlaced(ra[i]!, dec[i]!)) continue
    const last = bandOf[zoneOf(zones, dec[i]! + reach)]!
    for (let band = bandOf[zoneOf(zones, dec[i]! - reach)]!; band <= last; band++) start[band + 1]!++
  }
  for (let band = 0; band < bands; band++) start[band + 1]! += start[band]!
  const count = start[bands]!
  const row = new Int32Array(bytes(4 * count))
  const lon = new Float64Array(bytes(8 * count))
  const decs = new Float64Array(bytes(8 * count))
  const next = start.slice()
  for (let i = 0; i < ra.length; i++) {
    const d = dec[i]!
    if (!isPlaced(ra[i]!, d)) continue
    const last = bandOf[zoneOf(zones, d + reach)]!
    for (let band = bandOf[zoneOf(zones, d - reach)]!; band <= last; band++) {
      const at = next[band]!++
      row[at] = i
      lon[at] = lessTurns(ra[i]!)
      decs[at] = d
    }
  }
  return Array.from({ length: bands }, (_, band) => {
    const from = start[band]!
    const to = start[band + 1]!
    return { row: row.subarray(from, to), lon: lon.subarray(from, to), dec: decs.subarray(from, to) }
  })
}
