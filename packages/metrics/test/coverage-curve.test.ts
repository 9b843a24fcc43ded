import { coverageCurve, normalQuantile, snrBins } from '@astrolabel/metrics'
import { expect, test } from 'vitest'

test('exact normal pulls lie on the diagonal, halved errors below it', () => {
  const pull = Float64Array.from({ length: 4000 }, (_, i) => normalQuantile((i + 0.5) / 4000))
  const { expected, observed } = coverageCurve(pull)
  expect(expected).toHaveLength(21)
  expect([observed[0], observed[20]]).toEqual([0, 1])
  expected.forEach((level, i) => expect(Math.abs(observed[i]! - level)).toBeLessThan(1e-3))
  const halved = coverageCurve(
    pull.map((z) => 2 * z),
    [0.6826894921370859],
  )
  // |2z| ≤ 1 for 38.29 % of a normal distribution.
  expect(halved.observed[0]).toBeCloseTo(0.3829, 3)
})

test('missing pulls are left out, none give NaN', () => {
  expect([...coverageCurve(Float64Array.of(NaN, 0.1, 5), [0.5]).observed]).toEqual([0.5])
  expect([...coverageCurve(Float64Array.of(NaN), [0.5]).observed]).toEqual([NaN])
})

test('S/N bins are half open, empty ones are left out', () => {
  const bins = snrBins([20, 19.99, NaN, 500, -3])
  expect(bins.map(({ from, to, rows }) => [from, to, ...rows])).toEqual([
    [0, 20, 1],
    [20, 50, 0],
    [200, Infinity, 3],
  ])
  expect(() => snrBins([1], [3, 3])).toThrow(expect.objectContaining({ code: 'metrics/edges' }))
})
