import type { Labels, Spectra } from '@astrolabel/spectra'
import { columnNumbers, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { labelsOfTable } from '../src/catalogs/labels-of-table.js'
import type { ModelRequest } from '../src/operations/train-on-rows.js'
import { trainModel } from '../src/operations/train-on-rows.js'
import { makeStars, withColumn } from './stars.js'

const stars = makeStars({ n: 36 })
const request: ModelRequest = {
  model: 'cannon',
  labels: ['teff', 'fe_h'],
  options: { order: 1 },
  errorFolds: 4,
  seed: 5,
}
const rows = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** The same stars with a temperature of one of them far off. */
function spoiled(spectra: Spectra, row: number): Spectra {
  const teff = Float64Array.from(columnNumbers(spectra.catalog.columns.get('teff')!))
  teff[row] = teff[row]! + 1500
  return withColumn(spectra, { name: 'teff', values: teff })
}

async function predictHeldOut(spectra: Spectra, star: number): Promise<Labels> {
  const model = await trainModel(
    takeSpectra(
      spectra,
      rows(36).filter((row) => row !== star),
    ),
    request,
  )
  return model.predict(takeSpectra(spectra, [star]))
}

test('the labels of a held-out star cannot influence its prediction nor its error', async () => {
  const honest = await predictHeldOut(stars, 7)
  const changed = await predictHeldOut(spoiled(stars, 7), 7)
  expect(changed).toEqual(honest)
  // The same change to a training star is noticed, so the comparison means something.
  const other = await predictHeldOut(spoiled(stars, 8), 7)
  expect(Array.from(other.values)).not.toEqual(Array.from(honest.values))
  expect(Array.from(other.errors)).not.toEqual(Array.from(honest.errors))
})

test('errors grow by what the inner cross-validation finds, and cover the residuals of unseen stars better', async () => {
  const train = takeSpectra(stars, rows(24))
  const unseen = makeStars({ n: 200, seed: 99 })
  const truth = labelsOfTable(unseen.catalog, unseen.starId, request.labels)
  const coverage = async (errorFolds: number): Promise<number> => {
    const labels = (await trainModel(train, { ...request, errorFolds })).predict(unseen)
    return (
      labels.values.filter((value, i) => Math.abs(value - truth.values[i]!) <= labels.errors[i]!).length /
      labels.values.length
    )
  }
  const formal = await coverage(0)
  const honest = await coverage(4)
  expect(honest).toBeGreaterThan(formal)
  expect(honest).toBeGreaterThan(0.5)
})

test('the inner folds keep observations of one star together', async () => {
  // Each of ten stars twice and six terms a pixel: were the copies split, the inner cross-validation would know the answers.
  const twice = takeSpectra(
    makeStars({ n: 10 }),
    Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)),
  )
  const apart = { ...twice, starId: twice.starId.map((id, i) => `${id}/${i % 2}`) }
  const grouped = withColumn(apart, { name: 'star_group', values: twice.starId })
  const teffError = async (spectra: Spectra): Promise<number> => {
    const { errors } = (await trainModel(spectra, { ...request, options: { order: 2 } })).predict(spectra)
    return errors.filter((_, i) => i % 2 === 0).reduce((sum, error) => sum + error, 0) / spectra.n
  }
  expect(await teffError(grouped)).toBeGreaterThan(1.3 * (await teffError(apart)))
})

test('the same seed gives the same bytes, another seed other errors', async () => {
  const bytes = async (seed: number): Promise<Uint8Array> => (await trainModel(stars, { ...request, seed })).toArrow()
  expect(await bytes(5)).toEqual(await bytes(5))
  expect(await bytes(6)).not.toEqual(await bytes(5))
})

test('an abort ends training between folds', async () => {
  const controller = new AbortController()
  const done: number[] = []
  const training = trainModel(stars, request, {
    signal: controller.signal,
    onProgress: (step) => {
      done.push(step)
      if (step === 2) controller.abort(new Error('enough'))
    },
  })
  await expect(training).rejects.toThrow('enough')
  expect(done).toEqual([1, 2])
})

test('an unknown kind of model is refused with those there are', async () => {
  await expect(trainModel(stars, { ...request, model: 'oracle' })).rejects.toMatchObject({
    code: 'model/unknown-kind',
    message: expect.stringContaining('got oracle, expected cannon') as string,
  })
})
