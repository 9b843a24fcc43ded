import { isPlaced, lessTurns, type SkyPositions } from '../sky/sky-positions.js'
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
  const zonesA = zonesOfStars(a, zones, stars)
  const zonesB = zonesOfStars(b, zones, stars)
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
  const starsA = starsByBand(a, zonesA, 0, zones, bandOf, bytes)
  const starsB = starsByBand(b, zonesB, zones.reach, zones, bandOf, bytes)
  return firstZones.map((firstZone, band) => ({
    firstZone,
    endZone: firstZones[band + 1] ?? zones.count,
    a: starsA[band]!,
    b: starsB[band]!,
  }))
}

/** Zone of each star, -1 for those without a position; counts the stars of each zone. */
function zonesOfStars({ ra, dec }: SkyPositions, zones: SkyZones, stars: Int32Array): Int32Array {
  const zoneOfStar = new Int32Array(ra.length).fill(-1)
  for (let i = 0; i < ra.length; i++) {
    if (!isPlaced(ra[i]!, dec[i]!)) continue
    const zone = zoneOf(zones, dec[i]!)
    zoneOfStar[i] = zone
    stars[zone]!++
  }
  return zoneOfStar
}

/** Stars of a catalogue in each band; those within `reach` of another band in that, too. */
function starsByBand(
  { ra, dec }: SkyPositions,
  zoneOfStar: Int32Array,
  reach: number,
  zones: SkyZones,
  bandOf: Int32Array,
  bytes: (size: number) => ArrayBufferLike,
): PlacedStars[] {
  // Only from a zone at its edge does a star reach beyond a band.
  const isEdge = Uint8Array.from(bandOf, (band, zone) =>
    reach > 0 && ((zone > 0 && bandOf[zone - 1] !== band) || (zone + 1 < zones.count && bandOf[zone + 1] !== band))
      ? 1
      : 0,
  )
  const bands = bandOf.at(-1)! + 1
  const start = new Int32Array(bands + 1)
  for (let i = 0; i < ra.length; i++) {
    const zone = zoneOfStar[i]!
    if (zone < 0) continue
    let band = bandOf[zone]!
    let last = band
    if (isEdge[zone]) {
      band = bandOf[zoneOf(zones, dec[i]! - reach)]!
      last = bandOf[zoneOf(zones, dec[i]! + reach)]!
    }
    for (; band <= last; band++) start[band + 1]!++
  }
  for (let band = 0; band < bands; band++) start[band + 1]! += start[band]!
  const count = start[bands]!
  const row = new Int32Array(bytes(4 * count))
  const lon = new Float64Array(bytes(8 * count))
  const decs = new Float64Array(bytes(8 * count))
  const next = start.slice()
  for (let i = 0; i < ra.length; i++) {
    const zone = zoneOfStar[i]!
    if (zone < 0) continue
    let band = bandOf[zone]!
    let last = band
    if (isEdge[zone]) {
      band = bandOf[zoneOf(zones, dec[i]! - reach)]!
      last = bandOf[zoneOf(zones, dec[i]! + reach)]!
    }
    const turned = lessTurns(ra[i]!)
    for (; band <= last; band++) {
      const at = next[band]!++
      row[at] = i
      lon[at] = turned
      decs[at] = dec[i]!
    }
  }
  return Array.from({ length: bands }, (_, band) => {
    const from = start[band]!
    const to = start[band + 1]!
    return { row: row.subarray(from, to), lon: lon.subarray(from, to), dec: decs.subarray(from, to) }
  })
}
