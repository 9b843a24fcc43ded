import { readFileSync } from 'node:fs'
import {
  chebyshevContinuum,
  divideContinuum,
  interpolateBad,
  normaliseContinuum,
  polynomialContinuum,
  runningMedianContinuum,
} from '@astrolabel/preprocess'
import type { BadStar, ContinuumOptions } from '@astrolabel/preprocess'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, relativeError, rowsOf, spectraOf } from './spectra-of.js'

const golden = JSON.parse(readFileSync(new URL('golden/golden.json', import.meta.url), 'utf8')) as {
  median: { flux: number[][]; windows: Record<string, number[][]> }
  notebook: { flux: number[]; split: number; continuum: number[] }
  clip: { ivar: number[]; continuum: number[] }
  chebyshev: { pixels: number[]; continuum: number[] }
}
const logMeta = linearMeta(0, { wavelength: { kind: 'log10', start: 3.74, step: 2e-4, length: 400, medium: 'vacuum' } })
const notebook = spectraOf([golden.notebook.flux], { meta: logMeta, ivar: [golden.clip.ivar] })
const methods: ContinuumOptions[] = [
  { method: 'running-median', window: 31 },
  { method: 'polynomial' },
  { method: 'chebyshev' },
]

test.each(methods)('$method: a constant spectrum becomes 1', (options) => {
  const flat = spectraOf([new Float32Array(200).fill(7.3), new Float32Array(200).fill(1e-17)])
  const normalised = normaliseContinuum({ ...flat, ivar: flat.ivar.map((_, i) => (i < 200 ? 4 : 1e34)) }, options)
  expect(relativeError(normalised.flux, new Float32Array(400).fill(1))).toBeLessThan(2e-7)
  expect(normalised.ivar[100]! / (4 * 7.3 ** 2)).toBeCloseTo(1, 6)
  expect(normalised.ivar[300]).toBeCloseTo(1, 5)
  expect(normalised.meta.stage).toBe('normalised')
})

test.each(methods)('$method: a linear spectrum is its own continuum, away from the ends of a median', (options) => {
  const linear = Float32Array.from({ length: 200 }, (_, i) => 5 + 0.01 * i)
  const normalised = normaliseContinuum(spectraOf([linear]), options)
  const edge = options.method === 'running-median' ? 15 : 0
  expect(
    relativeError(normalised.flux.subarray(edge, 200 - edge), new Float32Array(200 - 2 * edge).fill(1)),
  ).toBeLessThan(3e-7)
})

test.each(Object.keys(golden.median.windows))('the running median of %s pixels is that of scipy', (window) => {
  const median = runningMedianContinuum({ window: Number(window) }).continuum(spectraOf(golden.median.flux))
  expect([...median]).toEqual([...Float32Array.from(golden.median.windows[window]!.flat())])
})

test('bad pixels do not pull the running median, unless they were filled on purpose', () => {
  const flux = new Float32Array(100).fill(2)
  const ivar = new Float32Array(100).fill(1)
  flux.fill(1e6, 40, 60)
  ivar.fill(0, 40, 60)
  const spectra = spectraOf([flux], { ivar: [ivar] })
  const median = (options: Parameters<typeof runningMedianContinuum>[0], s = spectra) => [
    ...runningMedianContinuum(options).continuum(s),
  ]
  expect(median({ window: 15 })).toEqual(new Array(100).fill(2))
  expect(Math.max(...median({ window: 15, bad: 'keep' }))).toBe(1e6)
  expect(median({ window: 15, bad: 'keep' }, interpolateBad(spectra))).toEqual(new Array(100).fill(2))
})

test('an even window has no middle', () => {
  expect(() => runningMedianContinuum({ window: 150 })).toThrow(
    /got 150, expected a positive odd number of pixels. Take 151/,
  )
})

test("the notebook's loop of numpy.polyfit, order 7 in two arms, 1 + 4 fits, weight 0.15 below", () => {
  const continuum = polynomialContinuum({ splits: [golden.notebook.split], weighting: 'uniform' })
  const all = { ...notebook, ivar: notebook.ivar.map(() => 1) }
  expect(relativeError(continuum.continuum(all), golden.notebook.continuum)).toBeLessThan(2e-7)
})

test('asymmetric clipping with ivar weights, as weighted least squares in numpy', () => {
  const continuum = polynomialContinuum({ clip: [-1.5, 3] }).continuum(notebook)
  expect(relativeError(continuum, golden.clip.continuum)).toBeLessThan(2e-7)
})

