import { crossmatch, kNearest } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allSeparations, clusteredSky, field, ROUNDING } from './fields.ts'
import { oracle, positionsOf } from './modes-oracle.ts'
import { sky } from './positions.ts'

test.each(oracle.cases)(
  'as match_to_catalog_sky with nthneighbor 1, 2, 3: $name',
  ({ a, b, nearest3, separation3 }) => {
    const found = kNearest(positionsOf(a), positionsOf(b), { k: 3 })
    expect([...found.index]).toEqual(nearest3.flat())
    for (const [i, separation] of separation3.flat().entries()) {
      expect(Math.abs(found.separationArcsec[i]! - separation)).toBeLessThan(2e-9)
    }
  },
)

test('the k nearest within the radius of each row are those of a full search', () => {
  fc.assert(
    fc.property(field, fc.integer({ min: 1, max: 70 }), ({ a, b, radii }, k) => {
      const found = kNearest(a, b, { k, radiusArcsec: radii })
      for (const [i, row] of allSeparations(a, b).entries()) {
        const count = found.count[i]!
        const surely = row.filter((s) => s < radii[i]! - ROUNDING).length
        const perhaps = row.filter((s) => s < radii[i]! + ROUNDING).length
        expect(count).toBeGreaterThanOrEqual(Math.min(k, surely))
        expect(count).toBeLessThanOrEqual(Math.min(k, perhaps))
        const sorted = row.toSorted((p, q) => p - q)
        const own = [...found.index.subarray(i * k, (i + 1) * k)]
        expect(new Set(own.slice(0, count)).size).toBe(count)
        expect(own.slice(count).every((j) => j === -1)).toBe(true)
        for (let nth = 0; nth < k; nth++) {
          const separation = found.separationArcsec[i * k + nth]!
          if (nth >= count) expect(separation).toBeNaN()
          else {
            expect(Math.abs(separation - row[own[nth]!]!)).toBeLessThan(ROUNDING)
            expect(Math.abs(separation - sorted[nth]!)).toBeLessThan(ROUNDING)
          }
        }
      }
    }),
    { numRuns: 300, seed: 22 },
  )
})

test.each([1, 2, 7, 40])(
  'in a deep tree the %d nearest are those of a full search, the first that of crossmatch',
  (k) => {
    const { a, b } = clusteredSky(150, 2000, 41)
    const found = kNearest(a, b, { k })
    const expected = allSeparations(a, b).flatMap((row) =>
      row
        .map((separation, j) => ({ separation, j }))
        .toSorted((p, q) => p.separation - q.separation)
        .slice(0, k)
        .map(({ j }) => j),
    )
    expect([...found.index]).toEqual(expected)
    const match = crossmatch(a, b, { radiusArcsec: 648_000 })
    expect([...match.indexB]).toEqual(Array.from({ length: 150 }, (_, i) => found.index[i * k]))
  },
)

test('equally near stars come by row, and the lowest rows are those kept', () => {
  const b = { ra: new Float64Array(300).fill(10), dec: new Float64Array(300).fill(89.9) }
  expect([...kNearest(sky([200, 90]), b, { k: 5 }).index]).toEqual([0, 1, 2, 3, 4])
})

test('fewer stars than k leave the rest of the row empty', () => {
  const found = kNearest(sky([0, 0], [NaN, 0]), sky([1, 0], [0, 1 / 3600]), { k: 3 })
  expect([...found.count]).toEqual([2, 0])
  expect([...found.index]).toEqual([1, 0, -1, -1, -1, -1])
  expect(found.separationArcsec[2]).toBeNaN()
  expect(found.withoutPosition).toEqual({ a: 1, b: 0 })
})

test.each([0, -1, 1.5, NaN, 2 ** 31])('k = %d is refused', (k) => {
  expect(() => kNearest(sky([1, 1]), sky(), { k })).toThrow(
    expect.objectContaining({ code: 'k-out-of-range', got: `k = ${k} for 1 stars` }),
  )
})
