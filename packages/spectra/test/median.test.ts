import fc from 'fast-check'
import { expect, test } from 'vitest'
import { medianInPlace } from '../src/median.js'

test('the median is that of the sorted values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 200 }),
      (list) => {
        const sorted = Float32Array.from(list).sort()
        const n = sorted.length
        const expected = n % 2 === 1 ? sorted[(n - 1) / 2]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2
        expect(medianInPlace(Float32Array.from(list), n)).toBe(expected)
      },
    ),
  )
})

test('only the first n values count, equal values and none are no trouble', () => {
  expect(medianInPlace(Float32Array.of(3, 1, 2, 900), 3)).toBe(2)
  expect(medianInPlace(new Float32Array(1000).fill(7), 1000)).toBe(7)
  expect(medianInPlace(new Float32Array(3), 0)).toBeNaN()
})
