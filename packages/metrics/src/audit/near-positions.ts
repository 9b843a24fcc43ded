/** Two rows that lie close together on the sky. */
export interface NearPosition {
  readonly test: number
  readonly train: number
  /** Arc seconds. */
  readonly separation: number
}

const ARCSEC = Math.PI / 180 / 3600

/**
 * For each test row the nearest training row within a radius, where there is one.
 *
 * @param ra, dec (n) degrees; rows without a position (NaN) have no neighbours. @param radius arc seconds.
 * Cost: n log n while few rows share a declination.
 */
export function nearPositions(
  ra: Float64Array,
  dec: Float64Array,
  train: ArrayLike<number>,
  test: ArrayLike<number>,
  radius: number,
): NearPosition[] {
  const known = (row: number): boolean => Number.isFinite(ra[row]) && Number.isFinite(dec[row])
  const sorted = Array.from(train)
    .filter(known)
    .sort((a, b) => dec[a] - dec[b])
  const band = radius / 3600
  const found: NearPosition[] = []
  for (const row of Array.from(test)) {
    if (!known(row)) continue
    let low = 0
    for (let high = sorted.length; low < high;) {
      const middle = (low + high) >> 1
      if (dec[sorted[middle]] < dec[row] - band) low = middle + 1
      else high = middle
    }
    let nearest: NearPosition | undefined
    for (; low < sorted.length && dec[sorted[low]] <= dec[row] + band; low++) {
      const other = sorted[low]
      const separation = separationOf(ra[row], dec[row], ra[other], dec[other])
      if (separation <= radius && !(nearest !== undefined && nearest.separation <= separation))
        nearest = { test: row, train: other, separation }
    }
    if (nearest !== undefined) found.push(nearest)
  }
  return found
}

/** Arc seconds between two positions in degrees: the haversine formula, exact for small angles. */
function separationOf(ra1: number, dec1: number, ra2: number, dec2: number): number {
  const rad = Math.PI / 180
  const a =
    Math.sin(((dec2 - dec1) * rad) / 2) ** 2 +
    Math.cos(dec1 * rad) * Math.cos(dec2 * rad) * Math.sin(((ra2 - ra1) * rad) / 2) ** 2
  return (2 * Math.asin(Math.min(1, Math.sqrt(a)))) / ARCSEC
}
