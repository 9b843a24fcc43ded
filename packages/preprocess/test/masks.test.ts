import type { PreprocessStep } from '@astrolabel/preprocess'
import {
  applyMask,
  clipOutliers,
  maskCosmicRays,
  maskTellurics,
  maskWindows,
  preprocess,
  surveyBits,
} from '@astrolabel/preprocess'
import { RandomStream, pixelWavelengths } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const bad = (ivar: Float32Array): number[] => [...ivar.keys()].filter((i) => ivar[i] === 0)

/** Flux 1 with normal noise of S/N 50, ivar to match. */
function noisy(n: number, seed: number): { flux: Float32Array; ivar: Float32Array } {
  const random = RandomStream.fromSeed(seed)
  const flux = Float32Array.from({ length: n }, () => 1 + 0.02 * random.normal())
  return { flux, ivar: new Float32Array(n).fill(2500) }
}

test('a survey has bits of its own that make pixels bad unless told otherwise', () => {
  const apogee = linearMeta(3, {
    survey: 'apogee',
    maskBits: [
      { bit: 0, name: 'BADPIX' },
      { bit: 1, name: 'CRPIX' },
      { bit: 2, name: 'SATPIX' },
      { bit: 3, name: 'UNFIXABLE' },
      { bit: 4, name: 'BADDARK' },
      { bit: 5, name: 'BADFLAT' },
      { bit: 6, name: 'BADERR' },
      { bit: 7, name: 'NOSKY' },
      { bit: 13, name: 'SIG_TELLURIC' },
      { bit: 14, name: 'NOT_ENOUGH_PSF' },
    ],
  })
  const mask = Uint32Array.of(0, 1 << 13, 1 << 14)
  const masked = applyMask(spectraOf([[1, 2, 3]], { meta: apogee, mask }))
  expect(bad(masked.ivar)).toEqual([2])
  expect(masked.meta.history.at(-1)!.options).toEqual({ bits: surveyBits('apogee') })
  expect(bad(applyMask(spectraOf([[1, 2, 3]], { meta: linearMeta(3, { survey: 'sdss' }), mask })).ivar)).toEqual([])
  expect(bad(applyMask(spectraOf([[1, 2, 3]], { meta: linearMeta(3, { survey: 'desi' }), mask })).ivar)).toEqual([1, 2])
})

test('windows are masked in each star, flux is kept', () => {
  const spectra = spectraOf([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ])
  const masked = maskWindows(spectra, { ranges: [[4000.8, 4001.6]] })
  expect(bad(masked.ivar)).toEqual([1, 2, 5, 6])
  expect([...masked.flux]).toEqual([...spectra.flux])
  expect(() => maskWindows(spectra, { ranges: [[4002, 4001]] })).toThrow('the lower one first')
})

test('telluric bands stand still in the frame of the observatory', () => {
  const light = 299_792.458
  const make = (frame: 'observed' | 'barycentric' | 'rest', velocity: number, medium: 'vacuum' | 'air' = 'vacuum') => {
    const grid = { kind: 'linear', start: 6800, step: 0.5, length: 500, medium } as const
    return spectraOf([new Float32Array(500).fill(1)], {
      meta: linearMeta(500, { frame, wavelength: grid }),
      velocities: [velocity],
    })
  }
  const edges = (spectra: ReturnType<typeof make>, margin?: number): [number, number] => {
    const gone = bad(maskTellurics(spectra, margin === undefined ? {} : { margin }).ivar)
    const wave = pixelWavelengths(spectra.meta)
    return [wave[gone[0]!]!, wave[gone.at(-1)!]!]
  }
  const near = (got: [number, number], from: number, to: number): void => {
    expect(got[0]).toBeGreaterThanOrEqual(from)
    expect(got[0]).toBeLessThan(from + 0.5)
    expect(got[1]).toBeLessThanOrEqual(to)
    expect(got[1]).toBeGreaterThan(to - 0.5)
  }
  near(edges(make('observed', 200)), 6866, 6962)
  near(edges(make('barycentric', 200)), 6866 / (1 + 30 / light), 6962 / (1 - 30 / light))
  near(edges(make('rest', 200), 0), 6866 / (1 + 200 / light), 6962 / (1 + 200 / light))
  near(edges(make('rest', Number.NaN), 0), 6866 / (1 + 300 / light), 6962 / (1 - 300 / light))
  const air = edges(make('observed', 0, 'air'))
  expect(air[0]).toBeLessThan(6864.7)
  expect(air[1]).toBeLessThan(6960.5)
})

