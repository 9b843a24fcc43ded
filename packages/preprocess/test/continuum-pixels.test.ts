import {
  chebyshevContinuum,
  continuumPixelsByCoefficients,
  continuumPixelsByModel,
  continuumPixelsOfSpectra,
  labelMesh,
  normaliseContinuum,
} from '@astrolabel/preprocess'
import type { ContinuumPixels } from '@astrolabel/preprocess'
import { RandomStream, labelInfo, takeSpectra } from '@astrolabel/spectra'
import type { ForwardModel, LinearGrid, Spectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const nPix = 600
const wavelength: LinearGrid = { kind: 'linear', start: 5000, step: 0.5, length: nPix, medium: 'vacuum' }
const wave = Float64Array.from({ length: nPix }, (_, i) => 5000 + 0.5 * i)
const labels = [labelInfo('teff'), labelInfo('fe_h')]

/** Lines of every 12 pixels, those of the first 40 Å and from 5100 to 5200 Å everywhere; deep blends that no label moves. */
const crowded = (i: number): boolean => wave[i]! < 5040 || (wave[i]! > 5100 && wave[i]! < 5200)
const blend = (i: number): boolean => i % 50 === 7
const strength = (i: number): number =>
  blend(i)
    ? 0
    : crowded(i)
      ? 0.15 + 0.1 * Math.abs(Math.sin(i))
      : i % 12 < 4
        ? 0.1 + 0.05 * (i % 4)
        : 0.002 * Math.abs(Math.sin(i))
const flux = (i: number, teff: number, feh: number): number =>
  1 - (blend(i) ? 0.6 : strength(i) * (1 + feh) * (1 - (teff - 5000) / 4000))

const model: ForwardModel = {
  labels,
  wavelength,
  evaluate: ([teff, feh], out) => {
    for (let i = 0; i < nPix; i++) out[i] = flux(i, teff!, feh!)
  },
  jacobian: () => {
    throw new Error('finding pixels needs no derivatives')
  },
}
const mesh = labelMesh([
  [4500, 5500, 5],
  [-0.5, 0.3, 4],
])

/** Normalised spectra with noise of the given kind. */
function spectra(n: number, sigma: number, noise: 'measured' | 'unknown' = 'measured'): Spectra {
  const random = RandomStream.fromSeed(4)
  const rows = Array.from({ length: n }, () => {
    const teff = 4500 + 1000 * random.uniform()
    const feh = -0.5 + 0.8 * random.uniform()
    return Float32Array.from({ length: nPix }, (_, i) => flux(i, teff, feh) + sigma * random.normal())
  })
  return spectraOf(rows, {
    meta: linearMeta(0, { wavelength, stage: 'normalised', frame: 'rest', noise }),
    ivar: rows.map((row) => row.map(() => (noise === 'measured' ? sigma ** -2 : 1))),
  })
}

const slopes = Float64Array.from({ length: 2 * nPix }, (_, k) => (k % 2 === 0 ? -1 / 4000 : 1) * -strength(k >> 1))
const finders: [string, (options?: object) => ContinuumPixels | Promise<ContinuumPixels>][] = [
  ['model', (options) => continuumPixelsByModel(model, mesh, options)],
  [
    'coefficients',
    (options) =>
      continuumPixelsByCoefficients(
        { wave, baseline: wave.map((_, i) => flux(i, 5000, 0)), slopes, spread: [300, 0.25] },
        options,
      ),
  ],
  ['spectra', (options) => continuumPixelsOfSpectra([spectra(150, 0.004)], options)],
  ['spectra without errors', (options) => continuumPixelsOfSpectra([spectra(150, 0.004, 'unknown')], options)],
]

test.each(finders)(
  '%s: between lines where there is room, in every bin, never in a blend beside better ones',
  async (_, find) => {
    const { pixels, filled } = await find({ fraction: 0.2, bin: 20, perBin: 3 })
    expect([...pixels]).toEqual([...new Set(pixels)].sort((a, b) => a - b))
    const free = pixels.filter((i) => !crowded(i))
    expect(free.length).toBeGreaterThan(80)
    expect(free.every((i) => i % 12 >= 4 && !blend(i))).toBe(true)
    for (let bin = 0; bin < 15; bin++)
      expect(pixels.filter((i) => Math.floor(i / 40) === bin).length, `bin ${bin}`).toBeGreaterThanOrEqual(3)
    // Two bins of lines alone at the beginning and five in the middle.
    expect(filled).toBeGreaterThanOrEqual(18)
    expect(filled).toBeLessThanOrEqual(24)
  },
)

test('the windows in Å are the pixels, also on a finer grid and another cut', () => {
  const { pixels, windows } = continuumPixelsByModel(model, mesh)
  const inside = (w: number): boolean => windows.some(([from, to]) => w >= from && w <= to)
  expect([...wave.keys()].filter((i) => inside(wave[i]!))).toEqual([...pixels])
  const star = spectraOf(
    [wave.map((w) => 1 + Math.sin(w))].map((row) => [...row]),
    { meta: linearMeta(0, { wavelength }) },
  )
  expect(chebyshevContinuum({ windows }).continuum(star)).toEqual(chebyshevContinuum({ pixels }).continuum(star))
})

test('a limit leaves bins of lines alone', () => {
  const { pixels } = continuumPixelsByModel(model, mesh, { fraction: 0.2, bin: 20, limit: 0.02 })
  expect(pixels.length).toBeGreaterThan(80)
  expect(pixels.some(crowded)).toBe(false)
})

test('noise does not count as change: a noisy stretch is as good as a quiet one', async () => {
  const random = RandomStream.fromSeed(9)
  const sigma = (i: number): number => (i < 300 ? 0.001 : 0.02)
  const rows = Array.from({ length: 400 }, () =>
    Float32Array.from({ length: nPix }, (_, i) => 1 + sigma(i) * random.normal()),
  )
  const batch = spectraOf(rows, {
    meta: linearMeta(0, { wavelength, stage: 'normalised' }),
    ivar: rows.map((row) => row.map((_, i) => sigma(i) ** -2)),
  })
  const { sensitivity } = await continuumPixelsOfSpectra([batch])
  const mean = (from: number, to: number): number =>
    sensitivity.subarray(from, to).reduce((sum, s) => sum + s, 0) / (to - from)
  expect(mean(0, 300)).toBeLessThan(0.001 / 4)
  expect(mean(300, 600)).toBeLessThan(0.02 / 4)
})

test('batches are read one after another, with the same answer, and bad pixels are no data', async () => {
  const all = spectra(60, 0.01)
  const holes = all.ivar.map((iv, i) => (i % 7 === 0 || i % nPix === 33 ? 0 : iv))
  const of = (value: number): Spectra => ({
    ...all,
    ivar: holes,
    flux: all.flux.map((y, i) => (holes[i] === 0 ? value : y)),
  })
  const whole = await continuumPixelsOfSpectra([of(1)])
  const parts = [of(-50), of(Number.NaN)].map((s, k) =>
    takeSpectra(
      s,
      Array.from({ length: 30 }, (_, i) => 30 * k + i),
    ),
  )
  const pieces = await continuumPixelsOfSpectra(parts)
  expect(pieces.pixels).toEqual(whole.pixels)
  pieces.sensitivity.forEach((value, i) => i === 33 || expect(value).toBeCloseTo(whole.sensitivity[i]!, 9))
  expect(whole.sensitivity[33]).toBeNaN()
  expect(whole.pixels).not.toContain(33)
})

test('a second round on the pixels that were found comes closer to the true continuum', async () => {
  const normalised = spectra(120, 0.005)
  const truth = (row: number, i: number): number =>
    50 + 10 * (((row % 7) - 3) / 3) * ((i - 300) / 300) - 8 * ((i - 300) / 300) ** 2
  const raw: Spectra = {
    ...normalised,
    meta: { ...normalised.meta, stage: 'rest' },
    flux: normalised.flux.map((y, k) => y * truth(Math.floor(k / nPix), k % nPix)),
    ivar: normalised.ivar.map((iv, k) => iv / truth(Math.floor(k / nPix), k % nPix) ** 2),
  }
  // Scatter of the ratio to the truth: a factor that all stars share does no harm.
  const scatter = (continuum: Float32Array, rows: readonly number[]): number => {
    const ratio = (row: number, i: number): number => continuum[rows.indexOf(row) * nPix + i]! / truth(row, i)
    const variances = Array.from(wave, (_, i) => {
      const mean = rows.reduce((sum, row) => sum + ratio(row, i), 0) / rows.length
      return rows.reduce((sum, row) => sum + (ratio(row, i) - mean) ** 2, 0) / rows.length
    })
    return Math.sqrt(variances.reduce((sum, v) => sum + v, 0) / nPix)
  }
  const train = Array.from({ length: 80 }, (_, i) => i)
  const held = Array.from({ length: 40 }, (_, i) => 80 + i)
  const polynomial = { method: 'polynomial', order: 2 } as const
  const first = normaliseContinuum(takeSpectra(raw, train), polynomial)
  const { pixels } = await continuumPixelsOfSpectra([first], { fraction: 0.3, limit: 0.02 })
  const unseen = takeSpectra(raw, held)
  const once = scatter(continuumOf(unseen, polynomial), held)
  const twice = scatter(continuumOf(unseen, { method: 'chebyshev', order: 2, pixels }), held)
  expect(twice).toBeLessThan(once / 3)
})

/** The continuum itself, from flux over normalised flux. */
function continuumOf(stars: Spectra, options: Parameters<typeof normaliseContinuum>[1]): Float32Array {
  const { flux: normalised } = normaliseContinuum(stars, options)
  return stars.flux.map((y, i) => y / normalised[i]!)
}

test('a mesh holds every combination, the last label fastest', () => {
  expect([
    ...labelMesh([
      [1, 2, 2],
      [10, 30, 3],
    ]),
  ]).toEqual([1, 10, 1, 20, 1, 30, 2, 10, 2, 20, 2, 30])
  expect([...labelMesh([[5, 9, 1]])]).toEqual([5])
})

test('what cannot be is refused', async () => {
  expect(() => continuumPixelsByModel(model, mesh, { fraction: 2 })).toThrow(/fraction.*got 2/)
  expect(() => continuumPixelsByModel(model, mesh, { bin: -1 })).toThrow(/bin.*got -1/)
  expect(() => continuumPixelsByModel(model, mesh, { perBin: 0.5 })).toThrow(/perBin/)
  expect(() => continuumPixelsByModel(model, mesh.subarray(0, 3))).toThrow(
    /got 3 values, expected two rows or more of 2: teff, fe_h/,
  )
  expect(() => continuumPixelsByCoefficients({ wave, baseline: [1, 2], slopes })).toThrow(
    /got 2 of the baseline, 1200 slopes/,
  )
  expect(() => continuumPixelsByCoefficients({ wave, baseline: wave.map(() => 0), slopes })).toThrow(
    expect.objectContaining({ code: 'preprocess/no-continuum-pixels' }),
  )
  const arms = wave.map((w, i) => (i < 300 ? w : w - 20))
  expect(() => continuumPixelsByCoefficients({ wave: arms, baseline: wave.map(() => 1), slopes })).toThrow(
    /5149\.5 Å and 5130 Å after it, expected arms that do not overlap/,
  )
  const one = spectra(3, 0.01)
  const refused = async (batches: Spectra[]): Promise<string> =>
    continuumPixelsOfSpectra(batches).then(
      () => 'found',
      (error: { code: string }) => error.code,
    )
  expect(await refused([{ ...one, meta: { ...one.meta, stage: 'raw' } }])).toBe('preprocess/not-normalised')
  expect(await refused([])).toBe('preprocess/no-stars')
  expect(await refused([one, { ...one, meta: { ...one.meta, wavelength: { ...wavelength, start: 4000 } } }])).toBe(
    'spectra/other-grid',
  )
})
