import { cannon, trainCannon } from '@astrolabel/cannon'
import { decodeModelFile, encodeModelFile } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { drawStars, quadraticTruth } from './stars.ts'

const draw = { nPix: 30, names: ['teff', 'logg'], truth: quadraticTruth(1, 2, 30), sigma: 0.01 } as const
const training = drawStars({ ...draw, seed: 1, n: 60 })
const held = drawStars({ ...draw, seed: 2, n: 40 })
const trained = trainCannon(training.spectra, training.labels, { transforms: { teff: 'inverse' }, order: 3 })
const model = trained.withErrorFloor(trained.predict(held.spectra), held.labels)

test('a model file gives back the model, and predictions of the same bits', () => {
  const bytes = model.toArrow()
  const loaded = cannon.fromArrow(bytes)
  expect(loaded.parts).toEqual(model.parts)
  expect(loaded.predict(held.spectra)).toEqual(model.predict(held.spectra))
  expect(loaded.toArrow()).toEqual(bytes)
  const [a, b] = [new Float64Array(60), new Float64Array(60)]
  model.jacobian(Float64Array.of(5000, 3), a)
  loaded.jacobian(Float64Array.of(5000, 3), b)
  expect(a).toEqual(b)
})

test('a damaged file says so', () => {
  const bytes = model.toArrow()
  // The last matrix of the file ends just before its footer.
  const theta = model.parts.coefficients.theta
  const needle = new Uint8Array(theta.buffer, theta.byteOffset, 16)
  const at = bytes.findIndex((_, i) => needle.every((byte, k) => bytes[i + k] === byte))
  expect(at).toBeGreaterThan(0)
  expect(() => cannon.fromArrow(bytes.with(at + 3, bytes[at + 3]! ^ 1))).toThrow(
    /^The model file is damaged: its checksum does not agree: got [0-9a-f]{8}, expected [0-9a-f]{8}\. Copy or train it again$/,
  )
  expect(() => cannon.fromArrow(bytes.slice(0, bytes.length / 2))).toThrow(/The model file/)
  expect(() => cannon.fromArrow(new TextEncoder().encode('not a model'))).toThrow(/The model file/)
})

test('a file of another kind, of a newer version or without a matrix is refused', () => {
  const file = decodeModelFile(model.toArrow())
  expect(() => cannon.fromArrow(encodeModelFile({ ...file, kind: 'forest' }))).toThrow(
    'The model is of another kind: got forest, expected cannon',
  )
  expect(() => cannon.fromArrow(encodeModelFile({ ...file, formatVersion: 99 }))).toThrow(
    'The model was written by a newer version: got format 99, expected 1 or older. Update astrolabel',
  )
  const arrays = new Map(file.arrays)
  arrays.delete('floor')
  expect(() => cannon.fromArrow(encodeModelFile({ ...file, arrays }))).toThrow('The model lacks its matrix floor')
  arrays.set('floor', { shape: [3], values: new Float64Array(3) })
  expect(() => cannon.fromArrow(encodeModelFile({ ...file, arrays }))).toThrow(
    'Matrix floor has another shape: got 3, expected 2',
  )
})
