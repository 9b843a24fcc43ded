import { readFileSync } from 'node:fs'
import {
  cropSpectra,
  latticeOffset,
  resampleSpectra,
  resampledCorrelation,
  resolveGrid,
  toRestFrame,
} from '@astrolabel/preprocess'
import type { ResamplingMethod } from '@astrolabel/preprocess'
import { RandomStream, gridLength, makeTable, pixelWavelengths, wavelengths } from '@astrolabel/spectra'
import type { WavelengthGrid } from '@astrolabel/spectra'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linearMeta, relativeError, spectraOf } from './spectra-of.js'

interface Case {
  readonly wave: number[]
  readonly out: number[]
  readonly factor: number
  readonly flux: number[]
  readonly ivar: number[]
  readonly [kind: string]: unknown
}
const golden = JSON.parse(readFileSync(new URL('golden/wavelengths.json', import.meta.url), 'utf8')) as Record<
  string,
  Case
>
const LIGHT = 299_792.458
const explicit = (values: readonly number[]): WavelengthGrid => ({ kind: 'explicit', values, medium: 'vacuum' })
const linear = (start: number, step: number, length: number): WavelengthGrid & { kind: 'linear' } => ({
  kind: 'linear',
  start,
  step,
  length,
  medium: 'vacuum',
})
const METHODS: readonly [string, ResamplingMethod][] = [
  ['flux-conserving', { kind: 'flux-conserving' }],
  ['sinc3', { kind: 'sinc' }],
  ['sinc5', { kind: 'sinc', lobes: 5 }],
]

describe.each(Object.entries(golden))('%s', (_, c) => {
  test.each(METHODS)('%s gives flux and ivar of the full matrix', (name, method) => {
    const spectra = spectraOf([c.flux], {
      ivar: [c.ivar],
      meta: linearMeta(0, { wavelength: explicit(c.wave) as never }),
      velocities: [(c.factor - 1) * LIGHT],
    })
    const result = toRestFrame(spectra, { wave: explicit(c.out), ...method })
    const [flux, ivar] = c[name] as [number[], number[]]
    expect(relativeError(result.flux, flux)).toBeLessThan(1e-6)
    expect(relativeError(result.ivar, ivar)).toBeLessThan(1e-5)
    expect(result.meta.history.at(-1)!.options).toMatchObject(method)
  })
})

test('flux-conserving keeps the integral, whatever the grids', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.15, max: 4, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.array(fc.double({ min: -5, max: 50, noNaN: true }), { minLength: 60, maxLength: 60 }),
      (step, shift, values) => {
        // Nothing at the ends, so that all of it lies within the target.
        const flux = values.map((value, i) => (i < 10 || i >= 50 ? 0 : value))
        const length = Math.ceil(50 / step) + 1
        const out = resampleSpectra(spectraOf([flux], { meta: linearMeta(0, { wavelength: linear(5000, 1, 60) }) }), {
          wavelength: linear(5003 + shift, step, length),
          kind: 'flux-conserving',
        })
        const integral = out.flux.reduce((sum, f) => sum + f * step, 0)
        const before = flux.reduce((sum, f) => sum + Math.fround(f), 0)
        expect(Math.abs(integral - before)).toBeLessThan(1e-6 * flux.reduce((sum, f) => sum + Math.abs(f), 1))
      },
    ),
    { numRuns: 60 },
  )
})

test.each(METHODS)('%s: a constant stays constant', (_, method) => {
  const spectra = spectraOf([new Float32Array(200).fill(7)])
  const out = resampleSpectra(spectra, { wavelength: linear(4003.13, 0.437, 300), ...method })
  expect(relativeError(out.flux, new Float32Array(300).fill(7))).toBeLessThan(1e-7)
})

test('a ramp is exact: by sinc on any grid, by flux-conserving where pixels nest', () => {
  const ramp = spectraOf([Float32Array.from({ length: 200 }, (_, i) => 3 + 0.8 * i)])
  for (const kind of ['linear', 'sinc'] as const) {
    const target = linear(4000.37, 0.577, 270)
    const out = resampleSpectra(ramp, { wavelength: target, kind })
    expect(
      relativeError(
        out.flux,
        wavelengths(target).map((w) => w - 3997),
      ),
    ).toBeLessThan(1e-6)
  }
  const nested = linear(4000.8, 2.4, 60)
  const out = resampleSpectra(ramp, { wavelength: nested, kind: 'flux-conserving' })
  expect(
    relativeError(
      out.flux,
      wavelengths(nested).map((w) => w - 3997),
    ),
  ).toBeLessThan(1e-6)
})

