import { allPairs, crossmatch, CrossmatchError } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allSeparations, clusteredSky, field, ROUNDING } from './fields.ts'
import { oracle, positionsOf } from './modes-oracle.ts'
import { sky } from './positions.ts'

test.each(oracle.cases)('lists the pairs of search_around_sky: $name', ({ a, b, radiusArcsec, pairs }) => {
  const found = allPairs(positionsOf(a), positionsOf(b), { radiusArcsec })
  expect(pairs.a.length).toBeGreaterThan(20)
  expect([...found.indexA]).toEqual(pairs.a)
  expect([...found.indexB]).toEqual(pairs.b)
  for (const [i, separation] of pairs.separationArcsec.entries()) {
    expect(Math.abs(found.separationArcsec[i]! - separation)).toBeLessThan(2e-9)
  }
})

test('lists every pair within the radius of each row, and no other, nearest first', () => {
  fc.assert(
    fc.property(field, ({ a, b, radii }) => {
      const found = allPairs(a, b, { radiusArcsec: radii })
      const listed = new Set(Array.from(found.indexA, (i, k) => `${i} ${found.indexB[k]}`))
      expect(listed.size).toBe(found.n)
      for (const [i, row] of allSeparations(a, b).entries()) {
        for (const [j, separation] of row.entries()) {
          if (Math.abs(separation - radii[i]!) < ROUNDING) continue
          expect(listed.has(`${i} ${j}`)).toBe(separation < radii[i]!)
        }
      }
      for (let k = 1; k < found.n; k++) {
        const step = found.indexA[k]! - found.indexA[k - 1]!
        expect(step).toBeGreaterThanOrEqual(0)
        if (step === 0) expect(found.separationArcsec[k]! - found.separationArcsec[k - 1]!).toBeGreaterThan(-ROUNDING)
      }
    }),
    { numRuns: 300, seed: 21 },
  )
})

test.each([1, 60, 3600, 400_000])('agrees with a full search and with crossmatch within %d arcsec', (radiusArcsec) => {
  const { a, b } = clusteredSky(120, 1500, 31)
  const found = allPairs(a, b, { radiusArcsec })
  const expected = allSeparations(a, b).flatMap((row, i) =>
    row
      .map((separation, j) => ({ i, j, separation }))
      .filter(({ separation }) => separation <= radiusArcsec)
      .toSorted((p, q) => p.separation - q.separation),
  )
  expect(Array.from(found.indexA, (i, k) => [i, found.indexB[k]])).toEqual(expected.map(({ i, j }) => [i, j]))
  const match = crossmatch(a, b, { radiusArcsec })
  const first = [...match.indexA].map((i) => found.indexA.indexOf(i))
  expect([...match.indexB]).toEqual(first.map((k) => found.indexB[k]))
  expect([...match.separationArcsec]).toEqual(first.map((k) => found.separationArcsec[k]))
  expect(found.n).toBe(match.ambiguous.candidates.reduce((sum, count) => sum + count, 0))
})

test('long lists are in order too: ties go to the lower row', () => {
  const n = 500
  const b = { ra: Float64Array.from({ length: n }, (_, i) => 10 + (i % 50) / 3600), dec: new Float64Array(n) }
  const found = allPairs(sky([10, 0]), b, { radiusArcsec: 100 })
  const expected = Array.from({ length: n }, (_, k) => Math.floor(k / 10) + 50 * (k % 10))
  expect([...found.indexB]).toEqual(expected)
})

test('stars without a position are in no pair', () => {
  const found = allPairs(sky([NaN, 1], [5, 5]), sky([5, 5], [5, NaN], [5, 5]), { radiusArcsec: 648_000 })
  expect([...found.indexA]).toEqual([1, 1])
  expect([...found.indexB]).toEqual([0, 2])
  expect(found.withoutPosition).toEqual({ a: 1, b: 1 })
  expect(allPairs(sky(), sky([1, 1]), { radiusArcsec: 1 }).n).toBe(0)
})

test('more pairs than wanted are refused before they fill the memory', () => {
  const { b } = clusteredSky(0, 2000, 32)
  const call = (): unknown => allPairs(b, b, { radiusArcsec: 648_000, maxPairs: 10_000 })
  expect(call).toThrow(CrossmatchError)
  expect(call).toThrow('More pairs lie within the radius than are to be listed: got over 10000. Check that the radius')
  expect(allPairs(sky([1, 1]), sky([1, 1], [1, 1]), { radiusArcsec: 0, maxPairs: 2 }).n).toBe(2)
})

test('a radius a row: one that is no angle is refused with its row, and so is a wrong number of them', () => {
  const a = sky([1, 1], [2, 2])
  expect(() => allPairs(a, a, { radiusArcsec: Float64Array.of(1, NaN) })).toThrow(
    'The match radius of row 1 is not an angle on the sky: got NaN arcsec',
  )
  expect(() => crossmatch(a, a, { radiusArcsec: Float64Array.of(1) })).toThrow(
    'The match needs one radius for each row of catalogue a: got 1 radii for 2 rows',
  )
})

test('crossmatch with a radius a row finds what a match with each radius finds', () => {
  const { a, b } = clusteredSky(400, 1200, 33)
  const radii = Float64Array.from({ length: 400 }, (_, i) => [0, 30, 600, 20_000][i % 4]!)
  for (const oneToOne of [false, true]) {
    const match = crossmatch(a, b, { radiusArcsec: radii, oneToOne })
    for (const [k, separation] of match.separationArcsec.entries()) {
      expect(separation).toBeLessThanOrEqual(radii[match.indexA[k]!]!)
    }
    for (const radius of [0, 30, 600, 20_000]) {
      const alone = crossmatch(a, b, { radiusArcsec: radius })
      for (const [i, own] of radii.entries()) {
        if (own === radius) expect(match.nearestOfA[i]).toBe(alone.nearestOfA[i])
      }
    }
  }
})
