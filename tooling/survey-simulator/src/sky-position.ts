/** A place on the sky, ICRS. */
export interface SkyPosition {
  /** deg, 0 to 360. */
  readonly ra: number
  /** deg. */
  readonly dec: number
}

const DEGREE = Math.PI / 180

/** The place `east` and `north` arcseconds from another (flat sky: good to 1e-3 of the offset within two degrees). */
export function offsetPosition({ ra, dec }: SkyPosition, east: number, north: number): SkyPosition {
  const newDec = dec + north / 3600
  const newRa = ra + east / 3600 / Math.cos(dec * DEGREE)
  return { ra: (newRa + 360) % 360, dec: newDec }
}

/** Angle between two places, arcsec: the haversine formula. */
export function separation(a: SkyPosition, b: SkyPosition): number {
  const h =
    Math.sin(((b.dec - a.dec) * DEGREE) / 2) ** 2 +
    Math.cos(a.dec * DEGREE) * Math.cos(b.dec * DEGREE) * Math.sin(((b.ra - a.ra) * DEGREE) / 2) ** 2
  return (2 * Math.asin(Math.sqrt(h)) * 3600) / DEGREE
}

/** APOGEE's name of a place: 2M, right ascension to 0.01 s, declination to 0.1 arcsec, both cut off as 2MASS does. */
export function apogeeId({ ra, dec }: SkyPosition): string {
  const hundredths = Math.floor(ra * 24000 + 1e-9)
  const tenths = Math.floor(Math.abs(dec) * 36000 + 1e-9)
  const pad = (value: number, width: number) => String(Math.floor(value)).padStart(width, '0')
  const hours = pad(hundredths / 360000, 2) + pad((hundredths / 6000) % 60, 2) + pad(hundredths % 6000, 4)
  const degrees = pad(tenths / 36000, 2) + pad((tenths / 600) % 60, 2) + pad(tenths % 600, 3)
  return `2M${hours}${dec < 0 ? '-' : '+'}${degrees}`
}
