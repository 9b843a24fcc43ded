import { crossmatch, CrossmatchError } from '@astrolabel/crossmatch'
import { expect, test } from 'vitest'
import { sky } from './positions.ts'

test('finds the nearest star and says where the radius does not decide', () => {
  const a = sky([10, 0], [20, 0], [30, 0])
  const b = sky([30 + 2 / 3600, 0], [10, 1 / 3600], [10, -0.5 / 3600], [21, 0])
  const match = crossmatch(a, b, { radiusArcsec: 2.5 })
  expect(match.n).toBe(2)
  expect([...match.indexA]).toEqual([0, 2])
  expect([...match.indexB]).toEqual([2, 0])
  expect(match.separationArcsec[0]).toBeCloseTo(0.5, 9)
  expect(match.separationArcsec[1]).toBeCloseTo(2, 9)
  expect([...match.ambiguous.a]).toEqual([0])
  expect([...match.ambiguous.candidates]).toEqual([2, 1])
  expect([...match.nearestOfA]).toEqual([2, -1, 0])
})

test('stars round a pole match over it, whatever their ra', () => {
  const a = sky([0, 90], [123, -90], [10, 89.9999])
  const b = sky([180, 89.9999], [7, 90], [300, -89.9999])
  const match = crossmatch(a, b, { radiusArcsec: 1 })
  expect([...match.nearestOfA]).toEqual([1, 2, 1])
  expect([...match.ambiguous.a]).toEqual([0, 2])
  expect(match.separationArcsec[1]).toBeCloseTo(0.36, 9)
})

test('the pole is one point: two stars there match at radius 0', () => {
  expect(crossmatch(sky([0, 90], [0, -90]), sky([211.7, -90], [33.3, 90]), { radiusArcsec: 0 }).n).toBe(2)
})

test('ra may be written on any turn', () => {
  const b = sky([0.0001, 0], [350, 0], [10, 0])
  const match = crossmatch(sky([359.9999, 0], [-10, 0], [370, 0], [-350, 0]), b, { radiusArcsec: 0.72 })
  expect([...match.nearestOfA]).toEqual([0, 1, 2, 2])
  expect(match.separationArcsec[0]).toBeCloseTo(0.72, 9)
  expect([...match.separationArcsec.subarray(1)]).toEqual([0, 0, 0])
})

test.each([0.1, 1, 60, 3600, 90 * 3600, 179 * 3600])(
  'a star exactly %d arcsec away is inside that radius',
  (radius) => {
    const there = sky([40, -90 + radius / 3600])
    const match = crossmatch(sky([211, -90]), there, { radiusArcsec: radius })
    expect(match.n).toBe(1)
    expect(match.separationArcsec[0]).toBeLessThanOrEqual(radius)
    expect(crossmatch(sky([211, -90]), there, { radiusArcsec: radius - 1e-7 }).n).toBe(0)
  },
)

test('a radius of 180 degrees reaches everything, the antipode too', () => {
  const match = crossmatch(sky([10, 20]), sky([190, -20], [190, -20]), { radiusArcsec: 648_000 })
  expect([...match.nearestOfA]).toEqual([0])
  expect(match.separationArcsec[0]).toBe(648_000)
  expect([...match.ambiguous.candidates]).toEqual([2])
})

test('a catalogue of one position repeated splits and counts', () => {
  const n = 5000
  const b = { ra: new Float64Array(n).fill(123.4), dec: new Float64Array(n).fill(56.7) }
  const match = crossmatch(sky([123.4, 56.7]), b, { radiusArcsec: 0 })
  expect([...match.indexB]).toEqual([0])
  expect([...match.ambiguous.candidates]).toEqual([n])
  const oneToOne = crossmatch(b, b, { radiusArcsec: 1, oneToOne: true })
  expect(oneToOne.indexB).toEqual(Int32Array.from({ length: n }, (_, i) => i))
})

test('empty catalogues match nothing', () => {
  const empty = sky()
  for (const oneToOne of [false, true]) {
    expect(crossmatch(empty, sky([1, 2]), { radiusArcsec: 648_000, oneToOne }).n).toBe(0)
    expect([...crossmatch(sky([1, 2]), empty, { radiusArcsec: 648_000, oneToOne }).nearestOfA]).toEqual([-1])
    expect(crossmatch(empty, empty, { radiusArcsec: 1, oneToOne }).nearestOfA).toHaveLength(0)
  }
})

