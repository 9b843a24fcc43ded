import { kFold } from '@astrolabel/metrics'
import type { Labels, Spectra } from '@astrolabel/spectra'
import { RandomStream, columnNumbers, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { labelsOfTable } from '../src/catalogs/labels-of-table.js'
import type { ModelRequest } from '../src/operations/train-on-rows.js'
import { takeLabels, trainModel } from '../src/operations/train-on-rows.js'
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
  // Each star twice: were the copies split, the inner cross-validation would know the answers.
  const twice = takeSpectra(
    stars,
    rows(36).flatMap((row) => [row, row]),
  )
  const grouped = withColumn(
    { ...twice, starId: twice.starId.map((id, i) => `${id}/${i % 2}`) },
    { name: 'star_group', values: twice.starId },
  )
  const splits = kFold(twice.starId, 4, RandomStream.fromSeed(5))
  const truth = labelsOfTable(grouped.catalog, grouped.starId, request.labels)
  const parts = await Promise.all(
    splits.map(async ({ train, test: held }) => {
      const model = await trainModel(takeSpectra(grouped, train), { ...request, errorFolds: 0 })
      return model.predict(takeSpectra(grouped, held))
    }),
  )
  const seen: { values: Float64Array; rows: Int32Array }[] = parts.map((part, i) => ({
    values: part.values,
    rows: splits[i]!.test,
  }))
  const residual = (l: number): number => {
    const squares = seen.flatMap(({ values, rows: held }) =>
      Array.from(held, (row, i) => (values[i * 2 + l]! - truth.values[row * 2 + l]!) ** 2),
    )
    return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length)
  }
  const labels = (await trainModel(grouped, request)).predict(grouped)
  const medianError = (l: number): number =>
    Array.from(labels.errors.filter((_, i) => i % 2 === l)).sort((a, b) => a - b)[36]!
  // The errors of the model are of the size of the honest residuals.
  for (const l of [0, 1]) expect(medianError(l) / residual(l)).toBeCloseTo(1, 0)
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

test('rows of labels are taken in the order asked for', () => {
  const labels = labelsOfTable(stars.catalog, stars.starId, ['teff', 'fe_h'])
  const taken = takeLabels(labels, [3, 1])
  expect(taken.starId).toEqual(['s3', 's1'])
  expect(Array.from(taken.values)).toEqual([...labels.values.subarray(6, 8), ...labels.values.subarray(2, 4)])
})
