import type { CannonModel } from '@astrolabel/cannon'
import { trainCannon } from '@astrolabel/cannon'
import type { Labels } from '@astrolabel/spectra'
import { RandomStream, makeLabels, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { drawStars, farthest, quadraticTruth, withValues } from './stars.ts'

const N = 150
const N_PIX = 40
const NAMES = ['teff', 'logg', 'fe_h'] as const
const truth = quadraticTruth(3, 3, N_PIX)
const { spectra, labels } = drawStars({ seed: 1, n: N, nPix: N_PIX, names: NAMES, truth, sigma: 0.01 })
const random = RandomStream.fromSeed(2)
const hidden = Uint8Array.from({ length: N }, () => (random.uniform() < 0.3 ? 1 : 0))
const gaps = withValues(labels, (value, star, label) => (label === 2 && hidden[star] === 1 ? Number.NaN : value))

/** Root mean square of the model's flux minus the truth's at labels all over the box. */
function modelError(model: CannonModel): number {
  const draws = RandomStream.fromSeed(9)
  const out = new Float64Array(N_PIX)
  let sum = 0
  for (let k = 0; k < 200; k++) {
    const u = Float64Array.from(NAMES, () => 2 * draws.uniform() - 1)
    model.evaluate(Float64Array.of(4750 + 750 * u[0]!, 2.5 + 1.5 * u[1]!, -0.5 + 0.5 * u[2]!), out)
    for (const [p, flux] of out.entries()) sum += (flux - truth(u, p)) ** 2
  }
  return Math.sqrt(sum / (200 * N_PIX))
}

function dropRows(table: Labels, keep: (star: number) => boolean): CannonModel {
  const rows = Array.from({ length: table.n }, (_, star) => star).filter(keep)
  const values = Float64Array.from(rows.flatMap((row) => [...table.values.subarray(3 * row, 3 * row + 3)]))
  const kept = makeLabels({ starId: rows.map((row) => table.starId[row]!), labels: table.labels, values })
  return trainCannon(takeSpectra(spectra, rows), kept)
}

test('with 30 % of one label missing the model is nearly that of all labels, and better than without those stars', () => {
  const full = modelError(trainCannon(spectra, labels))
  const filled = trainCannon(spectra, gaps)
  const dropped = modelError(dropRows(gaps, (star) => hidden[star] === 0))
  expect(filled.parts.training['imputationRounds']).toBeGreaterThan(1)
  expect(modelError(filled)).toBeLessThan(1.1 * full)
  expect(modelError(filled)).toBeLessThan(0.95 * dropped)
})

test('known labels are kept to the bit, missing ones come out near the truth', () => {
  const model = trainCannon(spectra, gaps)
  const { trainingLabels, scales } = model.parts
  const { scale, pivot } = scales[2]!
  const pulls: number[] = []
  const { errors } = model.predict(spectra)
  for (let i = 0; i < N; i++)
    for (let l = 0; l < 3; l++) {
      const value = trainingLabels[3 * i + l]! * scales[l]!.scale + scales[l]!.pivot
      if (l < 2 || hidden[i] === 0) expect(Math.abs(value - labels.values[3 * i + l]!)).toBeLessThan(1e-9)
      else pulls.push((trainingLabels[3 * i + 2]! * scale + pivot - labels.values[3 * i + 2]!) / errors[3 * i + 2]!)
    }
  const spread = Math.sqrt(pulls.reduce((sum, pull) => sum + pull ** 2, 0) / pulls.length)
  // Of some 45 stars; with the other labels known the errors are somewhat smaller than those of a free fit.
  expect(spread).toBeGreaterThan(0.6)
  expect(spread).toBeLessThan(1.4)
})

test('without noise nothing is lost: the missing labels are found again', () => {
  const exact = drawStars({ seed: 4, n: N, nPix: N_PIX, names: NAMES, truth })
  const some = withValues(exact.labels, (value, star, label) => (label === star % 5 ? Number.NaN : value))
  const model = trainCannon(exact.spectra, some, { imputations: 20 })
  const out = new Float64Array(N_PIX)
  model.evaluate(Float64Array.of(4750, 2.5, -0.5), out)
  const expected = Float64Array.from({ length: N_PIX }, (_, p) => truth(new Float64Array(3), p))
  expect(farthest(out, expected)).toBeLessThan(3e-3)
})

test('a star with no label at all, and one with neither labels nor pixels, do no harm', () => {
  const none = withValues(labels, (value, star) => (star === 4 || star === 5 ? Number.NaN : value))
  const ivar = spectra.ivar.map((v, at) => (Math.floor(at / N_PIX) === 5 ? 0 : v))
  const model = trainCannon({ ...spectra, ivar }, none)
  const { trainingLabels, scales } = model.parts
  for (let l = 0; l < 3; l++) {
    const found = trainingLabels[3 * 4 + l]! * scales[l]!.scale + scales[l]!.pivot
    const { errors } = model.predict(spectra)
    expect(Math.abs(found - labels.values[3 * 4 + l]!) / errors[3 * 4 + l]!).toBeLessThan(4)
    expect(trainingLabels[3 * 5 + l]).toBe(0)
  }
  const without = dropRows(labels, (star) => star !== 4 && star !== 5)
  expect(modelError(model) / modelError(without)).toBeLessThan(1.05)
})

test('no complete star at all: training begins at the mean of what is missing', () => {
  const none = withValues(labels, (value, star, label) => (label === star % 3 ? Number.NaN : value))
  const model = trainCannon(spectra, none, { order: 1, imputations: 30 })
  expect(model.parts.training['imputationRounds']).toBeGreaterThan(1)
  const full = trainCannon(spectra, labels, { order: 1 })
  expect(modelError(model)).toBeLessThan(2 * modelError(full))
})
