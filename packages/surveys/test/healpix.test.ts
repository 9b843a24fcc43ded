import { healpixCenter, healpixInCone, healpixOf } from '@astrolabel/surveys'
import fc from 'fast-check'
import { expect, test } from 'vitest'

/**
 * Gaia numbers its sources by position: source_id / 2³⁵ is the nested pixel of NSIDE 4096. Stars of which both are
 * published, in all parts of the sky.
 */
const GAIA: readonly [star: string, sourceId: bigint, ra: number, dec: number][] = [
  ['Proxima Centauri', 5853498713190525696n, 217.392, -62.676],
  ['Sirius', 2947050466531873024n, 101.287, -16.721],
  ['TRAPPIST-1', 2635476908753563008n, 346.6265, -5.0435],
  ['HD 209458', 1779546757669063552n, 330.795, 18.884],
  ['51 Pegasi', 2835207319109249920n, 344.3675, 20.7693],
  ["Kapteyn's star", 4810594479418041856n, 77.9599, -45.0439],
  ['Wolf 359', 3864972938605115520n, 164.1032, 7.0027],
  ['Lalande 21185', 762815470562110464n, 165.831, 35.9486],
  ['GJ 1214', 4393265392167891712n, 258.831, 4.9605],
  ['Tau Ceti', 2452378776434477184n, 26.0093, -15.9337],
]

test.each(GAIA)('%s lies in the pixel that its Gaia number says', (_, sourceId, ra, dec) => {
  expect(healpixOf(ra, dec, 64)).toBe(Number(sourceId >> 47n))
})

test('the twelve base pixels: centres of the four northern, four equatorial and four southern', () => {
  const expected = Array.from({ length: 12 }, (_, pixel) =>
    pixel >= 4 && pixel < 8 ? [(pixel - 4) * 90, 0] : [45 + (pixel % 4) * 90, pixel < 4 ? 41.8103149 : -41.8103149],
  )
  for (let pixel = 0; pixel < 12; pixel++) {
    const [ra, dec] = healpixCenter(pixel, 1)
    expect(ra).toBeCloseTo(expected[pixel]![0]!, 6)
    expect(dec).toBeCloseTo(expected[pixel]![1]!, 6)
  }
})

test('every pixel holds its centre', () => {
  for (const nside of [1, 2, 32])
    for (let pixel = 0; pixel < 12 * nside * nside; pixel++)
      expect(healpixOf(...healpixCenter(pixel, nside), nside)).toBe(pixel)
})

const position = fc.record({
  ra: fc.double({ min: -720, max: 720, noNaN: true }),
  dec: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, 0)),
})

test('nested: the pixel at half the NSIDE is a quarter of the number, and full turns change nothing', () => {
  fc.assert(
    fc.property(position, fc.constantFrom(2, 64, 4096), ({ ra, dec }, nside) => {
      const pixel = healpixOf(ra, dec, nside)
      expect(healpixOf(ra, dec, nside / 2)).toBe(Math.floor(pixel / 4))
      expect(pixel).toBeGreaterThanOrEqual(0)
      expect(pixel).toBeLessThan(12 * nside * nside)
    }),
    { numRuns: 500 },
  )
})

test('all pixels have one area: of uniform positions each base pixel gets a twelfth', () => {
  const counts = new Float64Array(12)
  const n = 60_000
  // A golden spiral: equal areas of the sphere, no randomness.
  for (let i = 0; i < n; i++)
    counts[healpixOf(i * 137.50776405, (Math.asin(1 - (2 * i + 1) / n) * 180) / Math.PI, 1)]!++
  for (const count of counts) expect(Math.abs(count - n / 12)).toBeLessThan(40)
})

test('a cone takes every pixel that one of its positions lies in, and none that is farther', () => {
  fc.assert(
    fc.property(
      position,
      // Below a milliarcsecond the test's own trigonometry moves positions farther than the radius.
      fc.double({ min: 1e-6, max: 12, noNaN: true }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 360, noNaN: true })), {
        minLength: 20,
        maxLength: 20,
      }),
      ({ ra, dec }, radius, offsets) => {
        const pixels = new Set(healpixInCone(ra, dec, radius, 8))
        for (const [share, bearing] of offsets)
          expect(pixels).toContain(healpixOf(...moved(ra, dec, share * radius * 0.999999, bearing), 8))
        for (const pixel of pixels) {
          // 9.5 degrees: from the centre to the farthest corner at NSIDE 8 (at most 1.2 / 8 radian).
          expect(separation([ra, dec], healpixCenter(pixel, 8))).toBeLessThanOrEqual(radius + 9.5)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('cones: a position is one pixel, the pole is four, all of the sky is all', () => {
  expect(healpixInCone(10, 20, 0, 64)).toEqual([healpixOf(10, 20, 64)])
  expect(healpixInCone(0, 90, 0.01, 64)).toEqual([4095, 8191, 12_287, 16_383])
  expect(healpixInCone(123, -45, 180, 4)).toHaveLength(192)
  // Four base pixels meet at ra 45, dec 0, here a thousandth of a degree away.
  expect(healpixInCone(45 + 1e-3, 0, 2e-3, 1)).toEqual([0, 4, 5, 8])
})

test.each([
  [() => healpixOf(10, 91, 64), 'healpix/position'],
  [() => healpixOf(Number.NaN, 0, 64), 'healpix/position'],
  [() => healpixOf(0, 0, 63), 'healpix/nside'],
  [() => healpixCenter(48, 2), 'healpix/pixel'],
  [() => healpixInCone(0, 0, -1, 64), 'healpix/radius'],
])('misuse is told: %o', (use, code) => {
  expect(use).toThrow(expect.objectContaining({ code }) as Error)
})

function moved(ra: number, dec: number, distance: number, bearing: number): [ra: number, dec: number] {
  const [d, b, s] = [dec, bearing, distance].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number]
  const z = Math.sin(d) * Math.cos(s) + Math.cos(d) * Math.sin(s) * Math.cos(b)
  const turn = Math.atan2(Math.sin(b) * Math.sin(s) * Math.cos(d), Math.cos(s) - Math.sin(d) * z)
  return [ra + (turn * 180) / Math.PI, (Math.asin(Math.min(1, Math.max(-1, z))) * 180) / Math.PI]
}

function separation(a: readonly [number, number], b: readonly [number, number]): number {
  const [r1, d1, r2, d2] = [...a, ...b].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number, number]
  const haversine = Math.sin((d2 - d1) / 2) ** 2 + Math.cos(d1) * Math.cos(d2) * Math.sin((r2 - r1) / 2) ** 2
  return (2 * Math.asin(Math.min(1, Math.sqrt(haversine))) * 180) / Math.PI
}
