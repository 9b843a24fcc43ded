import type { NearestOfEach } from '../nearest-of-each.js'
import { directionOf } from '../sky/sky-positions.js'
import { zoneOf, type SkyZones } from './sky-zones.js'
import type { ZoneBand } from './zone-bands.js'
import { SortingRoom } from './zone-stars.js'

/** Stars of b looked at for a star of a, on average, beyond which the tree is faster. */
const MOST_LOOKS = 128

/** What sweeping a band needs besides the stars, the same for one band after another. */
export class SweepRoom {
  readonly a: SortingRoom = new SortingRoom()
  readonly b: SortingRoom = new SortingRoom()
}

/**
 * Finds the nearest star of each star of a in a band. Both catalogues are sorted by zone and right ascension, and one pass over both
 * brings together what lies within one bin of one another; only for those are vectors computed, and chords decide.
 *
 * @param limits (rows of a) largest squared chord, none larger than that of the zones
 * @param out where the answers are written; rows without a match are left as they are
 * @returns false, with `out` half written, where stars are so dense that the tree is faster
 */
export function sweepBand(
  zones: SkyZones,
  band: ZoneBand,
  limits: Float64Array,
  out: NearestOfEach,
  room: SweepRoom,
): boolean {
  const { partnerOf, chord2Of, candidatesOf, claimsOf } = out
  const { row: rowA, lon: lonA, dec: decA } = band.a
  const { row: rowB, lon: lonB, dec: decB } = band.b
  const { count, key: keyA, place: placeA } = room.a.sort(band.a, 0, zones, band)
  const { key: keyB, place: placeB } = room.b.sort(band.b, zones.reach, zones, band)
  const { reach, window } = zones
  const u = new Float64Array(3)
  const v = new Float64Array(3)
  let looksLeft = MOST_LOOKS * (count + 1024)
  let from = 0
  for (let i = 0; i < count; i++) {
    const key = keyA[i]!
    // Kept to 32 bits: compared as doubles they take twice as long. No star of a has key 0 or the last.
    const before = (key - 1) >>> 0
    const after = (key + 1) >>> 0
    while (keyB[from]! < before) from++
    if (keyB[from]! > after) continue
    const a = placeA[i]!
    const lon = lonA[a]!
    const dec = decA[a]!
    const wide = window[zoneOf(zones, dec)]!
    const row = rowA[a]!
    const limit = limits[row]!
    let best = -1
    let bestChord2 = Infinity
    let candidates = 0
    let at = from
    for (; keyB[at]! <= after; at++) {
      const b = placeB[at]!
      if (Math.abs(decB[b]! - dec) > reach) continue
      const apart = Math.abs(lonB[b]! - lon)
      if (apart > wide && Math.abs(apart - 360) > wide && Math.abs(apart - 720) > wide) continue
      if (best < 0) directionOf(lon, dec, u, 0)
      directionOf(lonB[b]!, decB[b]!, v, 0)
      const ex = v[0]! - u[0]!
      const ey = v[1]! - u[1]!
      const ez = v[2]! - u[2]!
      const chord2 = ex * ex + ey * ey + ez * ez
      if (chord2 > limit) continue
      candidates++
      if (claimsOf) Atomics.add(claimsOf, rowB[b]!, 1)
      if (chord2 < bestChord2 || (chord2 === bestChord2 && rowB[b]! < best)) {
        best = rowB[b]!
        bestChord2 = chord2
      }
    }
    looksLeft -= at - from
    if (looksLeft < 0) return false
    if (best < 0) continue
    partnerOf[row] = best
    chord2Of[row] = bestChord2
    candidatesOf[row] = candidates
  }
  return true
}
