import { classicalData, classicalFactory, fitPixelScale, scalePixels } from '@astrolabel/models-classical'
import type { Fittable, Spectra } from '@astrolabel/spectra'
import { concatSpectra, labelInfo, makeLabels, makeSpectra, takePart, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

const stars = makeSpectra({
  meta: {
    wavelength: { kind: 'linear', start: 5000, step: 1, length: 2, medium: 'vacuum' },
    frame: 'rest',
    stage: 'normalised',
    survey: 'test',
    release: '1',
    noise: 'measured',
    history: [],
    version: '0',
  },
  starId: ['a', 'b', 'c'],
  flux: Float32Array.of(1, 2, 3, 6, 100, 100),
  ivar: new Float32Array(6).fill(1),
})

test('a scale is fitted on the training part alone, and applied to the other', () => {
  const split = { train: [0, 1], test: [2] }
  const scale = fitPixelScale(takePart(stars, split, 'train'))
  expect(Array.from(scale.mean)).toEqual([2, 4])
  expect(Array.from(scalePixels(scale, takePart(stars, split, 'test')))).toEqual([98, 48])
  const tested = takeSpectra(takePart(stars, split, 'test'), [0])
  expect(() => fitPixelScale(tested)).toThrow(expect.objectContaining({ code: 'split/test-part' }))
})

const labelsOf = (starId: readonly string[]): ReturnType<typeof makeLabels> =>
  makeLabels({
    starId,
    labels: [labelInfo('teff')],
    values: Float64Array.from(starId, (_, i) => 5000 + i),
    errors: new Float64Array(starId.length).fill(Number.NaN),
  })

test('no classical model and no search is fitted to test stars, or to rows of two parts', () => {
  const split = { train: [0, 1], test: [2] }
  const trained = takePart(stars, split, 'train')
  const tested = takePart(stars, split, 'test')
  const mixed = concatSpectra([trained, tested])
  const { train } = classicalFactory('forest')
  // What the types refuse, a caller in JavaScript may still do.
  for (const [spectra, code] of [
    [tested as Spectra, 'split/test-part'],
    [mixed, 'split/two-parts'],
  ] as const) {
    const labels = labelsOf(spectra.starId)
    expect(() => train(spectra as Fittable, labels, {})).toThrow(expect.objectContaining({ code }))
    expect(() => classicalData(spectra as Fittable, labels, {})).toThrow(expect.objectContaining({ code }))
  }
  expect(train(trained, labelsOf(trained.starId), {}).kind).toBe('forest')
})