test('a band-limited sine survives half a pixel of shift by sinc, not by linear interpolation', () => {
  const sine = (x: number): number => Math.sin((2 * Math.PI * x) / 5)
  const spectra = spectraOf([Float32Array.from({ length: 400 }, (_, i) => sine(i))])
  const worst = (method: ResamplingMethod): number => {
    const out = resampleSpectra(spectra, { wavelength: linear(4000.4, 0.8, 399), ...method })
    return Math.max(...out.flux.subarray(20, 380).map((f, i) => Math.abs(f - sine(i + 20.5))))
  }
  expect(worst({})).toBeGreaterThan(0.18)
  expect(worst({ kind: 'sinc' })).toBeLessThan(0.03)
  expect(worst({ kind: 'sinc', lobes: 8 })).toBeLessThan(3e-3)
})

test.each([...METHODS, ['linear', {}] as [string, ResamplingMethod]])(
  '%s: ivar is the inverse variance of many noisy spectra, and neighbours correlate as told',
  (_, method) => {
    const n = 5000
    const random = RandomStream.fromSeed(8)
    const ivar = Float32Array.from({ length: 24 }, (_, i) => 1 + (i % 3))
    const flat = new Float32Array(24).fill(1)
    const noisy = (iv: Float32Array) =>
      spectraOf(
        Array.from({ length: n }, () => iv.map((w) => 10 + random.normal() / Math.sqrt(w))),
        { ivar: Array.from({ length: n }, () => iv) },
      )
    const target = linear(4003.5, 0.9, 14)
    const moments = (flux: Float32Array, at: number, other: number): number => {
      const column = (j: number) => Array.from({ length: n }, (_, row) => flux[row * 14 + j]!)
      const a = column(at)
      const b = column(other)
      const mean = (values: number[]): number => values.reduce((sum, y) => sum + y, 0) / n
      return a.reduce((sum, y, i) => sum + (y - mean(a)) * (b[i]! - mean(b)), 0) / (n - 1)
    }
    const uneven = resampleSpectra(noisy(ivar), { wavelength: target, ...method })
    // The variance of 5000 draws is known to √(2/n) = 2 %: five times that.
    for (const j of [2, 6, 9]) expect(Math.abs(moments(uneven.flux, j, j) * uneven.ivar[j]! - 1)).toBeLessThan(0.1)
    const even = resampleSpectra(noisy(flat), { wavelength: target, ...method })
    const told = resampledCorrelation(pixelWavelengths(linearMeta(24)), wavelengths(target), method)
    for (const j of [3, 7]) {
      const measured =
        moments(even.flux, j, j + 1) / Math.sqrt(moments(even.flux, j, j) * moments(even.flux, j + 1, j + 1))
      expect(Math.abs(measured - told[j]!)).toBeLessThan(5 / Math.sqrt(n))
    }
  },
)

test('bad pixels never reach a good one, and what they would have told comes from their neighbours', () => {
  const ramp = Array.from({ length: 40 }, (_, i) => i)
  const bad = [12, 25, 26]
  const ivar = ramp.map((i) => (bad.includes(i) ? 0 : 1))
  const answers = [1e6, -3].map((garbage) =>
    resampleSpectra(spectraOf([ramp.map((i) => (bad.includes(i) ? garbage : i))], { ivar: [ivar] }), {
      wavelength: linear(4000.4, 0.8, 39),
      kind: 'sinc',
    }),
  )
  expect(answers[0]).toEqual(answers[1])
  const { flux, ivar: iv } = answers[0]!
  // The four pixels that are read half from a bad one are bad, others keep the ramp.
  expect([...iv.keys()].filter((j) => iv[j] === 0)).toEqual([11, 12, 24, 25, 26])
  for (let j = 0; j < 39; j++) expect(flux[j]).toBeCloseTo(j + 0.5, 4)

  const coarse = (maxBad: number) =>
    resampleSpectra(spectraOf([ramp], { ivar: [ivar] }), {
      wavelength: linear(4001.2, 3.2, 9),
      kind: 'flux-conserving',
      maxBad,
    })
  expect([...coarse(0).ivar].map((w) => w > 0)).toEqual([true, true, true, false, true, true, false, true, true])
  expect([...coarse(0.3).ivar].map((w) => w > 0)).toEqual([true, true, true, true, true, true, false, true, true])
  // Pixels 11 and 13 stand for 12 by half: weights (0.5, 1.5, 1, 1) / 4 in place of (1, 1, 1, 1) / 4.
  expect(coarse(0.3).ivar[2]).toBeCloseTo(4, 5)
  expect(coarse(0.3).ivar[3]).toBeCloseTo(16 / (0.5 ** 2 + 1.5 ** 2 + 1 + 1), 5)
  expect(coarse(1).flux[6]).toBeCloseTo(25.5, 4)
})

