// What every kind of label model keeps to: a kind that is added is held to it by being there.
import { MODEL_KINDS } from '@astrolabel/pipeline'
import type { CheckedErrors, LabelModel, Labels, Spectra } from '@astrolabel/spectra'
import { makeLabels, takeLabels, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { labelsOfTable } from '../src/catalogs/labels-of-table.js'
import { kindOfModel } from '../src/models.js'
import { trainModel } from '../src/operations/train-on-rows.js'
import { fault } from './fault.js'
import { makeStars } from './stars.js'

const NAMES = ['teff', 'fe_h']
const stars = makeStars({ n: 160, seed: 1 })
const truth = labelsOfTable(stars.catalog, stars.starId, NAMES)
const unseen = makeStars({ n: 300, seed: 2 })
const unseenTruth = labelsOfTable(unseen.catalog, unseen.starId, NAMES)

/** Options of a kind that fit so few stars. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  forest: { parameters: { 'pca.components': 4, 'forest.trees': 60 } },
  'extra-trees': { parameters: { 'pca.components': 4, 'extra-trees.trees': 60 } },
  tree: { parameters: { 'tree.maxDepth': 7, 'tree.smallest': 3, 'tree.features': 60 } },
  gp: { parameters: { 'pca.components': 4, 'gp.searchRows': 100 } },
}

/** Kinds that know no error of their own: the folds of a training tell one for all stars. */
const WITHOUT_ERRORS = ['tree']

function trained(kind: string, spectra: Spectra = stars, labels: Labels = truth, more: object = {}): LabelModel {
  const train = (of: Spectra, known: Labels): LabelModel & CheckedErrors =>
    kindOfModel(kind).train(of, known, { ...OPTIONS[kind], ...more }, 1, {})
  const model = train(spectra, labels)
  if (!WITHOUT_ERRORS.includes(kind)) return model
  const rows = Array.from({ length: spectra.n }, (_, i) => i)
  const [even, odd] = [0, 1].map((side) => rows.filter((row) => row % 2 === side)) as [number[], number[]]
  const known = takeLabels(labels, even)
  return model.withErrorFloor(
    train(takeSpectra(spectra, odd), takeLabels(labels, odd)).predict(takeSpectra(spectra, even)),
    known,
  )
}

const models = new Map(MODEL_KINDS.map((kind) => [kind, trained(kind)]))

function rmse(found: Labels, known: Labels, l: number): number {
  let sum = 0
  for (let i = 0; i < found.n; i++) sum += (found.values[2 * i + l]! - known.values[2 * i + l]!) ** 2 / found.n
  return Math.sqrt(sum)
}

test.each(MODEL_KINDS)('%s: it names itself, its labels, its grid and where its spectra come from', (kind) => {
  const model = models.get(kind)!
  expect(model.kind).toBe(kind)
  expect(model.labels.map(({ name }) => name)).toEqual(NAMES)
  expect(model.wavelength).toEqual(stars.meta.wavelength)
  expect(model.source).toEqual({ survey: 'npz', release: 'x', preprocessing: [] })
})

test.each(MODEL_KINDS)(
  '%s: stars that it has not seen get labels near the truth, with errors that say how near',
  (kind) => {
    const found = models.get(kind)!.predict(unseen)
    expect(found.starId).toEqual(unseen.starId)
    // Labels are uniform over 1500 K and 1.4 dex: knowing nothing is 433 K and 0.40 dex off.
    expect(rmse(found, unseenTruth, 0)).toBeLessThan(150)
    expect(rmse(found, unseenTruth, 1)).toBeLessThan(0.15)
    expect(found.errors.every((error) => error > 0)).toBe(true)
  },
)

test.each(MODEL_KINDS)('%s: a cross-validation makes its errors cover the truth', async (kind) => {
  // The factor is a quantile of the residuals, known to 4 % from 160 of them and to 3 % from these.
  const many = makeStars({ n: 300, seed: 1 })
  const later = makeStars({ n: 1000, seed: 4 })
  const laterTruth = labelsOfTable(later.catalog, later.starId, NAMES)
  const request = { model: kind, labels: NAMES, options: { ...OPTIONS[kind] }, seed: 1 }
  const [plain, checked] = await Promise.all(
    [0, 5].map(async (errorFolds) => (await trainModel(many, { ...request, errorFolds })).predict(later)),
  )
  expect(checked!.values).toEqual(plain!.values)
  const inside = checked!.values.filter((value, i) => Math.abs(value - laterTruth.values[i]!) <= checked!.errors[i]!)
  expect(inside.length / checked!.values.length).toBeGreaterThan(0.62)
  expect(inside.length / checked!.values.length).toBeLessThan(0.75)
})

test.each(MODEL_KINDS)('%s: a file brings back the model to the last bit, and damage to it is found', (kind) => {
  const model = models.get(kind)!
  const bytes = model.toArrow()
  const { fromArrow } = kindOfModel(kind)
  expect(fromArrow(bytes).predict(unseen)).toEqual(model.predict(unseen))
  expect(fromArrow(bytes).toArrow()).toEqual(bytes)
  expect(trained(kind).toArrow()).toEqual(bytes)
  const damaged = bytes.slice()
  damaged[Math.floor(bytes.length / 2)]! ^= 1
  expect(fault(() => fromArrow(damaged)).code).toBe('model/damaged')
  const other = MODEL_KINDS.find((name) => name !== kind)!
  expect(fault(() => kindOfModel(other).fromArrow(bytes)).code).toBe('model/wrong-kind')
})

test.each(MODEL_KINDS)('%s: each star is labelled by itself, wherever it stands', (kind) => {
  const model = models.get(kind)!
  const all = model.predict(unseen)
  const some = model.predict(takeSpectra(unseen, [137, 3]))
  expect([...some.values]).toEqual([...all.values.slice(274, 276), ...all.values.slice(6, 8)])
  expect([...some.errors]).toEqual([...all.errors.slice(274, 276), ...all.errors.slice(6, 8)])
  expect(model.predict(takeSpectra(unseen, [])).n).toBe(0)
})

test.each(MODEL_KINDS)('%s: what lies in a bad pixel changes nothing', (kind) => {
  const model = models.get(kind)!
  const few = takeSpectra(unseen, [0, 1, 2, 3, 4])
  const ivar = few.ivar.map((value, i) => (i % 7 === 0 ? 0 : value))
  const expected = model.predict({ ...few, ivar })
  for (const value of [-9999, 0, 1e30, Number.NaN])
    expect(model.predict({ ...few, ivar, flux: few.flux.map((flux, i) => (i % 7 === 0 ? value : flux)) })).toEqual(
      expected,
    )
})

test.each(MODEL_KINDS)(
  '%s: a star without good pixels gets missing labels and a flag, the others their labels',
  (kind) => {
    const model = models.get(kind)!
    const few = takeSpectra(unseen, [0, 1, 2])
    const found = model.predict({
      ...few,
      ivar: few.ivar.map((value, i) => (Math.floor(i / few.nPix) === 1 ? 0 : value)),
    })
    const bit = found.flagBits.find(({ name }) => name === 'NO_LABELS')!.bit
    expect(Array.from(found.flags, (flags) => (flags >>> bit) & 1)).toEqual([0, 1, 0])
    expect([...found.values].map(Number.isNaN)).toEqual([false, false, true, true, false, false])
    expect([...found.errors].map(Number.isNaN)).toEqual([false, false, true, true, false, false])
  },
)

test.each(MODEL_KINDS)('%s: spectra on another grid are refused', (kind) => {
  const other = makeStars({ n: 2, nPix: 61 })
  expect(fault(() => models.get(kind)!.predict(other)).code).toBe('model/grid-mismatch')
})

test.each(MODEL_KINDS)('%s: stars with some labels missing still teach the others', (kind) => {
  const gaps = makeLabels({ ...truth, values: truth.values.map((value, i) => (i % 6 === 1 ? Number.NaN : value)) })
  const found = trained(kind, stars, gaps).predict(unseen)
  expect(rmse(found, unseenTruth, 0)).toBeLessThan(150)
  expect(rmse(found, unseenTruth, 1)).toBeLessThan(0.17)
})

test.each(MODEL_KINDS)('%s: labels may enter by a transform, and come back in their units', (kind) => {
  const found = trained(kind, stars, truth, { transforms: { teff: 'inverse' } }).predict(unseen)
  expect(rmse(found, unseenTruth, 0)).toBeLessThan(150)
  const inside = Array.from(unseen.starId.keys()).filter(
    (i) => Math.abs(found.values[2 * i]! - unseenTruth.values[2 * i]!) <= found.errors[2 * i]!,
  )
  expect(inside.length / unseen.n).toBeGreaterThan(0.4)
})

test.each(MODEL_KINDS)('%s: what cannot be learnt from is told', (kind) => {
  const same = makeLabels({ ...truth, values: truth.values.map((value, i) => (i % 2 === 0 ? 5000 : value)) })
  expect(fault(() => trained(kind, stars, same)).code).toMatch(/constant-label$/)
  const none = makeLabels({ ...truth, values: truth.values.map((value, i) => (i % 2 === 0 ? Number.NaN : value)) })
  expect(fault(() => trained(kind, stars, none)).code).toMatch(/no-label$/)
  const turned = makeLabels({ ...truth, starId: truth.starId.toReversed() })
  expect(fault(() => trained(kind, stars, turned)).code).toMatch(/stars-differ$/)
  expect(fault(() => trained(kind, stars, truth, { transforms: { fe_h: 'log10' } })).code).toMatch(/transform$/)
})

test.each(MODEL_KINDS)('%s: an abort ends a training', (kind) => {
  const signal = AbortSignal.abort(new Error('enough'))
  expect(() => kindOfModel(kind).train(stars, truth, { ...OPTIONS[kind] }, 1, { signal })).toThrow('enough')
})
