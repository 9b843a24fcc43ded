import { preprocess, recipes } from '@astrolabel/preprocess'
import type { PreprocessStep, RecipeName } from '@astrolabel/preprocess'
import { RandomStream, concatSpectra, takeSpectra } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { desiMeta, linearMeta, spectraOf } from './spectra-of.js'

const chains: Record<string, PreprocessStep[]> = {
  median: [
    { step: 'mask' },
    { step: 'interpolate' },
    { step: 'rest' },
    { step: 'continuum', method: 'running-median', window: 31 },
  ],
  medianAlone: [{ step: 'continuum', method: 'running-median', window: 31 }],
  polynomial: [
    { step: 'mask' },
    { step: 'rest' },
    { step: 'continuum', method: 'polynomial', order: 4, splits: [4050] },
  ],
  chebyshev: [
    { step: 'continuum', method: 'chebyshev' },
    { step: 'crop', from: 4010, to: 4090.5 },
  ],
}

/** Noisy spectra with lines, bad stretches and velocities; the last star has no good pixel. */
function survey(n: number, nPix: number, meta = linearMeta(nPix), seed = 1): Spectra {
  const random = RandomStream.fromSeed(seed)
  const rows: Float32Array[] = []
  const ivar: Float32Array[] = []
  for (let row = 0; row < n; row++) {
    const scale = 10 ** random.uniform()
    rows.push(
      Float32Array.from(
        { length: nPix },
        (_, i) => scale * (1 + 0.2 * Math.sin((3 * i) / nPix) - (i % 17 === 3 ? 0.3 : 0) + 0.02 * random.normal()),
      ),
    )
    const bad = random.integer(nPix - 12)
    ivar.push(
      Float32Array.from({ length: nPix }, (_, i) =>
        (i >= bad && i < bad + 12) || row === n - 1 ? 0 : 2500 / scale ** 2,
      ),
    )
  }
  return spectraOf(rows, { meta, ivar, velocities: rows.map(() => 100 * random.normal()) })
}

function bytesOf(spectra: Spectra): { flux: number[]; ivar: number[] } {
  return { flux: [...spectra.flux], ivar: [...spectra.ivar] }
}

test.each(Object.entries(chains))(
  '%s: each star is treated by itself, so order and batches do not matter',
  (_, steps) => {
    const spectra = survey(5, 150)
    const whole = preprocess(spectra, steps)
    const single = concatSpectra([0, 1, 2, 3, 4].map((row) => preprocess(takeSpectra(spectra, [row]), steps)))
    expect(bytesOf(single)).toEqual(bytesOf(whole))
    const order = [3, 1, 4, 0, 2]
    expect(bytesOf(preprocess(takeSpectra(spectra, order), steps))).toEqual(bytesOf(takeSpectra(whole, order)))
  },
)

test.each(Object.entries(chains))('%s: the value of a bad pixel cannot change a good one', (_, steps) => {
  const spectra = survey(3, 150)
  const answer = preprocess(spectra, steps)
  fc.assert(
    fc.property(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), (value) => {
      const changed = preprocess(
        { ...spectra, flux: spectra.flux.map((y, i) => (spectra.ivar[i] === 0 ? value : y)) },
        steps,
      )
      expect([...changed.ivar]).toEqual([...answer.ivar])
      const good = (s: Spectra): number[] => [...s.flux].filter((_, i) => answer.ivar[i]! > 0)
      expect(good(changed)).toEqual(good(answer))
    }),
    { numRuns: 20 },
  )
})

test.each(Object.entries(chains))('%s: a brighter star has the same normalised spectrum', (_, steps) => {
  const spectra = survey(4, 150)
  const answer = preprocess(spectra, steps)
  fc.assert(
    // A power of two scales floating-point numbers exactly.
    fc.property(fc.integer({ min: -30, max: 30 }), (exponent) => {
      const scale = 2 ** exponent
      const scaled = preprocess(
        { ...spectra, flux: spectra.flux.map((y) => y * scale), ivar: spectra.ivar.map((iv) => iv / scale ** 2) },
        steps,
      )
      expect([...scaled.ivar]).toEqual([...answer.ivar])
      const good = (s: Spectra): number[] => [...s.flux].filter((_, i) => answer.ivar[i]! > 0)
      expect(good(scaled)).toEqual(good(answer))
    }),
    { numRuns: 20 },
  )
})

test.each(Object.entries(chains))('%s: a star without a good pixel stays bad and finite', (_, steps) => {
  const answer = preprocess(survey(2, 150), steps)
  const last = answer.flux.subarray(answer.nPix)
  expect(last.every(Number.isFinite)).toBe(true)
  expect(answer.ivar.subarray(answer.nPix).every((iv) => iv === 0)).toBe(true)
  expect(answer.flux.every(Number.isFinite)).toBe(true)
  expect(answer.ivar.some((iv) => iv > 0)).toBe(true)
})

test('many stars go through in blocks, with the same answer, progress and rows told', () => {
  const spectra = survey(60, 7958, desiMeta)
  ;(spectra.catalog.columns.get('v_rad')!.values as Float64Array).fill(Number.NaN, 55, 56)
  const bad: number[] = []
  const done: number[] = []
  const whole = preprocess(spectra, recipes.desi, {
    onBadStar: ({ row, reason }) => reason === 'no-velocity' && bad.push(row),
    onProgress: (at) => done.push(at),
  })
  expect(bad).toEqual([55])
  expect(done.at(-1)).toBe(300)
  expect(done.toSorted((a, b) => a - b)).toEqual(done)
  for (const row of [0, 32, 33, 59])
    expect(bytesOf(takeSpectra(whole, [row]))).toEqual(bytesOf(preprocess(takeSpectra(spectra, [row]), recipes.desi)))
  expect(whole.starId).toBe(spectra.starId)
  expect(whole.catalog).toBe(spectra.catalog)
})

