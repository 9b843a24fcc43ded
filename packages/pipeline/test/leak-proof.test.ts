import * as cannon from '@astrolabel/cannon'
import * as classical from '@astrolabel/models-classical'
import * as preprocess from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import { concatSpectra, takePart } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { labelsOfTable } from '../src/catalogs/labels-of-table.js'
import { MODEL_KINDS, kindOfModel } from '../src/models.js'
import { fitSpectralComponents } from '../src/operations/spectral-components.js'
import { trainModel } from '../src/operations/train-on-rows.js'
import { searchModel } from '../src/search/search-model.js'
import { makeStars } from './stars.js'

const stars = makeStars({ n: 24 })
const even = { train: [0, 2, 4, 6, 8, 10, 12, 14], test: [1, 3, 5, 7, 9, 11] }
const tested: Spectra = takePart(stars, even, 'test')
const mixed = concatSpectra([takePart(stars, even, 'train'), tested])
const truth = (spectra: Spectra): ReturnType<typeof labelsOfTable> =>
  labelsOfTable(spectra.catalog, spectra.starId, ['teff', 'fe_h'])
const request = { labels: ['teff', 'fe_h'], options: {}, errorFolds: 0, seed: 1 }

/** Everything that learns from spectra, whoever calls it. */
const FITS: Readonly<Record<string, (spectra: Spectra) => unknown>> = {
  trainCannon: (spectra) => cannon.trainCannon(spectra, truth(spectra)),
  fitPixelScale: (spectra) => classical.fitPixelScale(spectra),
  classicalData: (spectra) => classical.classicalData(spectra, truth(spectra), {}),
  continuumPixelsOfSpectra: (spectra) => preprocess.continuumPixelsOfSpectra([spectra]),
  fitSpectralComponents: (spectra) => fitSpectralComponents(spectra, 2, { seed: 1 }),
  searchModel: (spectra) =>
    searchModel(spectra, truth(spectra), {
      model: 'ridge',
      options: {},
      search: { method: 'grid', folds: 2, space: { 'ridge.lambda': [1, 2] } } as never,
      seed: 1,
    }),
  ...Object.fromEntries(
    MODEL_KINDS.flatMap((kind) => [
      [`model ${kind}`, (spectra: Spectra) => kindOfModel(kind).train(spectra, truth(spectra), {}, 1, {})],
      [`trainModel ${kind}`, (spectra: Spectra) => trainModel(spectra, { ...request, model: kind })],
    ]),
  ),
}

/** Fits of the packages that see numbers, not spectra: what calls them with spectra is in the list above. */
const OF_NUMBERS = [
  'fitCoefficients',
  'principalComponents',
  'searchCandidates',
  'searchPipeline',
  'trainBest',
  'trainBoosting',
  'trainForest',
  'trainGaussianProcess',
  'trainKernelRidge',
  'trainRidge',
]

async function codeOf(fit: () => unknown): Promise<unknown> {
  try {
    await fit()
    return 'no error'
  } catch (error) {
    return (error as { readonly code?: unknown }).code
  }
}

test.each(Object.keys(FITS))('%s refuses test stars and rows of two parts', async (name) => {
  expect(await codeOf(() => FITS[name]!(tested))).toBe('split/test-part')
  expect(await codeOf(() => FITS[name]!(mixed))).toBe('split/two-parts')
})

test('no fit that the packages export is missing in the list', () => {
  const fits = [cannon, classical, preprocess].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      typeof value === 'function' && /^(train|fit|learn|search|principalC|continuumPixelsOf)[A-Za-z]*$/.test(name)
        ? [name]
        : [],
    ),
  )
  expect(fits.filter((name) => FITS[name] === undefined && !OF_NUMBERS.includes(name))).toEqual([])
})
