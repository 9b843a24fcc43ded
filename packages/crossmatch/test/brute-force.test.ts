import { crossmatch, type SkyPositions } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allSeparations, mulberry, ROUNDING } from './fields.ts'
import { offset, sky } from './positions.ts'

const fraction = fc.double({ min: 0, max: 1, noNaN: true })

/** Fields where a matcher goes wrong: both poles, the seam, anywhere, the whole sky. */
const centre = fc.oneof(
  fc.constantFrom<[number, number]>([0, 90], [77, -90], [0, 0], [359.9999, 33], [180, 89.9999], [-10, -89.99]),
  fc.tuple(fc.double({ min: -360, max: 720, noNaN: true }), fc.double({ min: -90, max: 90, noNaN: true })),
)

/** Two catalogues in one field and a radius that suits it. */
const field = fc
  .record({
    centre,
    size: fc.constantFrom(0.01, 5, 600, 36_000, 648_000),
    relativeRadius: fc.constantFrom(0, 0.02, 0.2, 1),
    a: fc.array(fc.tuple(fraction, fraction), { maxLength: 30 }),
    b: fc.array(fc.tuple(fraction, fraction), { maxLength: 60 }),
    copied: fc.boolean(),
  })
  .map(({ centre: [ra, dec], size, relativeRadius, a, b, copied }) => {
    const place = ([angle, distance]: [number, number]): readonly [number, number] =>
      offset(ra, dec, 360 * angle, size * distance)
    const starsB = copied ? [...b, ...a] : b
    return { a: sky(...a.map(place)), b: sky(...starsB.map(place)), radiusArcsec: size * relativeRadius }
  })

test('every match is the nearest star of a full search, and every star inside is counted', () => {
  fc.assert(
    fc.property(field, ({ a, b, radiusArcsec }) => {
      const match = crossmatch(a, b, { radiusArcsec })
      const separations = allSeparations(a, b)
      let at = 0
      const ambiguous = new Set(match.ambiguous.a)
      for (const [i, row] of separations.entries()) {
        const surely = row.filter((s) => s < radiusArcsec - ROUNDING).length
        const perhaps = row.filter((s) => s < radiusArcsec + ROUNDING).length
        const nearest = match.nearestOfA[i]!
        if (nearest < 0) {
          expect(surely).toBe(0)
          continue
        }
        expect(match.indexA[at]).toBe(i)
        expect(match.indexB[at]).toBe(nearest)
        expect(Math.abs(match.separationArcsec[at]! - row[nearest]!)).toBeLessThan(ROUNDING)
        expect(match.separationArcsec[at]).toBeLessThanOrEqual(radiusArcsec)
        // Near 180 degrees all chords are alike: 10 milliarcsec is what the choice promises there.
        const choice = row[nearest]! > 600_000 ? 0.01 : ROUNDING
        expect(row[nearest]! - Math.min(...row)).toBeLessThan(choice)
        const candidates = match.ambiguous.candidates[at++]!
        expect(candidates).toBeGreaterThanOrEqual(surely)
        expect(candidates).toBeLessThanOrEqual(perhaps)
        expect(ambiguous.has(i)).toBe(candidates > 1)
      }
      expect(match.n).toBe(at)
    }),
    { numRuns: 150, seed: 2 },
  )
})

test('a deep tree over a clustered sky agrees with a full search at narrow and wide radii', () => {
  const random = mulberry(12)
  const anywhere = (): readonly [number, number] => [360 * random(), (Math.asin(2 * random() - 1) * 180) / Math.PI]
  const clusters = [
    [0, 90],
    [83, -69],
    [359.99, 0],
  ] as const
  const clustered = (_: unknown, i: number): readonly [number, number] => {
    const [ra, dec] = clusters[i % clusters.length]!
    return i % 4 === 0 ? anywhere() : offset(ra, dec, 360 * random(), 7200 * random() ** 3)
  }
  const a = sky(...Array.from({ length: 300 }, clustered))
  const b = sky(...Array.from({ length: 3000 }, clustered))
  const separations = allSeparations(a, b)
  for (const radiusArcsec of [2, 60, 3600, 50_000, 400_000, 640_000]) {
    const match = crossmatch(a, b, { radiusArcsec })
    const nearest = separations.map((row) => {
      const least = Math.min(...row)
      return least <= radiusArcsec ? row.indexOf(least) : -1
    })
    expect([...match.nearestOfA]).toEqual(nearest)
    const candidates = separations.map((row) => row.filter((s) => s <= radiusArcsec).length)
    expect([...match.ambiguous.candidates]).toEqual(candidates.filter((count) => count > 0))
  }
})