test('a bad pixel without weight costs nothing: a kernel that ends on it, or a target on its neighbour', () => {
  const flux = Array.from({ length: 30 }, (_, i) => (i === 10 ? Number.NaN : 2))
  const ivar = flux.map((f) => (Number.isNaN(f) ? 0 : 1))
  const spectra = spectraOf([flux], { ivar: [ivar], meta: linearMeta(0, { wavelength: linear(64, 1, 30) }) })
  // Of a kernel twice as wide every second weight is 0, and so is that of the sixth pixel away, where it ends.
  const coarse = resampleSpectra(spectra, { wavelength: linear(66, 2, 8), kind: 'sinc', maxBad: 0 })
  expect([...coarse.ivar].map((w) => w > 0)).toEqual([true, true, true, true, false, true, true, true])
  const near = resampleSpectra(spectra, { wavelength: explicit([72, 73, 73.5, 74.5, 75]), kind: 'sinc', maxBad: 0 })
  expect([...near.ivar].map((w) => w > 0)).toEqual([true, true, false, false, true])
  for (const f of [...coarse.flux, ...near.flux]) expect(f).toBeCloseTo(2, 6)
})

test('pixels that reach beyond the source, and stars without a good pixel, have ivar 0 and finite flux', () => {
  const target = linear(3996.1, 0.8, 20)
  for (const kind of ['flux-conserving', 'sinc'] as const) {
    const out = resampleSpectra(
      spectraOf([new Float32Array(10).fill(2), new Float32Array(10).fill(Number.NaN)], {
        ivar: [new Float32Array(10).fill(1), new Float32Array(10)],
      }),
      { wavelength: target, kind },
    )
    const good = [...out.ivar.subarray(0, 20)].map((w) => w > 0)
    expect([good.indexOf(true), good.lastIndexOf(true)]).toEqual([5, 13])
    expect([...out.flux.subarray(0, 20)]).toEqual(new Array<number>(20).fill(2))
    expect(out.ivar.subarray(20).every((w) => w === 0)).toBe(true)
  }
})

describe('one lattice', () => {
  const sdss = (first: number, length: number): WavelengthGrid & { kind: 'log10' } => ({
    kind: 'log10',
    start: 3.5 + first * 1e-4,
    step: 1e-4,
    length,
    medium: 'vacuum',
  })
  const random = RandomStream.fromSeed(3)
  const flux = Float32Array.from({ length: 500 }, () => random.normal())
  const ivar = Float32Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? 0 : random.uniform()))
  const mask = Uint32Array.from({ length: 500 }, (_, i) => i)
  const star = spectraOf([flux], { ivar: [ivar], mask, meta: linearMeta(0, { wavelength: sdss(796, 500) }) })

  test('is found between the surveys of different ends, and not between others', () => {
    const wave = wavelengths(sdss(796, 500))
    expect(latticeOffset(wave, wavelengths(sdss(900, 100)))).toBe(104)
    expect(latticeOffset(wave, wavelengths(sdss(700, 200)))).toBe(-96)
    expect(
      latticeOffset(
        wave,
        wave.map((w) => w * 1.00001),
      ),
    ).toBeUndefined()
    expect(
      latticeOffset(
        wave,
        wave.filter((_, i) => i % 2 === 0),
      ),
    ).toBeUndefined()
    expect(latticeOffset(wave, wavelengths({ ...sdss(796, 999), step: 5e-5 }))).toBeUndefined()
    expect(latticeOffset(wave, wavelengths(sdss(2000, 100)))).toBeUndefined()
  })

  test.each(['linear', 'flux-conserving', 'sinc'] as const)(
    'is copied, not resampled, by %s: every bit of it',
    (kind) => {
      const out = resampleSpectra(star, { wavelength: sdss(700, 700), kind })
      const part = (matrix: Float32Array | Uint32Array) => Buffer.from(matrix.slice(96, 596).buffer)
      expect(part(out.flux).equals(Buffer.from(flux.buffer))).toBe(true)
      expect(part(out.ivar).equals(Buffer.from(ivar.buffer))).toBe(true)
      expect(part(out.mask!).equals(Buffer.from(mask.buffer))).toBe(true)
      expect([out.ivar[95], out.ivar[596], out.flux[0], out.flux[699]]).toEqual([0, 0, flux[0], flux[499]])
      const within = resampleSpectra(star, { wavelength: sdss(800, 100), kind })
      expect(within.flux).toEqual(flux.slice(4, 104))
      expect(within.ivar).toEqual(ivar.slice(4, 104))
    },
  )

  test('a crop copies too, and the grid it leaves is on the lattice', () => {
    const out = cropSpectra(star, { from: 3800, to: 4100 })
    const at = latticeOffset(wavelengths(sdss(796, 500)), pixelWavelengths(out.meta))!
    expect(out.flux).toEqual(flux.slice(at, at + out.nPix))
    expect(out.ivar).toEqual(ivar.slice(at, at + out.nPix))
    expect(out.mask).toEqual(mask.slice(at, at + out.nPix))
  })

  test('spectra with wavelengths of their own are copied where theirs are on it', () => {
    const wave = wavelengths(sdss(796, 500))
    const own = spectraOf([flux, flux], {
      ivar: [ivar, ivar],
      wave: Float64Array.from([...wave, ...wave.map((w) => w * 1.00002)]),
      meta: linearMeta(0, { wavelength: explicit([...wave]) as never }),
    })
    const out = resampleSpectra(own, { wavelength: sdss(800, 400) })
    expect(out.ivar.slice(0, 400)).toEqual(ivar.slice(4, 404))
    expect(out.ivar.slice(400)).not.toEqual(ivar.slice(4, 404))
  })

  test('a star at rest already is copied by the rest step', () => {
    const still = { ...star, catalog: makeTable([{ name: 'v_rad', values: Float64Array.of(0) }]) }
    const out = toRestFrame(still, { wave: sdss(790, 600) })
    expect(out.ivar.slice(6, 506)).toEqual(ivar)
  })
})

