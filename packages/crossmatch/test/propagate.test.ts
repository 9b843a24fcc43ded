import { allPairs, crossmatch, findDuplicates, kNearest, propagate, separationArcsec } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oracle } from './modes-oracle.ts'
import { offset, sky } from './positions.ts'

test.each(oracle.moved)('as apply_space_motion: ra $ra dec $dec', (star) => {
  const column = (name: keyof typeof star): Float64Array => Float64Array.of(star[name])
  const there = propagate(sky([star.ra, star.dec]), {
    pmRa: column('pmRa'),
    pmDec: column('pmDec'),
    parallax: column('parallax'),
    rv: column('rv'),
    fromEpoch: star.fromEpoch,
    toEpoch: star.toEpoch,
  })
  // The fastest stars of the sky differ by the light time that astropy has in it.
  const fast = Math.hypot(star.pmRa, star.pmDec) > 1000
  expect(separationArcsec(there.ra[0]!, there.dec[0]!, star.raTo, star.decTo)).toBeLessThan(fast ? 2e-4 : 1e-6)
})

test('a star goes along the great circle of its motion, by the arc tangent of what it would go on a plane', () => {
  const position = fc.oneof(
    fc.constantFrom<[number, number]>([0, 90], [77, -90], [0, 0], [359.9999, 89.9999], [-10, -89.99]),
    fc.tuple(fc.double({ min: -360, max: 720, noNaN: true }), fc.double({ min: -90, max: 90, noNaN: true })),
  )
  const pm = fc.oneof(
    fc.constant(0),
    fc.integer({ min: -20_000_000, max: 20_000_000 }).map((micro) => micro / 1000),
  )
  fc.assert(
    fc.property(position, pm, pm, fc.integer({ min: -5000, max: 5000 }), ([ra, dec], pmRa, pmDec, years) => {
      const there = propagate(sky([ra, dec]), {
        pmRa: Float64Array.of(pmRa),
        pmDec: Float64Array.of(pmDec),
        fromEpoch: 2016,
        toEpoch: 2016 + years,
      })
      const plane = (Math.hypot(pmRa, pmDec) * years) / 1000
      const arcsec = (Math.atan((plane * Math.PI) / 648_000) * 648_000) / Math.PI
      const angle = (Math.atan2(pmRa, pmDec) * 180) / Math.PI
      const [raTo, decTo] = offset(ra, dec, angle, arcsec)
      expect(separationArcsec(there.ra[0]!, there.dec[0]!, raTo, decTo)).toBeLessThan(3e-9)
      if (plane !== 0) {
        expect(there.ra[0]).toBeGreaterThanOrEqual(0)
        expect(there.ra[0]).toBeLessThan(360)
      }
    }),
    { numRuns: 500, seed: 24 },
  )
})

test("Barnard's star: Gaia DR3's position of 2016, carried to 2000, is the one that SIMBAD gives", () => {
  const there = propagate(sky([269.44850252543836, 4.739420051112412]), {
    pmRa: Float64Array.of(-801.551),
    pmDec: Float64Array.of(10362.394),
    fromEpoch: 2016,
    toEpoch: 2000,
  })
  const [raTo, decTo] = [15 * (17 + 57 / 60 + 48.49847 / 3600), 4 + 41 / 60 + 36.1139 / 3600]
  expect(separationArcsec(there.ra[0]!, there.dec[0]!, raTo, decTo)).toBeLessThan(0.02)
})

test('stars of unknown motion stay, to the last digit, and are counted', () => {
  const positions = sky([370.1, 5], [10, 6], [20, 7], [NaN, 8], [30, 9])
  const there = propagate(positions, {
    pmRa: Float64Array.of(NaN, 100, 0, 100, 100),
    pmDec: Float64Array.of(0, NaN, 0, 100, 0),
    fromEpoch: Float64Array.of(2016, 2016, 2016, 2016, NaN),
    toEpoch: 2000,
  })
  expect([...there.ra]).toEqual([...positions.ra])
  expect([...there.dec]).toEqual([...positions.dec])
  expect(there.withoutMotion).toBe(3)
})

test('parallaxes and velocities that are missing or negative change nothing', () => {
  const motion = { pmRa: Float64Array.of(500), pmDec: Float64Array.of(-300), fromEpoch: 2000, toEpoch: 3000 }
  const plain = propagate(sky([10, 80]), motion)
  for (const [parallax, rv] of [
    [NaN, 50],
    [-3, 50],
    [3, NaN],
  ] as const) {
    const there = propagate(sky([10, 80]), { ...motion, parallax: Float64Array.of(parallax), rv: Float64Array.of(rv) })
    expect(there.ra).toEqual(plain.ra)
  }
  const receding = propagate(sky([10, 80]), { ...motion, parallax: Float64Array.of(300), rv: Float64Array.of(200) })
  const path = (to: typeof plain): number => separationArcsec(10, 80, to.ra[0]!, to.dec[0]!)
  // A distance that grows by 6.1 % in the thousand years (200 km/s at 3.33 pc) shortens the path by as much.
  const growth = (((200 / 4.740470463533349) * 300 * Math.PI) / 648e6) * 1000
  expect(growth).toBeGreaterThan(0.06)
  expect(path(plain) / path(receding)).toBeCloseTo(1 + growth, 5)
})

test('a match at an epoch is the match of the propagated positions, in every mode', () => {
  const n = 200
  const b = {
    ra: Float64Array.from({ length: n }, (_, i) => 10 + (i % 20) / 200),
    dec: Float64Array.from({ length: n }, (_, i) => 60 + Math.floor(i / 20) / 400),
  }
  const motion = {
    pmRa: Float64Array.from({ length: n }, (_, i) => 3000 * Math.sin(i)),
    pmDec: Float64Array.from({ length: n }, (_, i) => 3000 * Math.cos(i)),
    fromEpoch: 2016,
  }
  const there = propagate(b, { ...motion, toEpoch: 2000 })
  const a = { ra: there.ra.toReversed(), dec: there.dec.toReversed() }
  const moving = { ...b, motion }
  const options = { radiusArcsec: 1, epoch: 2000 }
  const match = crossmatch(a, moving, options)
  expect([...match.nearestOfA]).toEqual(Array.from({ length: n }, (_, i) => n - 1 - i))
  expect(crossmatch(a, b, options).n).toBeLessThan(20)
  expect(allPairs(a, moving, options)).toEqual(allPairs(a, there, options))
  expect(kNearest(moving, a, { k: 2, epoch: 2000 })).toEqual(kNearest(there, a, { k: 2 }))
  const wide = { radiusArcsec: 20, epoch: 2000 }
  expect(findDuplicates(moving, wide)).toEqual(findDuplicates(there, wide))
  expect(() => crossmatch(a, moving, { radiusArcsec: 1 })).toThrow(
    'Catalogue b has proper motions but no epoch to go to. Give the match an `epoch`',
  )
})

test('columns of the wrong length and epochs that are no years are refused by name', () => {
  const motion = { pmRa: Float64Array.of(1), pmDec: Float64Array.of(1), fromEpoch: 2016, toEpoch: 2000 }
  expect(() => propagate(sky([1, 1], [2, 2]), motion)).toThrow(
    'Column pmRa of catalogue to propagate needs one value a star: got 1 values for 2 stars',
  )
  expect(() => propagate(sky([1, 1]), { ...motion, rv: Float64Array.of() })).toThrow('Column rv of catalogue')
  expect(() => propagate(sky([1, 1]), { ...motion, toEpoch: NaN })).toThrow(
    expect.objectContaining({ code: 'epoch-out-of-range', got: 'NaN' }),
  )
})
