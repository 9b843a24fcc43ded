/** Zone height in radii: a taller zone holds more strangers in a window, a lower one has more stars near its edges. */
const HEIGHT_IN_RADII = 16

/** Keys are 32-bit numbers, the largest of which ends a list of them. */
const MOST_KEYS = 2 ** 32 - 1

/** Rounding of a declination or a right ascension in degrees, with room to spare (4e-9 arcsec). */
const ANGLE_ROUNDING = 1e-12

const DEGREES = 180 / Math.PI

/**
 * Zones of declination, each cut into bins of right ascension (Gray, Nieto-Santisteban & Szalay 2006, MSR-TR-2006-52). The circle of
 * the search round a star lies in the bins before, at and after its own, in its own zone and, near an edge, the zone beyond.
 * Bin `i` of a zone, from 1 to `bins`, has the key `firstKey + i`; keys `firstKey` and `firstKey + bins + 1` are for stars on the
 * other side of the 0h seam. Where the circle may hold a pole the zone is one bin.
 */
export interface SkyZones {
  /** Radius of the largest circle, degrees. */
  readonly reach: number
  readonly count: number
  readonly perDegree: number
  /** (count) largest difference in ra of a star in the zone and one in its circle, degrees; 360 where any is possible. */
  readonly window: Float64Array
  readonly bins: Float64Array
  readonly firstKey: Float64Array
}

/** Zones for circles up to a radius, given as a squared chord and less than 10 degrees. */
export function layOutZones(limit: number): SkyZones {
  const chord = Math.sqrt(limit)
  // 2 asin(c / 2) is less than this.
  const reach = (chord + 0.15 * chord ** 3) * DEGREES + ANGLE_ROUNDING
  const count = Math.max(1, Math.floor(180 / Math.max(HEIGHT_IN_RADII * reach, 20 / 3600)))
  const perDegree = count / 180
  const window = new Float64Array(count)
  const bins = new Float64Array(count)
  const firstKey = new Float64Array(count)
  let next = 0
  for (let zone = 0; zone < count; zone++) {
    const polar = Math.max(Math.abs(zone / perDegree - 90), Math.abs((zone + 1) / perDegree - 90))
    // sin(difference in ra) = sin(radius) / cos(dec) where the circle touches a meridian; asin(x) <= x + 0.5708 x^3.
    const sine = Math.sin(reach / DEGREES) / Math.max(Math.cos(polar / DEGREES), 1e-16)
    const wide = (sine + 0.5708 * sine ** 3) * DEGREES + ANGLE_ROUNDING
    // Fewer than four bins would show the same star on both sides of the seam.
    const narrow = wide < 80
    window[zone] = narrow ? wide : 360
    bins[zone] = narrow ? Math.min(Math.floor(360 / wide), Math.floor(MOST_KEYS / count) - 3) : 1
    firstKey[zone] = next
    next += bins[zone]! + 2
  }
  return { reach, count, perDegree, window, bins, firstKey }
}

/** The zone of a declination; beyond a pole that of the pole. */
export function zoneOf({ count, perDegree }: SkyZones, dec: number): number {
  const zone = Math.floor((dec + 90) * perDegree)
  return zone < 0 ? 0 : zone >= count ? count - 1 : zone
}