test('grids by name, by range and by step', () => {
  expect([
    gridLength(resolveGrid('apogee')),
    gridLength(resolveGrid('desi')),
    gridLength(resolveGrid('miles')),
  ]).toEqual([8575, 7781, 4300])
  expect(wavelengths(resolveGrid('apogee'))[8574]).toBeCloseTo(16999.81, 2)
  const part = wavelengths(resolveGrid({ grid: 'sdss', from: 3850, to: 9000 }))
  expect(part[0]).toBeGreaterThanOrEqual(3850)
  expect(part.at(-1)).toBeLessThanOrEqual(9000)
  expect(
    latticeOffset(wavelengths({ kind: 'log10', start: 3.5793, step: 1e-4, length: 3850, medium: 'vacuum' }), part),
  ).toBeDefined()
  expect(resolveGrid({ kind: 'linear', from: 3600, to: 9824, step: 0.8 })).toEqual(resolveGrid('desi'))
  expect(wavelengths(resolveGrid({ kind: 'log10', from: 4000, to: 5000, step: 1e-4 })).length).toBe(970)
  expect(() => resolveGrid('keck' as 'desi')).toThrow(/got keck, expected apogee, desi, sdss, miles/)
  expect(() => resolveGrid({ grid: 'desi', from: 9900 })).toThrow(expect.objectContaining({ code: 'preprocess/grid' }))
  expect(() => resolveGrid({ kind: 'linear', from: 5000, to: 4000, step: 1 })).toThrow(/got 5000 to 4000 Å by 1/)
  const out = resampleSpectra(spectraOf([new Float32Array(9).fill(1)]), {
    wavelength: { kind: 'linear', from: 4001, to: 4005, step: 1 },
  })
  expect(out.meta.history[0]!.options).toEqual({ wavelength: linear(4001, 1, 5) })
})

test('options of another kind are refused', () => {
  const spectra = spectraOf([[1, 1, 1]])
  const wavelength = linear(4000, 0.7, 3)
  const wrong = (method: ResamplingMethod) => () => resampleSpectra(spectra, { wavelength, ...method })
  expect(wrong({ lobes: 4 })).toThrow(/got lobes with kind linear/)
  expect(wrong({ kind: 'sinc', lobes: 1.5 })).toThrow(/got 1.5, expected a whole number from 2 to 32/)
  expect(wrong({ kind: 'flux-conserving', maxBad: 2 })).toThrow(/got 2, expected 0 to 1/)
  expect(() => resampleSpectra(spectraOf([[1]]), { wavelength, kind: 'sinc' })).toThrow(
    expect.objectContaining({ code: 'preprocess/short-grid' }),
  )
})
