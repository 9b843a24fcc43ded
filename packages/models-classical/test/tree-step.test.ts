import { Pipeline, classicalFactory } from '@astrolabel/models-classical'
import { RandomStream, labelInfo, makeLabels, makeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

const [n, nPix] = [60, 12]
const random = RandomStream.fromSeed(6)
const flux = Float32Array.from({ length: n * nPix }, () => 1 + 0.02 * random.normal())
// Two groups of stars: pixel 7 tells the one label, pixel 2 the other.
const values = new Float64Array(2 * n)
for (let row = 0; row < n; row++) {
  flux[row * nPix + 7] = row % 2 === 0 ? 0.5 : 0.75
  flux[row * nPix + 2] = row < 20 ? 0.5 : 0.9
  values.set([row % 2 === 0 ? 6000 : 5000, row < 20 ? 4 : 2], 2 * row)
}
values[1] = Number.NaN
const starId = Array.from({ length: n }, (_, row) => `star ${row}`)
const wavelength = { kind: 'linear', start: 5000, step: 2, length: nPix, medium: 'vacuum' } as const
const spectra = makeSpectra({
  meta: {
    wavelength,
    frame: 'rest',
    stage: 'normalised',
    survey: 'test',
    release: '1',
    noise: 'measured',
    history: [],
    version: '0',
  },
  starId,
  flux,
  ivar: new Float32Array(n * nPix).fill(2500),
})
const labels = makeLabels({ starId, labels: ['teff', 'logg'].map(labelInfo), values })
const { train, fromArrow } = classicalFactory('tree')
const options = { transforms: { teff: 'inverse' }, parameters: { 'tree.maxDepth': 1 } } as const

test('a tree names the pixels that it asks about, and answers in the units of the labels', () => {
  const model = fromArrow(train(spectra, labels, options).toArrow())
  expect(model.describe()).toEqual([
    'flux at 5014.0 Å < 0.625 → 6000 (30 rows)\nflux at 5014.0 Å ≥ 0.625 → 5000 (30 rows)',
    'flux at 5004.0 Å < 0.7 → 4 (19 rows)\nflux at 5004.0 Å ≥ 0.7 → 2 (40 rows)',
  ])
  const { values: found } = model.predict(spectra)
  expect(found[0]).toBeCloseTo(6000, 6)
  expect(found[1]).toBeCloseTo(4, 9)
  expect(found[2 * n - 2]).toBeCloseTo(5000, 6)
})

test('past principal components, features have no wavelength; a forest cannot be read', () => {
  const model = train(spectra, labels, { before: ['scale', 'pca'], parameters: { 'pca.components': 3 } })
  expect(model.describe()![0]).toMatch(/^feature [123] of pca < /)
  expect(classicalFactory('forest').train(spectra, labels, {}).describe()).toBeUndefined()
})

test('of a stretch of features the one that tells most is asked about', () => {
  const x = Float32Array.from({ length: n * 40 }, () => random.normal())
  const y = Float64Array.from({ length: n }, (_, row) => (x[row * 40 + 33]! > 0.2 ? 1 : -1))
  const pipeline = new Pipeline(['tree'], { 'tree.features': 4, 'tree.maxDepth': 1 })
  const fitted = pipeline.fit({ n, x, width: 40, y, labels: 1 })
  expect(Array.from(fitted.predict(x, n).values, Math.round)).toEqual(Array.from(y))
})