test('a Chebyshev polynomial on given continuum pixels, as numpy fits it', () => {
  const continuum = chebyshevContinuum({ pixels: golden.chebyshev.pixels }).continuum(notebook)
  expect(relativeError(continuum, golden.chebyshev.continuum)).toBeLessThan(2e-7)
})

test('windows in Å choose the same pixels as their indices', () => {
  const linear = spectraOf([golden.notebook.flux])
  const pixels = [...Array(11).keys()].flatMap((i) => [10 + i, 200 + i, 370 + i])
  const windows = [
    [4008, 4016],
    [4160, 4168],
    [4296, 4304],
  ] as const
  expect([...chebyshevContinuum({ windows }).continuum(linear)]).toEqual([
    ...chebyshevContinuum({ pixels }).continuum(linear),
  ])
  expect(() => chebyshevContinuum({ pixels: [400] }).continuum(linear)).toThrow(
    /got 400, expected an index from 0 to 399/,
  )
})

test('a quadratic under noise and lines is found by clipping, each chip by itself', () => {
  const random = RandomStream.fromSeed(3)
  const values = [...Array(1000).keys()].map((i) => 15000 + 0.2 * i + (i < 500 ? 0 : 80))
  const truth = values.map((w, i) => (i < 500 ? 50 : 80) + 10 * ((w - 15100) / 100) ** 2)
  const flux = truth.map((c, i) => c * (1 - (i % 25 < 3 ? 0.4 : 0)) + 0.2 * random.normal())
  const meta = linearMeta(0, { wavelength: { kind: 'explicit', values, medium: 'vacuum' } })
  const continuum = chebyshevContinuum().continuum(spectraOf([flux], { meta, ivar: [flux.map(() => 25)] }))
  // Clipping harder below than above keeps the upper side of the noise: the fit lies up to 2 σ, 0.4 in 50, too high.
  expect(relativeError(continuum, truth)).toBeLessThan(8e-3)
})

test('too few good pixels give no continuum, and the star is told of', () => {
  const bad: BadStar[] = []
  const ivar = new Float32Array(100)
  ivar.fill(1, 10, 17)
  const normalised = normaliseContinuum(
    spectraOf([new Float32Array(100).fill(3)], { ivar: [ivar] }),
    { method: 'polynomial' },
    { onBadStar: (star) => bad.push(star) },
  )
  expect(normalised.ivar.every((iv) => iv === 0)).toBe(true)
  expect(normalised.flux.every((y) => y === 1)).toBe(true)
  expect(bad).toEqual([{ row: 0, starId: 'star-0', step: 'continuum', reason: 'no-continuum' }])
})

test('where the continuum is not positive the pixel is bad', () => {
  const divided = divideContinuum(spectraOf([[4, 4, 4, 4]]), Float32Array.of(2, 0, -1, Number.NaN))
  expect([...divided.flux]).toEqual([2, 1, 1, 1])
  expect([...divided.ivar]).toEqual([4, 0, 0, 0])
  expect(() => divideContinuum(spectraOf([[4, 4]]), new Float32Array(3))).toThrow(
    expect.objectContaining({ code: 'spectra/shape' }),
  )
})

test('errors after division are those of known noise', () => {
  const random = RandomStream.fromSeed(11)
  const n = 200
  const continuum = 40
  const rows = Array.from({ length: n }, () =>
    Float32Array.from({ length: 300 }, () => continuum + 2 * random.normal()),
  )
  const normalised = normaliseContinuum(spectraOf(rows, { ivar: rows.map((row) => row.map(() => 0.25)) }), {
    method: 'chebyshev',
    clip: [-9, 9],
  })
  const chi2 = rowsOf(normalised.flux, n).flatMap((row, r) =>
    [...row].map((y, i) => (y - 1) ** 2 * normalised.ivar[r * 300 + i]!),
  )
  // 300 pixels less 3 coefficients a star; 60 000 squares give the mean to 0.6 %.
  expect(Math.abs(chi2.reduce((sum, x) => sum + x, 0) / (n * 297) - 1)).toBeLessThan(0.025)
})

test('options out of range are refused at once', () => {
  expect(() => polynomialContinuum({ order: 2.5 })).toThrow(/order.*got 2.5/)
  expect(() => polynomialContinuum({ lowerWeight: 2 })).toThrow(/lowerWeight.*got 2/)
  expect(() => chebyshevContinuum({ clip: [1, 3] })).toThrow(/clip.*got 1, 3/)
  expect(() => chebyshevContinuum({ iterations: -1 })).toThrow(/iterations/)
})
