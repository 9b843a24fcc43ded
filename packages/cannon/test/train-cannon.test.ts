import type { CannonOptions } from '@astrolabel/cannon'
import { CannonModel, cannon, trainCannon } from '@astrolabel/cannon'
import { concatSpectra, makeLabels, makeSpectra, takeLabels, takePart, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { spreadAnchors } from '../src/anchors.ts'
import { drawStars, farthest, normalisedMeta, quadraticTruth, withValues } from './stars.ts'

const NAMES = ['teff', 'logg'] as const
const truth = quadraticTruth(1, 2, 30)
const { spectra, labels } = drawStars({ seed: 2, n: 60, nPix: 30, names: NAMES, truth, sigma: 0.01 })

test('a model says what it was trained on and how', () => {
  const history = [
    { step: 'ingest', options: {} },
    { step: 'continuum', options: { method: 'chebyshev' } },
  ]
  const from = { ...spectra, meta: { ...spectra.meta, history } }
  const model = cannon.train(from, labels, {})
  expect(model).toBeInstanceOf(CannonModel)
  expect(model.kind).toBe('cannon')
  expect(model.labels.map((label) => [label.name, label.unit])).toEqual([
    ['teff', 'K'],
    ['logg', 'dex(cm s-2)'],
  ])
  expect(model.wavelength).toEqual(spectra.meta.wavelength)
  expect(model.source).toEqual({ survey: 'test', release: '1', preprocessing: [history[1]] })
  expect(model.parts.training).toMatchObject({
    stars: 60,
    imputationRounds: 0,
    scatter: 'likelihood',
    scatterConverged: true,
    unusablePixels: 0,
  })
})

test('labels are scaled to mean 0 and spread 1 after their transform', () => {
  const { scales, trainingLabels } = trainCannon(spectra, labels, { transforms: { teff: 'inverse' } }).parts
  expect(scales.map((scale) => scale.transform)).toEqual(['inverse', 'identity'])
  for (const l of [0, 1]) {
    const column = trainingLabels.filter((_, at) => at % 2 === l)
    expect(column.reduce((sum, x) => sum + x, 0) / 60).toBeCloseTo(0, 12)
    expect(column.reduce((sum, x) => sum + x * x, 0) / 60).toBeCloseTo(1, 12)
  }
})

test('labels can be chosen by name, in any order', () => {
  const model = trainCannon(spectra, labels, { labels: ['logg'], order: 3 })
  expect(model.labels.map((label) => label.name)).toEqual(['logg'])
  expect(model.parts.terms.terms).toHaveLength(4)
  const swapped = trainCannon(spectra, labels, { labels: ['logg', 'teff'] })
  const both = trainCannon(spectra, labels).predict(spectra)
  const found = swapped.predict(spectra)
  for (let i = 0; i < 60; i++) expect(found.values[2 * i + 1]! / both.values[2 * i]!).toBeCloseTo(1, 6)
})

test('the same bytes twice, and inputs are not changed', () => {
  const gaps = withValues(labels, (value, star, label) => (star % 7 === label ? Number.NaN : value))
  const before = structuredClone({ spectra, gaps })
  const [a, b] = [trainCannon(spectra, gaps), trainCannon(spectra, gaps)]
  expect(a.toArrow()).toEqual(b.toArrow())
  expect(a.predict(spectra)).toEqual(b.predict(spectra))
  expect({ spectra, gaps }).toEqual(before)
})

test('misuse says what is wrong and what to do', () => {
  const message = (options: CannonOptions, table = labels, stars = spectra): string => {
    try {
      trainCannon(stars, table, options)
    } catch (error) {
      const { code, message: text } = error as Error & { code: string }
      return `${code} ${text}`
    }
    return 'no error'
  }
  const constant = withValues(labels, (value, _, label) => (label === 1 ? 4.5 : value))
  expect(message({}, constant)).toBe(
    'cannon/constant-label Label logg is the same for all training stars, so nothing can be learnt of it: got 4.5, expected at least two values. Leave the label out or add stars that differ in it',
  )
  expect(
    message(
      {},
      withValues(labels, (value, _, label) => (label === 0 ? Number.NaN : value)),
    ),
  ).toBe('cannon/no-label No training star has a value of label teff. Leave the label out or give stars that have it')
  expect(message({ order: 10 })).toBe(
    'cannon/few-stars Too few training stars for a polynomial of order 10 in 2 labels: got 60, expected at least 68. Lower the order, use fewer labels or add stars',
  )
  expect(message({ order: 0 })).toBe(
    'cannon/order The order of the polynomial must be a whole number: got 0, expected 1, 2, 3, …',
  )
  expect(message({ transforms: { teff: 'square' as 'log10' } })).toBe(
    'cannon/transform Unknown transform of label teff: got square, expected identity, inverse, log10',
  )
  const negative = withValues(labels, (value, star, label) => (label === 1 && star === 3 ? -0.5 : value))
  expect(message({ transforms: { logg: 'log10' } }, negative)).toBe(
    'cannon/transform Transform log10 cannot take label logg: got -0.5, expected positive values. Use the transform identity',
  )
  expect(message({ transforms: { vmic: 'log10' } })).toBe(
    'cannon/transform There is a transform for a label that is not learnt: got vmic, expected teff, logg',
  )
  expect(message({ scatter: 'guess' as 'moments' })).toBe(
    'cannon/scatter Unknown way to find the intrinsic scatter: got guess, expected likelihood, moments',
  )
  expect(message({ labels: ['fe_h'] })).toBe('labels/unknown There is no label fe_h: expected teff, logg')
  expect(message({ labels: [] })).toMatch(/^cannon\/no-label There is no label to learn/)
  const reversed = makeLabels({ ...labels, starId: labels.starId.toReversed() })
  expect(message({}, reversed)).toBe(
    'cannon/stars-differ Spectra and labels must be of the same stars in the same order: got star-0 and star-59 in row 0. Join them by star first',
  )
  const longer = makeLabels({
    starId: [...labels.starId, 'star-60'],
    labels: labels.labels,
    values: Float64Array.of(...labels.values, 5000, 3),
  })
  expect(message({}, longer)).toBe(
    'cannon/stars-differ Spectra and labels must be of the same stars in the same order: got 60 spectra and 61 labels. Join them by star first',
  )
  const arms = makeSpectra({
    meta: normalisedMeta(30, {
      wavelength: { kind: 'segmented', medium: 'vacuum' },
      segments: [
        {
          name: 'B',
          start: 0,
          end: 30,
          wavelength: { kind: 'linear', start: 5000, step: 1, length: 30, medium: 'vacuum' },
        },
      ],
    }),
    starId: spectra.starId,
    flux: spectra.flux,
    ivar: spectra.ivar,
  })
  expect(message({}, labels, arms)).toBe(
    'cannon/segmented The Cannon needs spectra on one grid: got arms side by side. Stitch the arms in preprocessing',
  )
})

test('only a training part is trained on', () => {
  const rows = Array.from({ length: 60 }, (_, row) => row)
  const split = { train: rows.slice(0, 40), test: rows.slice(40) }
  const [train, tested] = [takePart(spectra, split, 'train'), takePart(spectra, split, 'test')]
  expect(trainCannon(train, takeLabels(labels, split.train)).predict(tested).n).toBe(20)
  expect(() => trainCannon(takeSpectra(tested, [...tested.starId.keys()]), takeLabels(labels, split.test))).toThrow(
    expect.objectContaining({ code: 'split/test-part' }),
  )
  expect(() => trainCannon(concatSpectra([train, tested]), labels)).toThrow(
    expect.objectContaining({ code: 'split/two-parts' }),
  )
})

test('an abort ends training and labelling with its reason', () => {
  const signal = AbortSignal.abort(new Error('enough'))
  expect(() => trainCannon(spectra, labels, { signal })).toThrow('enough')
  expect(() => trainCannon(spectra, labels).predict(spectra, { signal })).toThrow('enough')
})

test('anchors spread over the training stars: the central one, then ever the farthest, none twice', () => {
  const points = Float64Array.of(0.1, 0, 5, 5, 5.1, 5, -4, 0, 0.1, 0, 0, 3)
  expect([...spreadAnchors(points, 2, 4)]).toEqual([0, 2, 3, 5])
  expect([...spreadAnchors(points, 2, 64)]).toEqual([0, 2, 3, 5, 1])
  expect([...spreadAnchors(points, 2, 0)]).toEqual([])
})

test('fits may go a quarter of the range beyond the training labels, or as far as asked', () => {
  for (const margin of [undefined, 0.5]) {
    const model = trainCannon(spectra, labels, margin === undefined ? {} : { margin })
    const { trainingLabels, region } = model.parts
    for (const l of [0, 1]) {
      const column = trainingLabels.filter((_, at) => at % 2 === l)
      const [least, most] = [Math.min(...column), Math.max(...column)]
      expect(region.lower[l]).toBeCloseTo(least - (margin ?? 0.25) * (most - least), 12)
      expect(region.upper[l]).toBeCloseTo(most + (margin ?? 0.25) * (most - least), 12)
    }
    expect(region.anchors).toHaveLength(2 * 60)
  }
})

test('spectra without noise give back the spectra: evaluate is the truth at any labels', () => {
  const exact = drawStars({ seed: 4, n: 100, nPix: 30, names: NAMES, truth })
  const model = trainCannon(exact.spectra, exact.labels)
  const out = new Float64Array(30)
  model.evaluate(Float64Array.of(4750 + 750 * 0.3, 2.5 - 1.5 * 0.6), out)
  const expected = Float64Array.from({ length: 30 }, (_, p) => truth(Float64Array.of(0.3, -0.6), p))
  // Flux is stored in single precision.
  expect(farthest(out, expected)).toBeLessThan(1e-7)
})
