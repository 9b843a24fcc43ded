import { differentiateTerms, evaluateTerms, polynomialTerms, termName } from '@astrolabel/cannon'
import { checkJacobian } from '@astrolabel/inference'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { termProducts } from '../src/polynomial-terms.ts'

test('terms of order 1, 2 and 3 in two labels', () => {
  expect(polynomialTerms(2, 1).terms).toEqual([[], [0], [1]])
  expect(polynomialTerms(2, 2).terms).toEqual([[], [0], [1], [0, 0], [0, 1], [1, 1]])
  expect(polynomialTerms(2, 3).terms.slice(6)).toEqual([
    [0, 0, 0],
    [0, 0, 1],
    [0, 1, 1],
    [1, 1, 1],
  ])
})

test('five labels make 21 quadratic terms: the constant, the labels, then numpy.triu_indices(5)', () => {
  const { terms } = polynomialTerms(5, 2)
  const upper = [0, 1, 2, 3, 4].flatMap((a) => [0, 1, 2, 3, 4].filter((b) => b >= a).map((b) => [a, b]))
  expect(terms).toEqual([[], [0], [1], [2], [3], [4], ...upper])
  expect(terms).toHaveLength(21)
})

const cases = fc
  .record({ nLabels: fc.integer({ min: 1, max: 4 }), order: fc.integer({ min: 1, max: 4 }) })
  .chain(({ nLabels, order }) =>
    fc.record({
      terms: fc.constant(polynomialTerms(nLabels, order)),
      x: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: nLabels, maxLength: nLabels }),
    }),
  )

test('there are C(labels + order, order) terms, and each is the product of its labels', () => {
  fc.assert(
    fc.property(cases, ({ terms, x }) => {
      let count = 1
      for (let k = 1; k <= terms.order; k++) count = (count * (terms.nLabels + k)) / k
      expect(terms.terms).toHaveLength(Math.round(count))
      const out = new Float64Array(terms.terms.length)
      evaluateTerms(terms, Float64Array.from(x), out)
      for (const [t, term] of terms.terms.entries())
        expect(out[t]).toBeCloseTo(
          term.reduce((product, label) => product * x[label]!, 1),
          10,
        )
    }),
  )
})

test('derivatives of the terms agree with differences', () => {
  fc.assert(
    fc.property(cases, ({ terms, x }) => {
      const check = checkJacobian(
        {
          nData: terms.terms.length,
          nParams: terms.nLabels,
          model: (params, out) => evaluateTerms(terms, params, out),
          jacobian: (params, out) => differentiateTerms(terms, params, out),
        },
        Float64Array.from(x),
      )
      expect(check.maxRelativeError).toBeLessThan(1e-8)
    }),
  )
})

test('names of terms', () => {
  const names = ['teff', 'fe_h']
  expect(polynomialTerms(2, 3).terms.map((term) => termName(term, names))).toEqual([
    '1',
    'teff',
    'fe_h',
    'teff^2',
    'teff · fe_h',
    'fe_h^2',
    'teff^3',
    'teff^2 · fe_h',
    'teff · fe_h^2',
    'fe_h^3',
  ])
})

test('231 products of 21 terms are 126 monomials, each the product of its two terms', () => {
  const terms = polynomialTerms(5, 2)
  const { monomials, monomialOf } = termProducts(terms)
  expect(monomialOf).toHaveLength(231)
  expect(monomials.terms).toHaveLength(126)
  expect(new Set(monomialOf).size).toBe(126)
  const x = Float64Array.of(0.3, -1.2, 0.7, 2, -0.4)
  const values = new Float64Array(21)
  const products = new Float64Array(126)
  evaluateTerms(terms, x, values)
  evaluateTerms(monomials, x, products)
  let at = 0
  for (let a = 0; a < 21; a++)
    for (let b = a; b < 21; b++) expect(products[monomialOf[at++]!]).toBeCloseTo(values[a]! * values[b]!, 12)
})

test('orders that cannot be', () => {
  for (const order of [0, -1, 1.5, Number.NaN])
    expect(() => polynomialTerms(3, order)).toThrow(
      `The order of the polynomial must be a whole number: got ${order}, expected 1, 2, 3, …`,
    )
  expect(() => polynomialTerms(20, 3)).toThrow(
    'A polynomial of order 3 in 20 labels has too many terms: got 1771, expected at most 500. Lower the order or use fewer labels',
  )
  expect(() => polynomialTerms(50, 50)).toThrow('has too many terms')
})
