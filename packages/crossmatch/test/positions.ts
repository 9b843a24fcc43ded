import type { SkyPositions } from '@astrolabel/crossmatch'

const RADIANS = Math.PI / 180

/** A catalogue from [ra, dec] pairs in degrees. */
export function sky(...points: readonly (readonly [number, number])[]): SkyPositions {
  return { ra: Float64Array.from(points, (p) => p[0]), dec: Float64Array.from(points, (p) => p[1]) }
}

/**
 * Vincenty's formula on the sphere, arcsec: well conditioned everywhere, and nothing that the package itself uses.
 */
export function vincentyArcsec(ra1: number, dec1: number, ra2: number, dec2: number): number {
  const difference = (ra2 - ra1) * RADIANS
  const s1 = Math.sin(dec1 * RADIANS)
  const c1 = Math.cos(dec1 * RADIANS)
  const s2 = Math.sin(dec2 * RADIANS)
  const c2 = Math.cos(dec2 * RADIANS)
  const across = Math.hypot(c2 * Math.sin(difference), c1 * s2 - s1 * c2 * Math.cos(difference))
  return (Math.atan2(across, s1 * s2 + c1 * c2 * Math.cos(difference)) / RADIANS) * 3600
}

/** The position that lies `distance` arcsec from (ra, dec) in the direction `angle` (deg, from north through east). */
export function offset(ra: number, dec: number, angle: number, distance: number): readonly [number, number] {
  const d = (distance / 3600) * RADIANS
  const lat = dec * RADIANS
  const east = Math.sin(angle * RADIANS)
  const north = Math.cos(angle * RADIANS)
  const sinDec = Math.sin(lat) * Math.cos(d) + Math.cos(lat) * Math.sin(d) * north
  const x = Math.cos(lat) * Math.cos(d) - Math.sin(lat) * Math.sin(d) * north
  const y = Math.sin(d) * east
  return [ra + Math.atan2(y, x) / RADIANS, Math.atan2(sinDec, Math.hypot(x, y)) / RADIANS]
}
