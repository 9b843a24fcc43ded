import { readFileSync } from 'node:fs'
import { interpLinear } from '@astrolabel/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as reference from './reference/interp-linear.mjs'

const { interp: oracle } = JSON.parse(readFileSync(new URL('fixtures/oracle.json', import.meta.url), 'utf8')) as {
  interp: { x: number[]; y: number[]; xNew: number[]; out: number[] }
}

test('equals numpy.interp to the bit, in and out of order', () => {
  const out = new Float64Array(oracle.xNew.length)
  const xNew = Float64Array.from(oracle.xNew)
  interpLinear(xNew, Float64Array.from(oracle.x), Float64Array.from(oracle.y), out)
  expect([...out]).toEqual(oracle.out)
  interpLinear(xNew.slice().reverse(), Float64Array.from(oracle.x), Float32Array.from(oracle.y), out)
  expect([...out].reverse()).toEqual(oracle.out)
})

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })

test('agrees with a bisection a point on any grid and any order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        finite.map((value) => value + 0),
        { minLength: 1, maxLength: 30 },
      ),
      fc.array(fc.oneof(finite, fc.constantFrom(NaN, Infinity, -Infinity)), { maxLength: 40 }),
      (grid, points) => {
        const x = Float64Array.from(grid).sort()
        const y = x.map((value) => Math.sin(value))
        const xNew = Float64Array.from([...points, ...x])
        const got = new Float64Array(xNew.length)
        const wanted = new Float64Array(xNew.length)
        interpLinear(xNew, x, y, got)
        reference.interpLinear(xNew, x, y, wanted)
        expect(got).toEqual(wanted)
      },
    ),
  )
})

test('a straight line is met everywhere inside and held at its ends outside', () => {
  const out = new Float64Array(4)
  interpLinear(Float64Array.of(-5, 0.25, 2.5, 9), Float64Array.of(0, 1, 3), Float64Array.of(1, 3, 7), out)
  expect([...out]).toEqual([1, 1.5, 6, 7])
})

test('a NaN in y does not spread to the points beside its interval', () => {
  const out = new Float64Array(3)
  interpLinear(Float64Array.of(1, 1.5, 3), Float64Array.of(0, 1, 2, 3), Float64Array.of(0, 1, NaN, 3), out)
  expect([...out]).toEqual([1, NaN, 3])
})

test('a grid that does not ascend, or is empty, throws', () => {
  const two = new Float64Array(2)
  expect(() => interpLinear(two, Float64Array.of(1, 1), two, two.slice())).toThrow(
    'interpLinear: x: got 1 then 1 at index 1, expected strictly ascending values. Sort the grid and drop repeated values.',
  )
  expect(() => interpLinear(two, new Float64Array(0), new Float64Array(0), two.slice())).toThrow(
    expect.objectContaining({ code: 'bad-size' }),
  )
  expect(() => interpLinear(two, two, new Float64Array(3), two.slice())).toThrow(
    expect.objectContaining({ code: 'bad-length' }),
  )
})
