import { separationArcsec } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { offset } from './positions.ts'

test('Arcturus and Spica are 32.7930 degrees apart (Meeus, Astronomical Algorithms, example 17.a)', () => {
  expect(separationArcsec(213.9154, 19.1825, 201.2983, -11.1614) / 3600).toBeCloseTo(32.793, 4)
})

test.each([
  ['identical', 123.456, -54.321, 123.456, -54.321, 0],
  ['both at a pole, whatever their ra', 12, 90, 250, 90, 0],
  ['pole to pole', 12, 90, 250, -90, 648_000],
  ['antipodes', 30, 20, 210, -20, 648_000],
  ['a quarter turn', 0, 0, 90, 0, 324_000],
  ['over the 0h seam', 359.9995, 0, 0.0005, 0, 3.6],
  ['over the pole', 0, 89.999, 180, 89.999, 7.2],
  ['ra past a turn', 370, 5, 10, 5, 0],
  ['ra below zero', -10, 5, 350, 5, 0],
  ['one milliarcsec in dec', 77, 60, 77, 60 + 1 / 3.6e6, 1e-3],
  ['one microarcsec in dec', 77, 0, 77, 1 / 3.6e9, 1e-6],
  ['one milliarcsec in ra on the equator', 77, 0, 77 + 1 / 3.6e6, 0, 1e-3],
])('%s', (_, raA, decA, raB, decB, arcsec) => {
  expect(Math.abs(separationArcsec(raA, decA, raB, decB) - arcsec)).toBeLessThan(3e-10)
})

test('the pole is one point and a turn is none, to the last bit', () => {
  expect(separationArcsec(12, 90, 250, 90)).toBe(0)
  expect(separationArcsec(12, -90, 250, -90)).toBe(0)
  expect(separationArcsec(370, 5, 10, 5)).toBe(0)
  expect(separationArcsec(-90, 5, 270, 5)).toBe(0)
})

test('a vector laid off along a great circle is as long as it was laid off', () => {
  const position = fc.tuple(
    fc.double({ min: -400, max: 800, noNaN: true }),
    fc.double({ min: -90, max: 90, noNaN: true }),
  )
  const length = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 648_000, noNaN: true }))
  fc.assert(
    fc.property(position, fc.double({ min: 0, max: 360, noNaN: true }), length, ([ra, dec], angle, distance) => {
      const [raB, decB] = offset(ra, dec, angle, distance)
      expect(Math.abs(separationArcsec(ra, dec, raB, decB) - distance)).toBeLessThan(2e-9)
    }),
    { numRuns: 500, seed: 1 },
  )
})

test('it is symmetric, and NaN when a position is missing', () => {
  expect(separationArcsec(1, 2, 3, 4)).toBe(separationArcsec(3, 4, 1, 2))
  expect(separationArcsec(1, NaN, 3, 4)).toBeNaN()
})
