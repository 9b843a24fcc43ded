import { InferenceError, levenbergMarquardt, residualCost, type QuadraticCost } from '@astrolabel/inference'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decay, line, linspace, normals, polynomial, residual } from './models.ts'

const vector = (...values: number[]): Float64Array => Float64Array.from(values)

/** Residuals 10 (y - x^2) and 1 - x: the banana valley, minimum 0 at (1, 1). */
const rosenbrock = residualCost({
  nData: 2,
  nParams: 2,
  y: vector(0, 1),
  ivar: vector(1, 1),
  model: (p, out) => out.set([10 * (p[1]! - p[0]! * p[0]!), p[0]!]),
  jacobian: (p, out) => out.set([-20 * p[0]!, 10, 1, 0]),
})

/** ln p = 1 with the logarithm undefined for p <= 0, where a plain Newton step from p = 20 lands. */
const logarithm = (withCost: boolean, undefinedValue: number): QuadraticCost => {
  const chi2 = (p: Float64Array): number => (p[0]! > 0 ? (Math.log(p[0]!) - 1) ** 2 : undefinedValue)
  const evaluate: QuadraticCost['evaluate'] = (p, gradient, curvature) => {
    gradient[0] = (Math.log(p[0]!) - 1) / p[0]!
    curvature[0] = 1 / p[0]! ** 2
    return chi2(p)
  }
  return withCost ? { size: 1, evaluate, cost: chi2 } : { size: 1, evaluate }
}

function noisyPolynomial(nParams: number, seed: number): { cost: QuadraticCost; x: Float64Array; ivar: Float64Array } {
  const normal = normals(seed)
  const x = linspace(-1, 1, 50)
  const ivar = x.map(() => Math.exp(normal()))
  const y = x.map((xi, i) => 3 - xi + normal() / Math.sqrt(ivar[i]!))
  return { cost: residualCost(residual(polynomial(nParams), x, y, ivar)), x, ivar }
}

test.each([
  [-1.2, 1],
  [0, 0],
  [-5, 40],
  [3, -300],
  [1e-8, 1e8],
])('finds the end of the banana valley from (%d, %d)', (x, y) => {
  const fit = levenbergMarquardt(rosenbrock, vector(x, y))
  expect(fit.converged).toBe(true)
  expect(fit.params[0]).toBeCloseTo(1, 10)
  expect(fit.params[1]).toBeCloseTo(1, 10)
  expect(fit.chi2).toBeLessThan(1e-20)
})

test('a linear problem is solved in one step, and its covariance is the inverse Fisher matrix', () => {
  const { cost, x, ivar } = noisyPolynomial(2, 1)
  const fit = levenbergMarquardt(cost, vector(1000, -1e5))
  expect(fit).toMatchObject({ iterations: 1, converged: true, reason: 'gradient' })
  const sum = (f: (xi: number) => number): number => x.reduce((total, xi, i) => total + ivar[i]! * f(xi), 0)
  const [s, sx, sxx] = [sum(() => 1), sum((xi) => xi), sum((xi) => xi * xi)]
  const determinant = s * sxx - sx * sx
  const expected = [sxx / determinant, -sx / determinant, -sx / determinant, s / determinant]
  for (const [k, value] of expected.entries()) expect(fit.covariance[k]! / value).toBeCloseTo(1, 10)

  const [y0, y1] = [vector(0, 0), vector(0, 0, 0, 0)]
  cost.evaluate(fit.params, y0, y1)
  expect(Math.abs(y0[0]!)).toBeLessThan(1e-8)
  expect(Math.abs(y0[1]!)).toBeLessThan(1e-8)
})

test('curvature times covariance is the identity', () => {
  const { cost } = noisyPolynomial(8, 2)
  const fit = levenbergMarquardt(cost, new Float64Array(8))
  expect(fit.converged).toBe(true)
  const curvature = new Float64Array(64)
  cost.evaluate(fit.params, new Float64Array(8), curvature)
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 8; j++) {
      let product = 0
      for (let k = 0; k < 8; k++) product += curvature[8 * i + k]! * fit.covariance[8 * k + j]!
      expect(product).toBeCloseTo(i === j ? 1 : 0, 7)
      expect(fit.covariance[8 * i + j]).toBe(fit.covariance[8 * j + i])
    }
  }
})