test('inputs are not touched', () => {
  const spectra = survey(3, 150)
  const before = structuredClone(spectra)
  for (const steps of Object.values(chains)) preprocess(spectra, steps)
  expect(spectra).toEqual(before)
})

test('the history has every default filled in and replays to the same bytes', () => {
  const spectra = survey(2, 150)
  for (const steps of Object.values(chains)) {
    const once = preprocess(spectra, steps)
    expect(once.meta.history.map(({ step }) => step)).toEqual(steps.map(({ step }) => step))
    const replay = JSON.parse(
      JSON.stringify(once.meta.history.map(({ step, options }) => ({ step, ...options }))),
    ) as PreprocessStep[]
    const again = preprocess(spectra, replay)
    expect(again.meta).toEqual(once.meta)
    expect(bytesOf(again)).toEqual(bytesOf(once))
  }
  expect(preprocess(spectra, chains['median']!).meta.history).toEqual([
    { step: 'mask', options: { bits: 'any' } },
    { step: 'interpolate', options: {} },
    { step: 'rest', options: { velocity: 'v_rad', formula: 'classical' } },
    { step: 'continuum', options: { method: 'running-median', window: 31, bad: 'keep' } },
  ])
})

test('typing errors are told before anything is computed', () => {
  const spectra = survey(1, 150)
  const wrong = (step: object) => () => preprocess(spectra, [{ step: 'crop', from: 9000 }, step as PreprocessStep])
  expect(wrong({ step: 'normalize' })).toThrow(
    /step 2 of the chain: got normalize, expected mask, .*velocity.*, continuum/,
  )
  expect(wrong({ step: 'normalize' })).toThrow(expect.objectContaining({ code: 'preprocess/unknown-step' }))
  expect(wrong({ step: 'continuum', method: 'median' })).toThrow(
    /got median, expected running-median, polynomial, chebyshev/,
  )
  expect(wrong({ step: 'continuum', method: 'running-median', order: 3 })).toThrow(
    /got order, expected method, window, bad/,
  )
  expect(wrong({ step: 'rest', formula: 'optical' })).toThrow(/got optical, expected classical, relativistic/)
  expect(wrong({ step: 'resample' })).toThrow(/needs a grid/)
  expect(wrong({ step: 'mask' })).toThrow(expect.objectContaining({ code: 'preprocess/nothing-left' }))
})

test("the DESI recipe is the notebook's chain: one grid of 7781 normalised pixels at rest", () => {
  const normalised = preprocess(survey(2, 7958, desiMeta), recipes.desi)
  expect(normalised.nPix).toBe(7781)
  expect(normalised.meta).toMatchObject({
    frame: 'rest',
    stage: 'normalised',
    wavelength: { kind: 'linear', start: 3600, step: 0.8 },
  })
  const good = [...normalised.flux].filter((_, i) => normalised.ivar[i]! > 0)
  expect(good.length).toBeGreaterThan(7700)
  expect(good.reduce((sum, y) => sum + y, 0) / good.length).toBeCloseTo(0.98, 1)
})

test.each<[RecipeName, ReturnType<typeof linearMeta>]>([
  ['sdss', linearMeta(0, { wavelength: { kind: 'log10', start: 3.58, step: 1e-4, length: 3900, medium: 'vacuum' } })],
  [
    'apogee',
    linearMeta(0, {
      wavelength: { kind: 'log10', start: 4.179, step: 6e-6, length: 8575, medium: 'vacuum' },
      frame: 'rest',
    }),
  ],
  [
    'miles',
    linearMeta(0, {
      wavelength: { kind: 'linear', start: 3540.5, step: 0.9, length: 4300, medium: 'air' },
      frame: 'rest',
      noise: 'unknown',
    }),
  ],
])('the %s recipe runs on the grid of its survey', (name, meta) => {
  const nPix = meta.wavelength.kind === 'log10' || meta.wavelength.kind === 'linear' ? meta.wavelength.length : 0
  const normalised = preprocess(survey(3, nPix, meta), recipes[name])
  const good = [...normalised.flux].filter((_, i) => normalised.ivar[i]! > 0)
  expect(good.length).toBeGreaterThan(1.9 * normalised.nPix)
  expect(Math.abs(good.reduce((sum, y) => sum + y, 0) / good.length - 0.97)).toBeLessThan(0.07)
  if (meta.noise === 'unknown') expect(new Set(normalised.ivar)).toEqual(new Set([0, 1]))
})

test('reports progress in stars and steps, stops at an abort, and takes an empty batch', () => {
  const spectra = survey(3, 150)
  const seen: number[][] = []
  preprocess(spectra, chains['median']!, { onProgress: (...at) => seen.push(at) })
  expect(seen.at(-1)).toEqual([12, 12])
  expect(seen.every(([done], i) => i === 0 || done! >= seen[i - 1]![0]!)).toBe(true)
  const signal = AbortSignal.abort(new Error('enough'))
  expect(() => preprocess(spectra, chains['median']!, { signal })).toThrow('enough')
  expect(preprocess(takeSpectra(spectra, []), chains['median']!).n).toBe(0)
})