test('outliers above the neighbourhood are clipped, lines are not', () => {
  const { flux, ivar } = noisy(600, 1)
  for (let i = 280; i < 300; i++) flux[i] = 0.3
  flux[100] = 1.5
  flux[101] = 5
  const meta = linearMeta(600)
  expect(bad(clipOutliers(spectraOf([flux], { meta, ivar: [ivar] })).ivar)).toEqual([100, 101])
  const both = bad(clipOutliers(spectraOf([flux], { meta, ivar: [ivar] }), { below: 8 }).ivar)
  expect(both).toEqual([100, 101, ...Array.from({ length: 20 }, (_, i) => 280 + i)])
})

test('of clean noise as good as nothing is clipped or taken for a cosmic ray', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (seed) => {
      const { flux, ivar } = noisy(400, seed)
      const spectra = spectraOf([flux], { meta: linearMeta(400), ivar: [ivar] })
      expect(bad(clipOutliers(spectra).ivar).length).toBeLessThanOrEqual(1)
      expect(bad(maskCosmicRays(spectra).ivar).length).toBeLessThanOrEqual(3)
    }),
    { numRuns: 50 },
  )
})

test('a cosmic ray is narrow: an emission line of the width of the line-spread stays', () => {
  const { flux, ivar } = noisy(500, 3)
  flux[60] = 1.6
  flux[61] = 2.4
  for (let i = -9; i <= 9; i++) flux[250 + i]! += 2 * Math.exp((-0.5 * i ** 2) / 9)
  const spectra = spectraOf([flux], { meta: linearMeta(500), ivar: [ivar] })
  expect(bad(maskCosmicRays(spectra).ivar)).toEqual([59, 60, 61, 62])
  expect(bad(maskCosmicRays(spectra, { grow: 0 }).ivar)).toEqual([60, 61])
})

test('what a bad pixel holds never matters, and scale does not either', () => {
  const { flux, ivar } = noisy(300, 5)
  flux[50] = 9
  ivar[200] = 0
  const run = (value: number, scale: number): number[] => {
    const changed = flux.map((f, i) => (i === 200 ? value : f) * scale)
    const spectra = spectraOf([changed], { meta: linearMeta(300), ivar: [ivar.map((iv) => iv / scale ** 2)] })
    return [...bad(clipOutliers(spectra).ivar), ...bad(maskCosmicRays(spectra).ivar)]
  }
  expect(run(1e4, 1)).toEqual(run(-7, 1))
  expect(run(1e4, 64)).toEqual(run(1e4, 1))
})

test('the steps run in a chain and are replayed from its history', () => {
  const { flux, ivar } = noisy(400, 7)
  flux[33] = 4
  const spectra = spectraOf([flux], { meta: linearMeta(400), ivar: [ivar] })
  const steps: PreprocessStep[] = [
    { step: 'mask' },
    { step: 'windows', ranges: [[4010, 4012]] },
    { step: 'tellurics', bands: [[4100, 4104]] },
    { step: 'cosmics' },
    { step: 'clip', below: 9 },
  ]
  const done = preprocess(spectra, steps)
  const again = preprocess(
    spectra,
    done.meta.history.map(({ step, options }) => ({ step, ...options }) as PreprocessStep),
  )
  expect(again.ivar).toEqual(done.ivar)
  expect(again.meta.history).toEqual(done.meta.history)
  expect(() => preprocess(spectra, [{ step: 'windows' } as never])).toThrow('needs ranges')
  expect(() => preprocess(spectra, [{ step: 'cosmics', sigma: -1 }])).toThrow('sigma')
})
