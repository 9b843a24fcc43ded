import { resampleRows } from '@astrolabel/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomArray, randomStream } from './reference/random.mjs'
import * as reference from './reference/resample-rows.mjs'

/** A strictly ascending grid with uneven steps. */
function unevenGrid(length: number, start: number, seed: number): Float64Array {
  const next = randomStream(seed)
  let at = start
  return Float64Array.from({ length }, () => (at += 0.1 + next()))
}

function resampled(
  wave: Float64Array,
  flux: Float32Array,
  ivar: Float32Array,
  factors: number[],
  waveOut: Float64Array,
): { flux: Float32Array; ivar: Float32Array } {
  const out = {
    flux: new Float32Array(factors.length * waveOut.length).fill(7),
    ivar: new Float32Array(factors.length * waveOut.length).fill(7),
  }
  resampleRows(factors.length, wave, flux, ivar, Float64Array.from(factors), waveOut, out.flux, out.ivar)
  return out
}

test('agrees with its definition on any grids, factors and bad pixels', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 40 }),
      fc.array(fc.oneof(fc.double({ min: 0.9, max: 1.1, noNaN: true }), fc.constantFrom(1, NaN, 0, -1)), {
        maxLength: 4,
      }),
      fc.nat(),
      (nIn, nOut, factors, seed) => {
        const wave = unevenGrid(nIn, 100, seed)
        const waveOut = unevenGrid(nOut, 98, seed + 1)
        const flux = randomArray(Float32Array, factors.length * nIn, seed + 2)
        const ivar = randomArray(Float32Array, factors.length * nIn, seed + 3).map((value) => Math.max(0, value))
        const got = resampled(wave, flux, ivar, factors, waveOut)
        const wantedFlux = new Float32Array(got.flux.length)
        const wantedIvar = new Float32Array(got.ivar.length)
        reference.resampleRows(
          factors.length,
          wave,
          flux,
          ivar,
          Float64Array.from(factors),
          waveOut,
          wantedFlux,
          wantedIvar,
        )
        for (let i = 0; i < wantedFlux.length; i++) {
          expect(Math.abs(got.flux[i]! - wantedFlux[i]!)).toBeLessThan(1e-6)
          expect(Math.abs(got.ivar[i]! - wantedIvar[i]!)).toBeLessThanOrEqual(1e-6 * wantedIvar[i]!)
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('factor 1 on the same grid returns the spectrum to the bit, bad pixels and their neighbours too', () => {
  const wave = unevenGrid(500, 4000, 1)
  const flux = randomArray(Float32Array, 500, 2)
  const ivar = new Float32Array(500).fill(4)
  ivar[100] = 0
  const out = resampled(wave, flux, ivar, [1], wave)
  expect(out.flux).toEqual(flux)
  expect(out.ivar).toEqual(ivar)
})

test('a straight line stays one, read at wavelength times factor', () => {
  const wave = Float64Array.from({ length: 101 }, (_, i) => 5000 + i)
  const flux = Float32Array.from(wave, (value) => (value - 5000) / 64)
  const waveOut = Float64Array.of(4996, 5010, 5049.5)
  const out = resampled(wave, flux, new Float32Array(101).fill(1), [1.001], waveOut)
  for (let j = 0; j < 3; j++) expect(out.flux[j]).toBeCloseTo((waveOut[j]! * 1.001 - 5000) / 64, 6)
})

test('half way between two pixels: mean flux, ivar of a mean', () => {
  const out = resampled(
    Float64Array.of(1, 2, 3),
    Float32Array.of(2, 4, 9),
    Float32Array.of(1, 3, 0),
    [1],
    Float64Array.of(1.5, 2, 2.5),
  )
  expect([...out.flux]).toEqual([3, 4, 6.5])
  // 1 / (0.25 / 1 + 0.25 / 3) = 3; a pixel met exactly keeps its own; weight on an ivar of 0 gives 0.
  expect([...out.ivar]).toEqual([3, 3, 0])
})

test('outside the source, and for factors that mean nothing, flux and ivar are 0', () => {
  const wave = Float64Array.of(10, 11, 12)
  const ones = new Float32Array(12).fill(1)
  const out = resampled(wave, ones, ones, [1, NaN, 0, -1], Float64Array.of(9, 10, 12, 13))
  expect([...out.flux]).toEqual([0, 1, 1, 0, ...new Array<number>(12).fill(0)])
  expect([...out.ivar]).toEqual([...out.flux])
})

test('more rows than are staged at once', () => {
  const n = 3000
  const wave = unevenGrid(n, 4000, 3)
  const row = randomArray(Float32Array, n, 4)
  const rows = 100
  const flux = new Float32Array(rows * n)
  for (let i = 0; i < rows; i++) flux.set(row, i * n)
  const factors = Array.from({ length: rows }, (_, i) => 1 + 1e-5 * i)
  const out = resampled(wave, flux, flux.map(Math.abs), factors, wave)
  for (const i of [86, 87, 88, 99]) {
    const alone = resampled(wave, row, row.map(Math.abs), [factors[i]!], wave)
    expect(out.flux.slice(i * n, (i + 1) * n)).toEqual(alone.flux)
    expect(out.ivar.slice(i * n, (i + 1) * n)).toEqual(alone.ivar)
  }
})

test('an empty source gives zeros; grids that do not ascend throw', () => {
  const none = new Float32Array(0)
  expect([...resampled(new Float64Array(0), none, none, [1], Float64Array.of(5)).flux]).toEqual([0])
  const three = new Float32Array(3)
  expect(() => resampled(Float64Array.of(1, 3, 2), three, three, [1], Float64Array.of(1))).toThrow(
    'resampleRows: wave: got 3 then 2 at index 2, expected strictly ascending values. Sort the grid and drop repeated values.',
  )
  expect(() => resampled(Float64Array.of(1, 2), three, three, [1], Float64Array.of(1))).toThrow(
    expect.objectContaining({ code: 'bad-length' }),
  )
})
