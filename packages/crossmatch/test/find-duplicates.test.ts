import { findDuplicates, type DuplicateGroups, type SkyPositions } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allSeparations, clusteredSky, field, ROUNDING } from './fields.ts'
import { offset, sky } from './positions.ts'

/** Groups by repeated search of a full table of separations. */
function slowGroups(positions: SkyPositions, radius: number): number[][] {
  const separations = allSeparations(positions, positions)
  const seen = new Set<number>()
  const groups: number[][] = []
  for (let first = 0; first < separations.length; first++) {
    if (seen.has(first)) continue
    const group = [first]
    seen.add(first)
    for (const member of group) {
      for (const [j, separation] of separations[member]!.entries()) {
        if (separation > radius || seen.has(j)) continue
        seen.add(j)
        group.push(j)
      }
    }
    if (group.length > 1) groups.push(group.toSorted((p, q) => p - q))
  }
  return groups
}

const listed = ({ n, start, members }: DuplicateGroups): number[][] =>
  Array.from({ length: n }, (_, g) => [...members.subarray(start[g], start[g + 1])])

test('groups are the connected components of all pairs within the radius', () => {
  fc.assert(
    fc.property(field, fc.constantFrom(0, 0.02, 0.1, 0.4, 2), ({ b, size }, relative) => {
      const radiusArcsec = size * relative
      // At the radius itself the two ways of computing a separation may differ, at zero they do not know a star from its copy.
      const decided = radiusArcsec === 0 ? ROUNDING : radiusArcsec
      fc.pre(allSeparations(b, b).every((row) => row.every((s) => s === 0 || Math.abs(s - radiusArcsec) > ROUNDING)))
      const found = findDuplicates(b, { radiusArcsec })
      const expected = slowGroups(b, decided)
      expect(listed(found)).toEqual(expected)
      for (const [row, group] of found.groupOf.entries()) {
        expect(group).toBe(expected.findIndex((members) => members.includes(row)))
      }
    }),
    { numRuns: 300, seed: 23 },
  )
})

test.each([5, 100, 1000, 7000, 200_000])('in a deep tree they are the same within %d arcsec', (radiusArcsec) => {
  const { b } = clusteredSky(0, 900, 51)
  expect(listed(findDuplicates(b, { radiusArcsec }))).toEqual(slowGroups(b, radiusArcsec))
})

test('a chain round the pole is one group, and breaks where a step is too wide', () => {
  const ring = (n: number, step: number): SkyPositions =>
    sky(...Array.from({ length: n }, (_, i) => offset(0, 90, step * i, 100)))
  // A step of 10 degrees on a circle of 100 arcsec is 17.43 arcsec long.
  expect(findDuplicates(ring(36, 10), { radiusArcsec: 17.5 }).members).toHaveLength(36)
  expect(findDuplicates(ring(36, 10), { radiusArcsec: 17.4 }).n).toBe(0)
})

test('copies are found over the seam, in rows order, and stars without a position are left out', () => {
  const found = findDuplicates(sky([5, 5], [0.00001, 0], [NaN, 0], [5, 5], [359.99999, 0], [90, 1], [365, 5]), {
    radiusArcsec: 1,
  })
  expect(listed(found)).toEqual([
    [0, 3, 6],
    [1, 4],
  ])
  expect([...found.groupOf]).toEqual([0, 1, -1, 0, 1, -1, 0])
  expect(found.withoutPosition).toBe(1)
})

test('a hundred thousand rows of one position, and as many within the radius, are one group each', () => {
  const n = 100_000
  const same = { ra: new Float64Array(n).fill(3), dec: new Float64Array(n).fill(-4) }
  expect(findDuplicates(same, { radiusArcsec: 0 }).members).toHaveLength(n)
  const near = { ra: Float64Array.from({ length: n }, (_, i) => i / n), dec: new Float64Array(n) }
  expect(findDuplicates(near, { radiusArcsec: 3600 }).n).toBe(1)
})

test('it reports progress, stops when told to, refuses a radius, and takes an empty catalogue', () => {
  const n = 70_000
  const positions = { ra: Float64Array.from({ length: n }, (_, i) => i / 1000), dec: new Float64Array(n) }
  const calls: number[][] = []
  findDuplicates(positions, { radiusArcsec: 1, onProgress: (done, total) => calls.push([done, total]) })
  expect(calls).toHaveLength(2)
  expect(calls[0]![0]).toBeGreaterThanOrEqual(65_536)
  expect(calls[1]).toEqual([n, n])
  const signal = AbortSignal.abort(new Error('stopped by the test'))
  expect(() => findDuplicates(positions, { radiusArcsec: 1, signal })).toThrow('stopped by the test')
  expect(() => findDuplicates(sky(), { radiusArcsec: -1 })).toThrow('The match radius is not an angle on the sky')
  expect(findDuplicates(sky(), { radiusArcsec: 1 }).n).toBe(0)
})
