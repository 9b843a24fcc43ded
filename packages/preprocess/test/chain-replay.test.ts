import type { PreprocessStep } from '@astrolabel/preprocess'
import { encodeTemplates, preprocess } from '@astrolabel/preprocess'
import { RandomStream, sliceSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const length = 1500
const light = 299_792.458

/** Lines at fixed places, seen at a velocity in km/s. */
function lines(velocity: number, noise: number, seed: number): number[] {
  const random = RandomStream.fromSeed(seed)
  return Array.from({ length }, (_, i) => {
    const rest = (4000 + 0.8 * i) / (1 + velocity / light)
    const depth = [4101, 4227, 4340, 4455, 4861, 5007, 5175].reduce(
      (sum, line) => sum + 0.6 * Math.exp(-0.5 * ((rest - line) / 2) ** 2),
      0,
    )
    return (3 - i / 1500) * (1 - Math.min(0.9, depth)) + noise * random.normal()
  })
}

test('a chain of velocities, bands, rest frame, broadening and continuum pixels replays from its history', () => {
  const template = spectraOf([lines(0, 0, 1)], { meta: linearMeta(length, { frame: 'rest' }) })
  const velocities = [-120, 35, 210]
  const observed = spectraOf(
    velocities.map((v, k) => lines(v, 0.02, k + 2)),
    { velocities: [Number.NaN, Number.NaN, 210], ivar: velocities.map(() => new Array<number>(length).fill(2500)) },
  )
  const chain: PreprocessStep[] = [
    { step: 'velocity', templates: encodeTemplates(template), range: [-400, 400] },
    { step: 'tellurics', bands: [[4600, 4620]] },
    { step: 'interpolate' },
    { step: 'rest', wave: { kind: 'linear', from: 4020, to: 5180, step: 0.9 }, kind: 'sinc' },
    { step: 'broaden', kind: 'gaussian', from: 2000, to: 1200 },
    {
      step: 'continuum',
      method: 'chebyshev',
      windows: [
        [4030, 4090],
        [4360, 4440],
        [4640, 4840],
        [5030, 5150],
      ],
    },
  ]
  const done = preprocess(observed, chain)
  const found = done.catalog.columns.get('v_rad')!.values
  velocities.forEach((v, row) => expect(Math.abs(Number(found[row]) - v)).toBeLessThan(5))

  const history = done.meta.history.map(({ step, options }) => ({ step, ...options }))
  const kept = JSON.parse(JSON.stringify(history)) as PreprocessStep[]
  const again = preprocess(observed, kept)
  expect(again.flux).toEqual(done.flux)
  expect(again.ivar).toEqual(done.ivar)
  expect(again.meta.history).toEqual(done.meta.history)
  const last = preprocess(sliceSpectra(observed, 2, 3), kept)
  expect(last.flux).toEqual(done.flux.subarray(2 * done.nPix))
  expect(last.ivar).toEqual(done.ivar.subarray(2 * done.nPix))
})
