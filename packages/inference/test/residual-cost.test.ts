import { checkJacobian, InferenceError, residualCost } from '@astrolabel/inference'
import { expect, test } from 'vitest'
import { decay, line, linspace, polynomial, residual, type Curve } from './models.ts'

const x = linspace(0, 3, 30)
const ones = x.map(() => 1)

test('chi2, gradient and curvature of a straight line, by hand', () => {
  const cost = residualCost(
    residual(polynomial(2), Float64Array.of(0, 1, 2), Float64Array.of(1, 1, 5), Float64Array.of(1, 2, 4)),
  )
  const gradient = new Float64Array(2)
  const curvature = new Float64Array(4)
  // The model is 1, 2, 3, so the residuals are 0, -1, 2.
  expect(cost.evaluate(Float64Array.of(1, 1), gradient, curvature)).toBe(2 + 16)
  expect([...gradient]).toEqual([2 - 8, 2 - 16])
  expect([...curvature]).toEqual([7, 10, 10, 18])
  expect(cost.cost!(Float64Array.of(1, 1))).toBe(18)
})

test('a point without weight has no say, whatever its value and whatever the model says there', () => {
  const y = x.map((xi) => xi * xi)
  const ivar = x.map((_, i) => (i === 7 ? 0 : 2))
  const spoilt = Float64Array.from(y).fill(NaN, 7, 8)
  const model: Curve = { ...decay, value: (p, xi) => (xi === x[7] ? NaN : decay.value(p, xi)) }
  const read = (curve: Curve, data: Float64Array): unknown => {
    const gradient = new Float64Array(3)
    const curvature = new Float64Array(9)
    const chi2 = residualCost(residual(curve, x, data, ivar)).evaluate(Float64Array.of(1, 1, 1), gradient, curvature)
    return { chi2, gradient, curvature }
  }
  expect(read(model, spoilt)).toEqual(read(decay, y))
})

test.each([
  ['an ivar below zero', ones, x.map(() => -1), 'The inverse variance of data point 0 is not one: got -1'],
  ['an ivar of NaN', ones, x.map(() => NaN), 'got NaN, expected a finite number, 0 for a bad point'],
  [
    'a value of NaN with weight',
    ones.map((v, i) => (i === 3 ? NaN : v)),
    ones,
    'Data point 3 is not a number, yet it has weight',
  ],
  [
    'data of another length',
    Float64Array.of(1),
    ones,
    'y and ivar need one value for each data point: got 1 and 30, expected 30',
  ],
])('%s is refused', (_, y, ivar, message) => {
  const call = (): unknown => residualCost({ ...residual(decay, x, x, ones), y, ivar })
  expect(call).toThrow(InferenceError)
  expect(call).toThrow(message)
})

test.each([
  ['decay', decay, [5, 1.3, 0.5]],
  ['line', line, [0.4, 0.3, 0.5, 1, 0.02]],
  ['cubic', polynomial(4), [1, -2, 3, 0]],
])('a right Jacobian passes: %s', (_, curve, params) => {
  expect(checkJacobian(residual(curve, x, ones, ones), Float64Array.from(params)).maxRelativeError).toBeLessThan(1e-8)
})

test('one wrong entry is found, with both of its values', () => {
  const model = residual(decay, x, ones, ones)
  const wrong = {
    ...model,
    jacobian: (p: Float64Array, out: Float64Array): void => {
      model.jacobian(p, out)
      out[3 * 11 + 1]! *= 1.01
    },
  }
  const params = Float64Array.of(5, 1.3, 0.5)
  const check = checkJacobian(wrong, params)
  expect(check.worst).toMatchObject({ data: 11, param: 1 })
  expect(check.worst.analytic / check.worst.numeric).toBeCloseTo(1.01, 6)
  expect(check.maxRelativeError).toBeGreaterThan(1e-3)
  expect(params).toEqual(Float64Array.of(5, 1.3, 0.5))
})

test('a Jacobian or a model that is not a number does not pass, and neither does a column of zeros for an effect', () => {
  const model = residual(decay, x, ones, ones)
  const params = Float64Array.of(5, 1.3, 0.5)
  const fill = (value: number) => (_: Float64Array, out: Float64Array) => void out.fill(value)
  expect(checkJacobian({ ...model, jacobian: fill(NaN) }, params).maxRelativeError).toBe(Infinity)
  expect(checkJacobian({ ...model, model: fill(NaN) }, params).maxRelativeError).toBe(Infinity)
  expect(checkJacobian({ ...model, jacobian: fill(0) }, params).maxRelativeError).toBe(1)
})

test('steps suit parameters that live on another scale', () => {
  const narrow: Curve = {
    nParams: 1,
    value: (p, xi) => Math.sin(1e6 * p[0]! + xi),
    slopes: (p, xi) => [1e6 * Math.cos(1e6 * p[0]! + xi)],
  }
  const model = residual(narrow, x, ones, ones)
  expect(checkJacobian(model, Float64Array.of(0)).maxRelativeError).toBeGreaterThan(0.1)
  expect(checkJacobian(model, Float64Array.of(0), Float64Array.of(1e-9)).maxRelativeError).toBeLessThan(1e-8)
  expect(() => checkJacobian(model, Float64Array.of(0), Float64Array.of(1, 2))).toThrow('got 1 parameters and 2 steps')
})
