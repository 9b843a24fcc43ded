import type { SkyPositions } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { offset, sky, vincentyArcsec } from './positions.ts'

/** Two ways of computing a separation agree to this; nearer to the radius than this the decision is free. */
export const ROUNDING = 3e-9

const fraction = fc.double({ min: 0, max: 1, noNaN: true })

/** Both poles, the seam, anywhere. */
const centre = fc.oneof(
  fc.constantFrom<[number, number]>([0, 90], [77, -90], [0, 0], [359.9999, 33], [180, 89.9999], [-10, -89.99]),
  fc.tuple(fc.double({ min: -360, max: 720, noNaN: true }), fc.double({ min: -90, max: 90, noNaN: true })),
)

/** Two catalogues in one field, each star of a with a radius of its own; separations stay under 160 degrees. */
export const field: fc.Arbitrary<{ a: SkyPositions; b: SkyPositions; radii: Float64Array; size: number }> = fc
  .record({
    centre,
    size: fc.constantFrom(0.01, 5, 600, 36_000, 280_000),
    a: fc.array(fc.tuple(fraction, fraction, fc.constantFrom(0, 0.02, 0.2, 1)), { maxLength: 30 }),
    b: fc.array(fc.tuple(fraction, fraction), { maxLength: 60 }),
    copied: fc.boolean(),
  })
  .map(({ centre: [ra, dec], size, a, b, copied }) => {
    const place = ([angle, distance]: readonly number[]): readonly [number, number] =>
      offset(ra, dec, 360 * angle!, size * distance!)
    return {
      a: sky(...a.map(place)),
      b: sky(...(copied ? [...b.map(place), ...a.map(place)] : b.map(place))),
      radii: Float64Array.from(a, ([, , relative]) => size * relative),
      size,
    }
  })

/** Separations of all stars of a from all stars of b, arcsec. */
export function allSeparations(a: SkyPositions, b: SkyPositions): number[][] {
  return Array.from(a.ra, (ra, i) => Array.from(b.ra, (raB, j) => vincentyArcsec(ra, a.dec[i]!, raB, b.dec[j]!)))
}

/** Two catalogues round both poles, astride the seam and over the whole sky, large enough for a deep tree. */
export function clusteredSky(nA: number, nB: number, seed: number): { a: SkyPositions; b: SkyPositions } {
  const random = mulberry(seed)
  const clusters = [
    [0, 90],
    [83, -90],
    [359.99, 0],
  ] as const
  const place = (_: unknown, i: number): readonly [number, number] => {
    const [ra, dec] = clusters[i % clusters.length]!
    if (i % 4 === 0) return [360 * random(), (Math.asin(2 * random() - 1) * 180) / Math.PI]
    return offset(ra, dec, 360 * random(), 7200 * random() ** 3)
  }
  const catalogue = (n: number): SkyPositions => {
    const points = Array.from({ length: n }, place)
    return { ra: Float64Array.from(points, (p) => p[0]), dec: Float64Array.from(points, (p) => p[1]) }
  }
  return { a: catalogue(nA), b: catalogue(nB) }
}

/** Mulberry32: a seeded stream of numbers in [0, 1). */
export function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
