import { kFold } from '@astrolabel/metrics'
import type { AugmentOptions } from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import { RandomStream, columnNumbers, starGroups, takeLabels, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { labelsOfTable } from '../src/catalogs/labels-of-table.js'
import { augmentTraining } from '../src/operations/augment-training.js'
import type { ModelRequest } from '../src/operations/train-on-rows.js'
import { modelRequest, trainModel } from '../src/operations/train-on-rows.js'
import { parseTrainSettings } from '../src/recipe/train-settings.js'
import { makeStars, withColumn } from './stars.js'

const options: AugmentOptions = { copies: 3, noise: 1, zero: 0.05, velocity: 20 }
const labels = ['teff', 'fe_h']

function visits(): Spectra {
  const twice = takeSpectra(
    makeStars({ n: 15 }),
    Array.from({ length: 30 }, (_, i) => Math.floor(i / 2)),
  )
  const apart = { ...twice, starId: twice.starId.map((id, i) => `${id}/${i % 2}`) }
  return withColumn(apart, { name: 'star_group', values: twice.starId })
}

test('labels are repeated beside their copies', async () => {
  const stars = makeStars({ n: 7 })
  const truth = labelsOfTable(stars.catalog, stars.starId, labels)
  for (const keepOriginals of [true, false]) {
    const rows = await augmentTraining({ spectra: stars, labels: truth }, { ...options, keepOriginals }, 3)
    const each = keepOriginals ? 4 : 3
    expect(rows.spectra.n).toBe(7 * each)
    expect(rows.labels.starId).toEqual(rows.spectra.starId)
    const teff = columnNumbers(rows.spectra.catalog.columns.get('teff')!)
    teff.forEach((value, i) => expect(rows.labels.values[2 * i]).toBe(value))
  }
  const plain = { spectra: stars, labels: truth }
  expect(await augmentTraining(plain, undefined, 3)).toBe(plain)
})

test('copies fall into the fold of their star, whatever its visits are called', async () => {
  const stars = visits()
  const { spectra } = await augmentTraining(
    { spectra: stars, labels: labelsOfTable(stars.catalog, stars.starId, labels) },
    options,
    3,
  )
  const groups = starGroups(spectra)
  expect(new Set(groups).size).toBe(15)
  for (const { train, test: held } of kFold(groups, 4, RandomStream.fromSeed(2))) {
    const trained = new Set(Array.from(train, (row) => groups[row]!))
    for (const row of held) expect(trained.has(groups[row]!)).toBe(false)
  }
})

const request: ModelRequest = {
  model: 'cannon',
  labels,
  options: { order: 1 },
  errorFolds: 4,
  seed: 5,
  augment: options,
}

/** The same stars with the flux and temperature of one of them far off. */
function spoiled(spectra: Spectra, row: number): Spectra {
  const teff = Float64Array.from(columnNumbers(spectra.catalog.columns.get('teff')!))
  teff[row] = teff[row]! + 1500
  const flux = spectra.flux.slice()
  for (let i = row * spectra.nPix; i < (row + 1) * spectra.nPix; i++) flux[i]! *= 1.1
  return withColumn({ ...spectra, flux }, { name: 'teff', values: teff })
}

test('copies of held-out stars are never trained on: the inner folds are split before', async () => {
  // The model of each inner fold is what training on its own stars gives, with copies of those and of no other.
  const stars = visits()
  const truth = labelsOfTable(stars.catalog, stars.starId, labels)
  const [{ train, test: held }] = kFold(starGroups(stars), 4, RandomStream.fromSeed(5)) as [
    ReturnType<typeof kFold>[number],
  ]
  const inside = (spectra: Spectra): Promise<{ spectra: Spectra }> =>
    augmentTraining(
      { spectra: takeSpectra(spectra, train), labels: takeLabels(truth, train) },
      request.augment,
      request.seed,
    )
  const honest = await inside(stars)
  const groups = new Set(starGroups(honest.spectra))
  for (const row of held) expect(groups.has(starGroups(stars)[row]!)).toBe(false)
  // Nothing of a held-out star reaches what is trained on, and so neither does it reach the prediction of that star.
  const changed = await inside(spoiled(stars, held[0]!))
  expect(changed.spectra.flux).toEqual(honest.spectra.flux)
  expect((await inside(spoiled(stars, train[0]!))).spectra.flux).not.toEqual(honest.spectra.flux)
})

test('a model trained with copies predicts a star that it has not seen as if that were not there', async () => {
  const stars = makeStars({ n: 36 })
  const others = Array.from({ length: 36 }, (_, i) => i).filter((row) => row !== 7)
  const predict = async (spectra: Spectra): Promise<Float64Array> =>
    (await trainModel(takeSpectra(spectra, others), request)).predict(takeSpectra(stars, [7])).values
  const honest = await predict(stars)
  expect(await predict(spoiled(stars, 7))).toEqual(honest)
  expect(await predict(spoiled(stars, 8))).not.toEqual(honest)
  const plain = await trainModel(takeSpectra(stars, others), { ...request, augment: undefined })
  expect(plain.predict(takeSpectra(stars, [7])).values).not.toEqual(honest)
})

test('copies trained on as if they were stars of their own would look better than they are', async () => {
  // Six terms and ten stars: with copies on both sides of the inner folds the answers would be known.
  const stars = makeStars({ n: 10 })
  const truth = labelsOfTable(stars.catalog, stars.starId, labels)
  const inside = await trainModel(stars, { ...request, options: { order: 2 }, errorFolds: 3 })
  const before = await augmentTraining({ spectra: stars, labels: truth }, options, 5)
  const leaked = {
    ...before.spectra,
    starId: before.spectra.starId.map((id, i) => `${id}-${i}`),
  }
  const outside = await trainModel(leaked, { ...request, augment: undefined, options: { order: 2 }, errorFolds: 3 })
  const teffError = (labelled: { errors: Float64Array }): number =>
    labelled.errors.filter((_, i) => i % 2 === 0).reduce((sum, error) => sum + error, 0)
  expect(teffError(inside.predict(stars))).toBeGreaterThan(1.2 * teffError(outside.predict(stars)))
})

test('what copies differ in cannot be learnt', async () => {
  const stars = withColumn(makeStars({ n: 5 }), { name: 'v_rad', values: new Float64Array(5) })
  const truth = labelsOfTable(stars.catalog, stars.starId, ['teff', 'v_rad'])
  await expect(augmentTraining({ spectra: stars, labels: truth }, { velocity: 5 }, 1)).rejects.toMatchObject({
    code: 'augment/changes-label',
  })
})

test('recipes and settings describe it', () => {
  const recipe = parseTrainSettings('cannon', labels, ['augment.copies=4', 'augment.noise=1', 'augment.zero=0.02'])
  expect(modelRequest(recipe, 9)).toMatchObject({ augment: { copies: 4, noise: 1, zero: 0.02 }, seed: 9 })
  expect(modelRequest(recipe, 9).options).not.toHaveProperty('augment')
  expect(modelRequest(parseTrainSettings('cannon', labels, []), 9)).not.toHaveProperty('augment')
  expect(() => parseTrainSettings('cannon', labels, ['augment.zero=2'])).toThrow('augment.zero')
})
