import { trainCannon } from '@astrolabel/cannon'
import type { Labels } from '@astrolabel/spectra'
import { takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { drawStars, quadraticTruth } from './stars.ts'

const NAMES = ['teff', 'logg', 'fe_h'] as const
const common = { nPix: 80, names: NAMES, truth: quadraticTruth(7, 3, 80) }
const training = drawStars({ ...common, seed: 1, n: 400, sigma: 0.005, scatter: 0.01, bad: 0.02 })
const model = trainCannon(training.spectra, training.labels)
const stars = drawStars({ ...common, seed: 2, n: 200, sigma: 0.02, scatter: 0.01, bad: 0.05 })

const part = (labels: Labels, name: string, which: string): Float64Array =>
  labels.extra!.columns.get(`${name}_err_${which}`)!.values as Float64Array

test('squares of the parts sum to the square of the error, with and without a floor', () => {
  const own = model.predict(training.spectra)
  const floored = model.withErrorFloor({ ...own, errors: own.errors.map((error) => error / 3) }, training.labels)
  for (const one of [model, floored]) {
    const labels = one.predict(stars.spectra)
    NAMES.forEach((name, l) => {
      const [formal, scatter, floor] = ['formal', 'scatter', 'floor'].map((which) => part(labels, name, which))
      for (let i = 0; i < labels.n; i++)
        expect(Math.hypot(formal![i]!, scatter![i]!, floor![i]!) / labels.errors[i * 3 + l]!).toBeCloseTo(1, 10)
      expect(floor![0]! > 0).toBe(one === floored)
    })
  }
})

test('the parts are those of repeated noise and of repeated scatter, drawn apart', () => {
  // Noise of 0.02 against a scatter of 0.01: the same star over and over, in one of the two only.
  const u = Array.from({ length: 1500 }, () => [0.1, -0.2, 0.3])
  const draw = (sigma: number, scatter: number, seed: number): Labels => {
    const { spectra } = drawStars({ ...common, seed, n: 1500, u, scatter: Math.hypot(sigma, scatter) })
    // The fit is told the noise of the star, whatever the flux was drawn with.
    const ivar = spectra.ivar.map(() => 1 / 0.02 ** 2)
    return model.predict({ ...spectra, ivar })
  }
  for (const [which, labels] of [
    ['formal', draw(0.02, 0, 3)],
    ['scatter', draw(0, 0.01, 4)],
  ] as const)
    NAMES.forEach((name, l) => {
      const values = Array.from({ length: 1500 }, (_, i) => labels.values[i * 3 + l]!)
      const mean = values.reduce((sum, value) => sum + value, 0) / 1500
      const seen = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 1500)
      // Four standard errors of a standard deviation of 1500 draws, and the scatter that training estimated to 4 %.
      expect(Math.abs(seen / part(labels, name, which)[0]! - 1)).toBeLessThan(which === 'formal' ? 0.075 : 0.1)
    })
})

test('without errors of the pixels all of it is scatter, and the labels do not depend on whether parts are asked for', () => {
  const unknown = drawStars({ ...common, seed: 5, n: 300, sigma: 0.01, noise: 'unknown' })
  const cannon = trainCannon(unknown.spectra, unknown.labels)
  const some = takeSpectra(unknown.spectra, [0, 1, 2])
  const labels = cannon.predict(some)
  const bare = cannon.predict(some, { errorParts: false })
  expect(Array.from(part(labels, 'teff', 'formal'))).toEqual([Number.NaN, Number.NaN, Number.NaN])
  expect(part(labels, 'teff', 'scatter')[1]).toBeCloseTo(labels.errors[3]!, 10)
  expect(bare.errors).toEqual(labels.errors)
  expect(bare.extra!.columns.has('teff_err_formal')).toBe(false)
})