test('a fixed parameter keeps its start, has no covariance, and the others are the conditional fit', () => {
  const { cost, x, ivar } = noisyPolynomial(3, 3)
  const fit = levenbergMarquardt(cost, vector(0, 2, 0), { fixed: Uint8Array.of(0, 1, 0) })
  expect(fit.params[1]).toBe(2)
  expect([1, 3, 4, 5, 7].map((k) => fit.covariance[k])).toEqual([0, 0, 0, 0, 0])
  expect(fit.iterations).toBe(1)

  const y = x.map(() => 0)
  const gradient = new Float64Array(3)
  cost.evaluate(fit.params, gradient, new Float64Array(9))
  expect(Math.abs(gradient[0]!) + Math.abs(gradient[2]!)).toBeLessThan(1e-9)
  expect(Math.abs(gradient[1]!)).toBeGreaterThan(1)
  const two = residualCost(residual({ nParams: 2, value: () => 0, slopes: (_, xi) => [1, xi * xi] }, x, y, ivar))
  const conditional = levenbergMarquardt(two, vector(0, 0)).covariance
  for (const [k, at] of [0, 2, 6, 8].entries()) expect(fit.covariance[at]! / conditional[k]!).toBeCloseTo(1, 9)
})

test('everything fixed is nothing to fit', () => {
  const fit = levenbergMarquardt(rosenbrock, vector(5, 5), { fixed: Uint8Array.of(1, 1) })
  expect(fit).toMatchObject({ iterations: 0, converged: true, chi2: 40_016 })
  expect([...fit.covariance]).toEqual([0, 0, 0, 0])
})

test('bounds that are equal hold a parameter as fixing does', () => {
  const { cost } = noisyPolynomial(3, 4)
  const start = vector(0, 2, 0)
  const held = levenbergMarquardt(cost, start, { lower: vector(-9, 2, -9), upper: vector(9, 2, 9) })
  expect(held).toEqual(levenbergMarquardt(cost, start, { fixed: Uint8Array.of(0, 1, 0) }))
})

