import { levenbergMarquardt, multiStart, type QuadraticCost } from '@astrolabel/inference'
import { expect, test } from 'vitest'

/** Residuals p^2 - 1 and 0.3 (p - 1): an exact minimum at p = 1 and a shallow one near p = -1; undefined beyond 50. */
const twoMinima: QuadraticCost = {
  size: 1,
  evaluate: (params, gradient, curvature) => {
    const p = params[0]!
    if (Math.abs(p) > 50) return NaN
    gradient[0] = (p * p - 1) * 2 * p + 0.09 * (p - 1)
    curvature[0] = 4 * p * p + 0.09
    return (p * p - 1) ** 2 + 0.09 * (p - 1) ** 2
  },
}
/** The root near -1 of the derivative over (p - 1), 2 p (p + 1) + 0.09. */
const SHALLOW = (-2 - Math.sqrt(4 - 0.72)) / 4

const starts = (...values: number[]): Float64Array[] => values.map((value) => Float64Array.of(value))

test('the deepest minimum wins, and the starts that reached it are counted', () => {
  const best = multiStart(twoMinima, starts(-1.4, 1.4, 2.6, -1.2))
  expect(best.params[0]).toBeCloseTo(1, 10)
  expect(best.chi2).toBeLessThan(1e-15)
  expect(best).toMatchObject({ converged: true, starts: 4, agreeing: 2 })
})

test('starts that end in the shallow minimum agree with each other', () => {
  const best = multiStart(twoMinima, starts(-1.4, -1.2, -3))
  expect(best.params[0]).toBeCloseTo(SHALLOW, 4)
  expect(best.agreeing).toBe(3)
})

test('fits of exact data that stop short of 0 at different chi2 agree when they are at one place', () => {
  const best = multiStart(twoMinima, starts(1.4, 2.6), { tolerance: 1e-3 })
  expect(best.chi2).toBeGreaterThan(0)
  expect(best.agreeing).toBe(2)
})

test('minima of equal depth at different places agree: the data cannot tell them apart', () => {
  const mirrored: QuadraticCost = {
    size: 1,
    evaluate: (params, gradient, curvature) => {
      const p = params[0]!
      gradient[0] = (p * p - 1) * 2 * p
      curvature[0] = 4 * p * p
      return (p * p - 1) ** 2 + 7
    },
  }
  expect(multiStart(mirrored, starts(0.7, -1.8))).toMatchObject({ converged: true, agreeing: 2 })
})

test('a start that cannot be evaluated neither wins nor agrees', () => {
  const best = multiStart(twoMinima, starts(99, -1.2))
  expect(best).toMatchObject({ converged: true, starts: 2, agreeing: 1 })
  expect(best.params[0]).toBeCloseTo(SHALLOW, 4)
  expect(multiStart(twoMinima, starts(99, -99))).toMatchObject({ reason: 'not-finite', converged: false, agreeing: 1 })
})

test('one start is the plain fit', () => {
  const [start] = starts(1.4)
  expect(multiStart(twoMinima, [start!])).toEqual({ ...levenbergMarquardt(twoMinima, start!), starts: 1, agreeing: 1 })
})

test('no start is refused', () => {
  expect(() => multiStart(twoMinima, [])).toThrow('A fit needs a place to start: got 0 starts, expected at least 1')
})
