import { allPairs, crossmatch, kNearest, type MatchResult, type SkyPositions } from '@astrolabel/crossmatch'
import { crossmatchThreads } from '@astrolabel/crossmatch/node'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusteredSky, mulberry } from './fields.ts'
import { offset, sky } from './positions.ts'

/** Within a quarter of a degree catalogues are swept by zones; one wider radius, far from all others, sends all to the tree. */
function byTree(a: SkyPositions, b: SkyPositions, radiusArcsec: number, oneToOne: boolean): MatchResult {
  const n = a.ra.length
  const withLoner = (list: SkyPositions, ra: number, dec: number): SkyPositions => ({
    ra: Float64Array.of(...list.ra, ra),
    dec: Float64Array.of(...list.dec, dec),
  })
  const radii = new Float64Array(n + 1).fill(radiusArcsec)
  radii[n] = 1000
  return crossmatch(withLoner(a, 222.2, -44.4), b, { radiusArcsec: radii, oneToOne })
}

/** A crowd too dense for zones in the middle of a sparse sky, pairs and triples at the poles and the seam, and stars without a place. */
function unevenSky(n: number, seed: number): { a: SkyPositions; b: SkyPositions } {
  const random = mulberry(seed)
  const anywhere = (): readonly [number, number] => [
    720 * random() - 360,
    (Math.asin(2 * random() - 1) * 180) / Math.PI,
  ]
  const place = (_: unknown, i: number): readonly [number, number] => {
    if (i % 2 === 0) return offset(120, 30, 360 * random(), 20 * Math.sqrt(random()))
    if (i % 5 === 1) return offset(0, i % 3 === 0 ? 90 : -90, 360 * random(), 300 * random())
    if (i % 5 === 2) return offset(0, 20 * random(), 360 * random(), 100 * random())
    return i % 97 === 3 ? [NaN, 1] : anywhere()
  }
  const b = Array.from({ length: n }, place)
  const a = b.map(([ra, dec], i) =>
    i % 3 === 0 || Number.isNaN(ra) ? place(0, i) : offset(ra, dec, 360 * random(), 4 * random()),
  )
  return { a: sky(...a), b: sky(...b) }
}

test.each([0.5, 3, 60, 800])(
  'the sweep gives what the tree gives within %d arcsec, to the last bit',
  (radiusArcsec) => {
    const { a, b } = clusteredSky(6000, 5000, 81)
    const match = crossmatch(a, b, { radiusArcsec })
    const near = kNearest(a, b, { k: 1, radiusArcsec })
    const pairs = allPairs(a, b, { radiusArcsec })
    expect([...match.nearestOfA]).toEqual([...near.index])
    expect([...match.separationArcsec]).toEqual([...near.separationArcsec].filter((s) => !Number.isNaN(s)))
    const candidates = new Map<number, number>()
    for (const row of pairs.indexA) candidates.set(row, (candidates.get(row) ?? 0) + 1)
    expect(match.n).toBeGreaterThan(0)
    expect([...match.ambiguous.candidates]).toEqual([...match.indexA].map((row) => candidates.get(row)))
  },
)

test.each([false, true])(
  'crowds, poles, seam and gaps: zones, tree and threads agree (one to one: %s)',
  async (oneToOne) => {
    const { a, b } = unevenSky(12_000, 82)
    const match = crossmatch(a, b, { radiusArcsec: 3, oneToOne })
    const tree = byTree(a, b, 3, oneToOne)
    expect(match.n).toBeGreaterThan(5000)
    expect(match.ambiguous.a.length).toBeGreaterThan(3000)
    expect(match.indexA).toEqual(tree.indexA)
    expect(match.indexB).toEqual(tree.indexB)
    expect(match.separationArcsec).toEqual(tree.separationArcsec)
    expect(match.ambiguous).toEqual(tree.ambiguous)
    expect(match.nearestOfA).toEqual(tree.nearestOfA.slice(0, -1))
    expect(match.withoutPosition).toEqual(tree.withoutPosition)
    expect(await crossmatchThreads(a, b, { radiusArcsec: 3, oneToOne, threads: 3 })).toEqual(match)
  },
)

test('small fields one to one: what the sweep leaves alone is what the tree would pair', () => {
  const star = fc.tuple(fc.double({ min: 0, max: 360, noNaN: true }), fc.double({ min: 0, max: 8, noNaN: true }))
  const list = fc.array(star, { maxLength: 12 })
  const centre = fc.constantFrom<readonly [number, number]>([0, 90], [55, -90], [0, 0], [359.9999, 60], [180, -33])
  fc.assert(
    fc.property(centre, list, list, fc.constantFrom(0, 1, 3), ([ra, dec], p, q, radiusArcsec) => {
      const place = ([angle, distance]: readonly [number, number]): readonly [number, number] =>
        offset(ra, dec, angle, distance)
      const a = sky(...p.map(place))
      const b = sky(...q.map(place), ...p.slice(0, 3).map(place))
      const match = crossmatch(a, b, { radiusArcsec, oneToOne: true })
      const tree = byTree(a, b, radiusArcsec, true)
      expect([match.indexA, match.indexB]).toEqual([tree.indexA, tree.indexB])
      expect(match.ambiguous.a).toEqual(tree.ambiguous.a)
    }),
    { numRuns: 300, seed: 83 },
  )
})

test('radius 0 finds the same place however it is written, and lists of copies match the first', () => {
  const a = sky([350, 10], [-10, 10], [710, 10], [123, 90], [7, -90], [0, 0])
  const b = sky([-370, 10], [5, 90], [200, -90], [360, 0], [720, 0])
  expect([...crossmatch(a, b, { radiusArcsec: 0 }).nearestOfA]).toEqual([0, 0, 0, 1, 2, 3])
  const copies = sky(...Array.from({ length: 300 }, () => [77, 45] as const))
  const once = crossmatch(copies, copies, { radiusArcsec: 1 })
  expect(new Set(once.nearestOfA)).toEqual(new Set([0]))
  expect(once.ambiguous.candidates.every((count) => count === 300)).toBe(true)
  const each = crossmatch(copies, copies, { radiusArcsec: 1, oneToOne: true })
  expect([...each.indexB]).toEqual(Array.from({ length: 300 }, (_, i) => i))
})

test('a star and its antipode match only within half a turn, and an infinite ra is no place', () => {
  const a = sky([30, 40], [0, 90], [Infinity, 0])
  const b = sky([210, -40], [0, -90])
  expect(crossmatch(a, b, { radiusArcsec: 899 }).n).toBe(0)
  expect(crossmatch(a, b, { radiusArcsec: 648_000 }).n).toBe(2)
  expect(crossmatch(a, b, { radiusArcsec: 1 }).withoutPosition).toEqual({ a: 1, b: 0 })
})

test('neighbours across every edge of a zone and a bin are found', () => {
  // Pairs 2.9 arcsec apart in eight directions, stepping through declination by less than a zone is high.
  const points: (readonly [number, number])[] = []
  const partners: (readonly [number, number])[] = []
  for (let i = 0; i < 4000; i++) {
    const ra = (i * 77.7) % 360
    const dec = -90 + (i * 180) / 3999
    points.push([ra, dec])
    partners.push(offset(ra, dec, 45 * (i % 8), 2.9))
  }
  const match = crossmatch(sky(...points), sky(...partners), { radiusArcsec: 3 })
  expect([...match.nearestOfA]).toEqual(points.map((_, i) => i))
  expect(Math.max(...match.separationArcsec) - Math.min(...match.separationArcsec)).toBeLessThan(1e-8)
})
