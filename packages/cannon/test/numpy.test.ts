import { readFileSync } from 'node:fs'
import { trainCannon } from '@astrolabel/cannon'
import { labelInfo, makeLabels, makeSpectra, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { farthest, normalisedMeta } from './stars.ts'

interface Fit {
  readonly theta: number[][]
  readonly scatter2: number[]
}

const golden = JSON.parse(readFileSync(new URL('oracle/numpy-cannon.json', import.meta.url), 'utf8')) as {
  stars: number
  test: number
  pixels: number
  labels: number[]
  flux: number[]
  ivar: number[]
  moments: Fit
  likelihood: Fit
  labelled: { labels: number[]; covariance: number[]; chi2: number }[]
}

const starId = Array.from({ length: golden.stars + golden.test }, (_, i) => `star-${i}`)
const all = makeSpectra({
  meta: normalisedMeta(golden.pixels),
  starId,
  flux: Float32Array.from(golden.flux),
  ivar: Float32Array.from(golden.ivar),
})
const labels = makeLabels({
  starId: starId.slice(0, golden.stars),
  labels: [labelInfo('teff'), labelInfo('logg')],
  values: Float64Array.from(golden.labels.slice(0, 2 * golden.stars)),
})
const rows = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
const training = takeSpectra(all, rows(0, golden.stars))

test('coefficients and scatter by moments are those of numpy', () => {
  const { theta, scatter2 } = trainCannon(training, labels, { scatter: 'moments' }).parts.coefficients
  expect(farthest(theta, golden.moments.theta.flat())).toBeLessThan(1e-11)
  expect(farthest(scatter2, golden.moments.scatter2)).toBeLessThan(1e-14)
})

test('coefficients and scatter by likelihood reach the fixed point that scipy finds', () => {
  const { theta, scatter2 } = trainCannon(training, labels).parts.coefficients
  // Settled to a thousandth of the total error of a pixel, which is 0.002 at least.
  for (const [p, s2] of scatter2.entries()) {
    const meanVariance = 1e-5
    const expected = golden.likelihood.scatter2[p]!
    expect(Math.abs(Math.sqrt(s2) - Math.sqrt(expected)) / Math.sqrt(expected + meanVariance)).toBeLessThan(1e-3)
  }
  expect(farthest(theta, golden.likelihood.theta.flat())).toBeLessThan(1e-5)
})

test('labels, covariances and chi squared are those of scipy on the pixels', () => {
  const model = trainCannon(training, labels, { scatter: 'moments' })
  const found = model.predict(takeSpectra(all, rows(golden.stars, golden.stars + golden.test)))
  for (const [i, expected] of golden.labelled.entries()) {
    const errors = [0, 3].map((k) => Math.sqrt(expected.covariance[k]!))
    for (const [l, value] of expected.labels.entries()) {
      expect(Math.abs(found.values[2 * i + l]! - value) / errors[l]!).toBeLessThan(1e-5)
      expect(found.errors[2 * i + l]! / errors[l]!).toBeCloseTo(1, 5)
    }
    for (const [k, value] of expected.covariance.entries()) {
      const unit = errors[k >> 1]! * errors[k & 1]!
      expect(Math.abs(found.covariance![4 * i + k]! - value) / unit).toBeLessThan(1e-5)
    }
    const good = found.extra!.columns.get('good_pixels')!.values[i] as number
    const reduced = found.extra!.columns.get('chi2_reduced')!.values[i] as number
    expect(reduced * (good - 2)).toBeCloseTo(expected.chi2, 7)
  }
})