test('stars without a position match nothing, are counted, and leave the rows of the others as they are', () => {
  const a = sky([NaN, 5], [10, 5], [10, NaN], [Infinity, 5])
  const b = sky([NaN, NaN], [10, 5])
  const match = crossmatch(a, b, { radiusArcsec: 648_000 })
  expect([...match.nearestOfA]).toEqual([-1, 1, -1, -1])
  expect([...match.indexA]).toEqual([1])
  expect(match.withoutPosition).toEqual({ a: 3, b: 1 })
})

test('equally near stars go to the lowest row', () => {
  const b = sky([20, 0], [10 - 1 / 3600, 0], [10 + 1 / 3600, 0], [10 - 1 / 3600, 0])
  expect([...crossmatch(sky([10, 0]), b, { radiusArcsec: 5 }).indexB]).toEqual([1])
})

test('one to one takes the closest pair first, and who lost a star gets the next one', () => {
  const arcsec = (x: number): [number, number] => [50 + x / 3600, 0]
  const a = sky(arcsec(0), arcsec(1), arcsec(9))
  const b = sky(arcsec(0.8), arcsec(-2))
  const shared = crossmatch(a, b, { radiusArcsec: 3 })
  expect([...shared.indexB]).toEqual([0, 0])
  const match = crossmatch(a, b, { radiusArcsec: 3, oneToOne: true })
  expect([...match.indexA]).toEqual([0, 1])
  expect([...match.indexB]).toEqual([1, 0])
  expect(match.separationArcsec[0]).toBeCloseTo(2, 9)
  expect([...match.nearestOfA]).toEqual([0, 0, -1])
})

test.each([90.0001, -91, Infinity, -9999])('a declination of %d is refused with its row', (dec) => {
  const call = (): unknown => crossmatch(sky([1, 2]), sky([3, 4], [5, dec]), { radiusArcsec: 1 })
  expect(call).toThrow(CrossmatchError)
  expect(call).toThrow(
    `Declination of row 1 of catalogue b is not on the sky: got ${dec} deg, expected a value in [-90, 90] deg`,
  )
})

test.each([-1, NaN, 648_000.1, Infinity])('a radius of %d is refused', (radiusArcsec) => {
  expect(() => crossmatch(sky(), sky(), { radiusArcsec })).toThrow(
    expect.objectContaining({ name: 'CrossmatchError', code: 'radius-out-of-range', got: `${radiusArcsec} arcsec` }),
  )
})

test('arrays of different length are refused', () => {
  const a = { ra: new Float64Array(3), dec: new Float64Array(2) }
  expect(() => crossmatch(a, sky(), { radiusArcsec: 1 })).toThrow(
    'Catalogue a needs one ra and one dec for each star: got 3 ra and 2 dec',
  )
})

test('reports progress and stops when told to', () => {
  const n = 70_000
  const a = { ra: new Float64Array(n), dec: Float64Array.from({ length: n }, (_, i) => i / 1000) }
  // The narrow radius goes by bands of the sky, the wide one by lists of stars.
  for (const radiusArcsec of [1, 3600]) {
    const calls: number[] = []
    crossmatch(a, sky([1, 0]), {
      radiusArcsec,
      onProgress: (done, total) => {
        calls.push(done)
        expect(total).toBe(n)
      },
    })
    expect(calls.length).toBeGreaterThan(1)
    expect(calls).toEqual(calls.toSorted((p, q) => p - q))
    expect(calls.at(-1)).toBe(n)
  }
  const stop = new AbortController()
  let reports = 0
  const call = (): unknown =>
    crossmatch(a, sky([1, 0]), {
      radiusArcsec: 1,
      signal: stop.signal,
      onProgress: () => {
        reports++
        stop.abort(new Error('stopped by the test'))
      },
    })
  expect(call).toThrow('stopped by the test')
  expect(reports).toBe(1)
})

test('catalogues stay as they were', () => {
  const a = sky([10, 1], [370, 2], [-5, 90])
  const b = sky([10, 1.1], [NaN, 3], [3, 89.9])
  crossmatch(a, b, { radiusArcsec: 3600, oneToOne: true })
  expect(a).toEqual(sky([10, 1], [370, 2], [-5, 90]))
  expect(b).toEqual(sky([10, 1.1], [NaN, 3], [3, 89.9]))
})
