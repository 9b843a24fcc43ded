import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linearTicks, logTicks } from '../src/ticks.ts'

test('ticks are round numbers with as many decimals as they need', () => {
  expect(linearTicks(0, 1, 5).map((t) => t.text)).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0'])
  expect(linearTicks(-0.33, 0.31, 4).map((t) => t.text)).toEqual(['−0.2', '0.0', '0.2'])
  expect(linearTicks(3600, 9824, 6).map((t) => t.value)).toEqual([4000, 5000, 6000, 7000, 8000, 9000])
  expect(linearTicks(0, 0.9, 9).map((t) => t.value)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
  expect(linearTicks(5, 5, 4)).toEqual([])
})

test('logarithmic ticks are 1, 2, 5; powers of ten over many decades; linear within one', () => {
  expect(logTicks(8, 300, 5).map((t) => t.text)).toEqual(['10', '20', '50', '100', '200'])
  expect(logTicks(0.01, 1e4, 9).map((t) => t.text)).toEqual(['0.01', '0.1', '1', '10', '100', '1000', '10000'])
  expect(logTicks(110, 190, 4).map((t) => t.text)).toEqual(['120', '140', '160', '180'])
})

test('ticks lie within the axis, ascend, are about as many as asked for and read as their value', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 2, max: 12 }),
      (low, span, count) => {
        const ticks = linearTicks(low, low + span, count)
        expect(ticks.length).toBeGreaterThanOrEqual(Math.floor(count / 2))
        expect(ticks.length).toBeLessThanOrEqual(2 * count + 1)
        ticks.forEach(({ value, text }, i) => {
          expect(value).toBeGreaterThanOrEqual(low - span * 1e-6)
          expect(value).toBeLessThanOrEqual(low + span * (1 + 1e-6))
          if (i > 0) expect(value).toBeGreaterThan(ticks[i - 1]!.value)
          expect(Math.abs(Number(text.replace('−', '-')) - value)).toBeLessThan(span * 1e-6)
        })
      },
    ),
  )
})