test('one to one is the greedy choice from the list of all pairs', () => {
  fc.assert(
    fc.property(field, ({ a, b, radiusArcsec }) => {
      const match = crossmatch(a, b, { radiusArcsec, oneToOne: true })
      const allPairs = allSeparations(a, b)
        .flatMap((row, i) => row.map((separation, j) => ({ i, j, separation })))
        .toSorted((p, q) => p.separation - q.separation)
      const pairs = allPairs.filter(({ separation }) => separation <= radiusArcsec)
      // Where two separations cannot be told apart the greedy choice is not one answer.
      fc.pre(pairs.every((pair, k) => k === 0 || pair.separation - pairs[k - 1]!.separation > ROUNDING))
      fc.pre(allPairs.every(({ separation }) => Math.abs(radiusArcsec - separation) > ROUNDING))
      fc.pre(pairs.every(({ separation }) => separation < 600_000))
      const usedA = new Set<number>()
      const usedB = new Set<number>()
      const expected: number[][] = []
      for (const { i, j } of pairs) {
        if (usedA.has(i) || usedB.has(j)) continue
        usedA.add(i)
        usedB.add(j)
        expected.push([i, j])
      }
      const found = Array.from(match.indexA, (i, k) => [i, match.indexB[k]!])
      expect(found).toEqual(expected.toSorted((p, q) => p[0]! - q[0]!))
    }),
    { numRuns: 100, seed: 3 },
  )
})

test('one to one uses a star once, and gives the same pairs with the catalogues exchanged', () => {
  const random = mulberry(9)
  const scatter = (n: number): SkyPositions =>
    sky(...Array.from({ length: n }, () => offset(0, 89.999, 360 * random(), 60 * Math.sqrt(random()))))
  const a = scatter(3000)
  const b = scatter(2000)
  const match = crossmatch(a, b, { radiusArcsec: 4, oneToOne: true })
  const reverse = crossmatch(b, a, { radiusArcsec: 4, oneToOne: true })
  expect(match.n).toBeGreaterThan(1900)
  expect(new Set(match.indexB).size).toBe(match.n)
  const pairs = new Set(Array.from(match.indexA, (i, k) => `${i} ${match.indexB[k]}`))
  expect(pairs).toEqual(new Set(Array.from(reverse.indexB, (i, k) => `${i} ${reverse.indexA[k]}`)))
})

test('turning the sky about the pole, or writing ra on another turn, changes no match', () => {
  const random = mulberry(4)
  const points = Array.from({ length: 4000 }, (): [number, number] => [
    360 * random(),
    (Math.asin(2 * random() - 1) * 180) / Math.PI,
  ])
  const a = points.slice(0, 2000)
  const b = points.slice(2000)
  const turned =
    (by: number) =>
    (p: [number, number]): [number, number] => [p[0] + by, p[1]]
  const match = crossmatch(sky(...a), sky(...b), { radiusArcsec: 7200 })
  expect(match.n).toBeGreaterThan(500)
  for (const by of [-360, 90, 123.456, 1080]) {
    const again = crossmatch(sky(...a.map(turned(by))), sky(...b.map(turned(by))), { radiusArcsec: 7200 })
    expect(again.nearestOfA).toEqual(match.nearestOfA)
  }
})

test('the order of the stars of b does not matter', () => {
  const random = mulberry(11)
  const point = (): [number, number] => [random(), 60 + random()]
  const a = sky(...Array.from({ length: 1000 }, point))
  const b = Array.from({ length: 5000 }, point)
  const match = crossmatch(a, sky(...b), { radiusArcsec: 120 })
  const backwards = crossmatch(a, sky(...b.toReversed()), { radiusArcsec: 120 })
  expect(backwards.nearestOfA.map((j) => (j < 0 ? -1 : b.length - 1 - j))).toEqual(match.nearestOfA)
  expect(backwards.ambiguous).toEqual(match.ambiguous)
})
