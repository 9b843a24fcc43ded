import { labelIndex, labelInfo, makeLabels, makeTable } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { caught } from './caught.js'

const input = {
  starId: ['a', 'b', 'c'],
  labels: [labelInfo('teff'), labelInfo('logg')],
  values: Float64Array.of(5000, 3, 4500, 2, Number.NaN, Number.NaN),
}

test('what is not given has a default: unknown errors, no flags', () => {
  const labels = makeLabels(input)
  expect(labels).toEqual({
    ...input,
    n: 3,
    errors: new Float64Array(6).fill(Number.NaN),
    flags: new Uint32Array(3),
    flagBits: [],
  })
})

test.each([
  ['values', { values: new Float64Array(5) }, 'values does not fit the labels: got 5, expected 6 (3 stars, 2 labels)'],
  ['errors', { errors: new Float64Array(3) }, 'errors does not fit the labels: got 3, expected 6 (3 stars, 2 labels)'],
  ['flags', { flags: new Uint32Array(6) }, 'flags does not fit the labels: got 6, expected 3 (3 stars, 2 labels)'],
  [
    'covariance',
    { covariance: new Float64Array(6) },
    'covariance does not fit the labels: got 6, expected 12 (3 stars, 2 labels)',
  ],
  ['extra', { extra: makeTable([], 2) }, 'The extra columns do not fit the labels: got 2 rows, expected 3 stars'],
])('%s of another size is refused', (_, part, message) => {
  const error = caught(() => makeLabels({ ...input, ...part }))
  expect(error.code).toBe('labels/shape')
  expect(error.message).toBe(message)
})

test('a label is found by its name; an unknown one is named together with those there are', () => {
  const labels = makeLabels(input)
  expect(labelIndex(labels, 'logg')).toBe(1)
  expect(caught(() => labelIndex(labels, 'fe_h')).message).toBe('There is no label fe_h: expected teff, logg')
})