test('the bounded minimum of a quadratic satisfies the Kuhn-Tucker conditions, from any start', () => {
  const coordinate = fc.double({ min: -1, max: 1, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(coordinate, { minLength: 24, maxLength: 24 }),
      fc.array(fc.tuple(coordinate, coordinate), { minLength: 4, maxLength: 4 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
      (numbers, limits, where) => {
        const matrix = numbers.slice(0, 20)
        // Five equations for four parameters, with enough on the diagonal that all are determined.
        for (let i = 0; i < 4; i++) matrix[5 * i] = matrix[5 * i]! + 3
        const cost = residualCost({
          nData: 5,
          nParams: 4,
          y: Float64Array.from([...numbers.slice(20), 1], (v) => 10 * v),
          ivar: new Float64Array(5).fill(1),
          model: (p, out) => {
            for (let i = 0; i < 5; i++) out[i] = p.reduce((sum, value, j) => sum + matrix[4 * i + j]! * value, 0)
          },
          jacobian: (_, out) => out.set(matrix),
        })
        const lower = Float64Array.from(limits, ([a, b]) => Math.min(a, b) - 0.01)
        const upper = Float64Array.from(limits, ([a, b]) => Math.max(a, b) + 0.01)
        const start = lower.map((low, i) => Math.min(upper[i]!, low + where[i]! * (upper[i]! - low)))
        const fit = levenbergMarquardt(cost, start, { lower, upper, tolerance: 1e-10 })
        const gradient = new Float64Array(4)
        const curvature = new Float64Array(16)
        cost.evaluate(fit.params, gradient, curvature)
        expect(fit.converged).toBe(true)
        for (let i = 0; i < 4; i++) {
          const slope = gradient[i]! / Math.sqrt(curvature[5 * i]! * (fit.chi2 + 1e-6))
          expect(fit.params[i]).toBeGreaterThanOrEqual(lower[i]!)
          expect(fit.params[i]).toBeLessThanOrEqual(upper[i]!)
          if (fit.params[i] === lower[i]) expect(slope).toBeGreaterThan(-1e-7)
          else if (fit.params[i] === upper[i]) expect(slope).toBeLessThan(1e-7)
          else expect(Math.abs(slope)).toBeLessThan(1e-7)
          const onBound = fit.params[i] === lower[i] || fit.params[i] === upper[i]
          expect(fit.atBound[i]).toBe(onBound ? 1 : 0)
          expect(fit.covariance[5 * i]! > 0).toBe(!onBound)
        }
      },
    ),
    { numRuns: 300, seed: 5 },
  )
})

test('a linear problem with a bound in the way of correlated parameters is solved in one step', () => {
  const x = linspace(1, 2, 20)
  const y = x.map((xi) => 3 - 2 * xi)
  const cost = residualCost(
    residual(
      polynomial(2),
      x,
      y,
      x.map(() => 1),
    ),
  )
  const fit = levenbergMarquardt(cost, vector(0, 0), { lower: vector(-9, -1), upper: vector(9, 9) })
  expect(fit).toMatchObject({ iterations: 1, converged: true })
  expect([...fit.atBound]).toEqual([0, 1])
  // With the slope at -1 the level is the mean of y + x.
  expect(fit.params[0]).toBeCloseTo(1.5, 12)
})

test('the valley cut off by a bound ends on the bound: x <= 0.5 gives y = 0.25', () => {
  const options = { upper: vector(0.5, 10), lower: vector(-10, -10) }
  for (const start of [vector(-1.2, 1), vector(0.5, 10), vector(-10, -10), vector(0.5, 0)]) {
    const fit = levenbergMarquardt(rosenbrock, start, options)
    expect(fit.converged).toBe(true)
    expect(fit.params[0]).toBe(0.5)
    expect(fit.params[1]).toBeCloseTo(0.25, 8)
    expect([...fit.atBound]).toEqual([1, 0])
    expect([...fit.covariance.subarray(0, 3)]).toEqual([0, 0, 0])
    expect(fit.covariance[3]).toBeCloseTo(0.01, 10)
  }
})

test('the units of the parameters and of the data change nothing', () => {
  const normal = normals(6)
  const x = linspace(0, 4, 40)
  const y = x.map((xi) => decay.value(vector(5, 1.3, 0.5), xi) + 0.05 * normal())
  const ivar = x.map(() => 400)
  const start = vector(1, 0.1, 0)
  const plain = levenbergMarquardt(residualCost(residual(decay, x, y, ivar)), start)
  expect(plain.converged).toBe(true)
  // Powers of two scale without rounding, so that equal means equal.
  const power = fc.integer({ min: -40, max: 40 }).map((k) => 2 ** k)
  fc.assert(
    fc.property(fc.tuple(power, power, power), power, (units, dataUnit) => {
      const scaled = residualCost(
        residual(
          {
            nParams: 3,
            value: (p, xi) =>
              dataUnit *
              decay.value(
                p.map((v, k) => v * units[k]!),
                xi,
              ),
            slopes: (p, xi) =>
              decay
                .slopes(
                  p.map((v, k) => v * units[k]!),
                  xi,
                )
                .map((slope, k) => dataUnit * slope * units[k]!),
          },
          x,
          y.map((v) => v * dataUnit),
          ivar.map((w) => w / dataUnit ** 2),
        ),
      )
      const fit = levenbergMarquardt(
        scaled,
        start.map((v, k) => v / units[k]!),
      )
      expect(fit.iterations).toBe(plain.iterations)
      expect(fit.chi2).toBe(plain.chi2)
      expect(fit.params.map((v, k) => v * units[k]!)).toEqual(plain.params)
      expect(fit.covariance.map((v, k) => v * units[k % 3]! * units[Math.floor(k / 3)]!)).toEqual(plain.covariance)
    }),
    { numRuns: 50, seed: 7 },
  )
})

test('parameters that only their sum determines are reported, with finite values and huge variances', () => {
  const x = linspace(-1, 1, 20)
  const y = x.map((xi) => 3 + 2 * xi)
  const sumOnly = residual(
    { nParams: 3, value: (p, xi) => p[0]! + p[1]! + p[2]! * xi, slopes: (_, xi) => [1, 1, xi] },
    x,
    y,
    x.map(() => 1),
  )
  const fit = levenbergMarquardt(residualCost(sumOnly), vector(10, -4, 0))
  expect(fit).toMatchObject({ converged: false, reason: 'rank-deficient' })
  expect(fit.params[0]! + fit.params[1]!).toBeCloseTo(3, 8)
  expect(fit.params[2]).toBeCloseTo(2, 8)
  expect(fit.covariance.every(Number.isFinite)).toBe(true)
  expect(fit.covariance[0]).toBeGreaterThan(1e9)
  // What the data do determine keeps its variance.
  expect(fit.covariance[8]! * x.reduce((sum, xi) => sum + xi * xi, 0)).toBeCloseTo(1, 6)
})

test('a parameter without any effect stays at its start and is reported', () => {
  const x = linspace(-1, 1, 20)
  const idle = residual(
    { nParams: 2, value: (p, xi) => p[0]! * xi, slopes: (_, xi) => [xi, 0] },
    x,
    x.map((xi) => 2 * xi),
    x.map(() => 1),
  )
  const fit = levenbergMarquardt(residualCost(idle), vector(0, 7))
  expect(fit).toMatchObject({ converged: false, reason: 'rank-deficient' })
  expect(fit.params[0]).toBeCloseTo(2, 12)
  expect(fit.params[1]).toBe(7)
  expect(fit.covariance[3]).toBe(Infinity)
})

test('a star without data is reported, not fitted', () => {
  const x = linspace(-1, 1, 20)
  const empty = residual(
    polynomial(2),
    x,
    x.map(() => NaN),
    x.map(() => 0),
  )
  const fit = levenbergMarquardt(residualCost(empty), vector(1, 2))
  expect(fit).toMatchObject({ chi2: 0, iterations: 0, converged: false, reason: 'rank-deficient' })
  expect(fit.params).toEqual(vector(1, 2))
})

test.each([
  [false, NaN],
  [true, NaN],
  [false, Infinity],
  [true, -Infinity],
  [false, 0],
])('a step into the undefined is taken back (cost alone: %s, value there %d)', (withCost, undefinedValue) => {
  const fit = levenbergMarquardt(logarithm(withCost, undefinedValue), vector(20))
  expect(fit.converged).toBe(true)
  expect(fit.params[0]).toBeCloseTo(Math.E, 8)
})

test('chi2 alone is asked for only after a step was taken back', () => {
  const probesFrom = (start: number): number => {
    let probes = 0
    const cost = logarithm(true, NaN)
    const probed = (p: Float64Array): number => {
      probes++
      return cost.cost!(p)
    }
    levenbergMarquardt({ ...cost, cost: probed }, vector(start))
    return probes
  }
  expect(probesFrom(2)).toBe(0)
  expect(probesFrom(20)).toBeGreaterThan(0)
})

test('a cost that is undefined at the start is a failed fit, not an exception', () => {
  const fit = levenbergMarquardt(logarithm(false, NaN), vector(-1))
  expect(fit).toMatchObject({ chi2: NaN, iterations: 0, converged: false, reason: 'not-finite' })
  expect(fit.params).toEqual(vector(-1))
  expect(fit.covariance).toEqual(vector(NaN))
})

test('a gradient of the wrong sign is reported as stalled', () => {
  const wrong: QuadraticCost = {
    size: 1,
    evaluate: (p, gradient, curvature) => {
      gradient[0] = -p[0]!
      curvature[0] = 1
      return 1 + p[0]! ** 2
    },
  }
  expect(levenbergMarquardt(wrong, vector(3))).toMatchObject({ converged: false, reason: 'stalled', chi2: 10 })
})

test('the steps may run out, and what was reached is returned', () => {
  const fit = levenbergMarquardt(rosenbrock, vector(-1.2, 1), { maxIterations: 2, damping: 1 })
  expect(fit).toMatchObject({ iterations: 2, converged: false, reason: 'iterations' })
  expect(fit.chi2).toBeLessThan(24.2)
  expect(rosenbrock.cost!(fit.params)).toBe(fit.chi2)
})

test('a fit inside a cost function does not disturb the outer one', () => {
  const outer: QuadraticCost = {
    size: 2,
    evaluate: (p, gradient, curvature) => {
      levenbergMarquardt(rosenbrock, vector(-1.2, 1))
      return rosenbrock.evaluate(p, gradient, curvature)
    },
  }
  const start = vector(-1.2, 1)
  const alone: QuadraticCost = {
    size: 2,
    evaluate: (p, gradient, curvature) => rosenbrock.evaluate(p, gradient, curvature),
  }
  expect(levenbergMarquardt(outer, start)).toEqual(levenbergMarquardt(alone, start))
  expect(start).toEqual(vector(-1.2, 1))
})

test('one sigma covers 68.27 % of the truths', () => {
  const normal = normals(8)
  const truth = vector(0.4, 0.3, 0.5, 1, 0.02)
  const x = linspace(-3, 3, 60)
  const error = 0.01
  const clean = x.map((xi) => line.value(truth, xi))
  const nStars = 1000
  const inside = new Float64Array(5)
  let chi2 = 0
  for (let star = 0; star < nStars; star++) {
    const y = clean.map((flux) => flux + error * normal())
    const cost = residualCost(
      residual(
        line,
        x,
        y,
        x.map(() => error ** -2),
      ),
    )
    const fit = levenbergMarquardt(cost, vector(0.3, 0.2, 0.6, 0.9, 0))
    expect(fit.converged).toBe(true)
    chi2 += fit.chi2
    for (let p = 0; p < 5; p++) {
      if (Math.abs(fit.params[p]! - truth[p]!) < Math.sqrt(fit.covariance[6 * p]!)) inside[p]!++
    }
  }
  // Four binomial standard errors, sqrt(0.6827 * 0.3173 / 1000) = 0.0147 each: one seed in 3000 would fail for five parameters.
  for (let p = 0; p < 5; p++) expect(Math.abs(inside[p]! / nStars - 0.6827)).toBeLessThan(4 * 0.0147)
  // chi2 has 55 degrees of freedom, its mean over 1000 stars a standard error of sqrt(110 / 1000).
  expect(Math.abs(chi2 / nStars - 55)).toBeLessThan(4 * Math.sqrt(0.11))
})

test.each([
  [
    'a start of another length',
    vector(1),
    {},
    "'start' needs one value for each parameter of the cost: got 1, expected 2",
  ],
  ['bounds of another length', vector(1, 1), { lower: vector(0) }, "'lower' needs one value for each parameter"],
  ['a start that is no number', vector(1, NaN), {}, 'The start of parameter 1 is not a number: got NaN'],
  [
    'bounds in the wrong order',
    vector(1, 1),
    { lower: vector(0, 3), upper: vector(2, 2) },
    'The bounds of parameter 1 are in the wrong order: got [3, 2], expected lower <= upper',
  ],
  [
    'a start out of bounds',
    vector(1, 1),
    { lower: vector(0, 3) },
    'The start of parameter 1 is out of its bounds: got 1, expected a value in [3, Infinity]. Move the start inside',
  ],
  [
    'a tolerance below zero',
    vector(1, 1),
    { tolerance: -1 },
    "Option 'tolerance' is out of range: got -1, expected at least 0",
  ],
])('%s is refused', (_, start, options, message) => {
  const call = (): unknown => levenbergMarquardt(rosenbrock, start, options)
  expect(call).toThrow(InferenceError)
  expect(call).toThrow(message)
})
