import { readFileSync } from 'node:fs'
import { runningMedian } from '@astrolabel/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomArray } from './reference/random.mjs'
import * as reference from './reference/running-median.mjs'

const { medians } = JSON.parse(readFileSync(new URL('fixtures/oracle.json', import.meta.url), 'utf8')) as {
  medians: { x: number[]; window: number; out: number[] }[]
}

function medianOf(rows: number, nPix: number, x: Float32Array, window: number): Float32Array {
  const out = new Float32Array(x.length)
  runningMedian(rows, nPix, x, window, out)
  return out
}

test.each(medians)('equals scipy.ndimage.median_filter, case %#', ({ x, window, out }) => {
  expect(medianOf(1, x.length, Float32Array.from(x), window)).toEqual(Float32Array.from(out))
})

const values = fc.oneof(
  fc.float({ noNaN: true }).map((value) => value + 0),
  fc.constantFrom(1, 2, 3, -1, Infinity, -Infinity),
  fc.constantFrom(1e-45, -1e-45, 3.4e38),
)

test('rows of every small size and any window agree with a sorted window', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 0, max: 100 }),
      fc.array(values, { minLength: 280, maxLength: 280 }),
      (rows, nPix, half, pool) => {
        const x = Float32Array.from(pool.slice(0, rows * nPix))
        const wanted = new Float32Array(x.length)
        reference.runningMedian(rows, nPix, x, 2 * half + 1, wanted)
        expect(medianOf(rows, nPix, x, 2 * half + 1)).toEqual(wanted)
      },
    ),
    { numRuns: 200 },
  )
})

test('a survey row: 7781 pixels, window 151, several rows at once', () => {
  const x = randomArray(Float32Array, 3 * 7781, 11)
  const wanted = new Float32Array(x.length)
  reference.runningMedian(3, 7781, x, 151, wanted)
  expect(medianOf(3, 7781, x, 151)).toEqual(wanted)
})

test('more rows than are staged at once', () => {
  const row = randomArray(Float32Array, 1000, 12)
  const x = new Float32Array(600 * 1000)
  for (let i = 0; i < 600; i++) x.set(row, i * 1000)
  const out = medianOf(600, 1000, x, 25)
  const wanted = medianOf(1, 1000, row, 25)
  for (const i of [0, 261, 262, 263, 599]) expect(out.slice(i * 1000, (i + 1) * 1000)).toEqual(wanted)
})

test('window 1 is the identity; a monotone row is its own median inside', () => {
  const x = Float32Array.from({ length: 50 }, (_, i) => i * i)
  expect(medianOf(1, 50, x, 1)).toEqual(x)
  expect(medianOf(1, 50, x, 9).slice(4, 46)).toEqual(x.slice(4, 46))
})

test('commutes with any increasing function, and with reversal', () => {
  const x = randomArray(Float32Array, 301, 13)
  const cubed = medianOf(
    1,
    301,
    x.map((value) => value ** 3),
    21,
  )
  expect(cubed).toEqual(medianOf(1, 301, x, 21).map((value) => value ** 3))
  expect(medianOf(1, 301, x.slice().reverse(), 21)).toEqual(medianOf(1, 301, x, 21).reverse())
})

test('NaNs blank the windows that hold them and no other', () => {
  const x = new Float32Array(20).fill(1)
  x[7] = NaN
  x[8] = NaN
  x[19] = NaN
  const wanted = new Float32Array(20).fill(1)
  wanted.fill(NaN, 5, 11).fill(NaN, 17)
  expect(medianOf(1, 20, x, 5)).toEqual(wanted)
})

test('the output may be the input', () => {
  const x = randomArray(Float32Array, 200, 14)
  const wanted = medianOf(2, 100, x, 7)
  runningMedian(2, 100, x, 7, x)
  expect(x).toEqual(wanted)
})

test('an even window and a wrong length throw', () => {
  const x = new Float32Array(10)
  expect(() => runningMedian(1, 10, x, 4, x)).toThrow(
    'runningMedian: window: got 4, expected an odd number of pixels, 1 or more. An even window has no middle pixel: take the next odd one.',
  )
  expect(() => runningMedian(1, 10, x, 3, new Float32Array(9))).toThrow(
    expect.objectContaining({ code: 'bad-length', expected: '10 (rows x nPix)' }),
  )
})
