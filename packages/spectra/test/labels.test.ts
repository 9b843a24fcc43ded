import { concatLabels, labelIndex, labelInfo, makeLabels, makeTable, takeLabels } from '@astrolabel/spectra'
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

const full = makeLabels({
  ...input,
  flags: Uint32Array.of(0, 1, 2),
  covariance: Float64Array.from({ length: 12 }, (_, i) => i),
  extra: makeTable([{ name: 'chi2', values: Float64Array.of(1, 2, 3) }], 3),
})

test('rows are taken in the order asked for, with everything that belongs to them', () => {
  const taken = takeLabels(full, [2, 0])
  expect(taken.starId).toEqual(['c', 'a'])
  expect([...taken.values]).toEqual([Number.NaN, Number.NaN, 5000, 3])
  expect([...taken.flags]).toEqual([2, 0])
  expect([...taken.covariance!]).toEqual([8, 9, 10, 11, 0, 1, 2, 3])
  expect([...(taken.extra!.columns.get('chi2')!.values as Float64Array)]).toEqual([3, 1])
  expect(caught(() => takeLabels(full, [0, 3])).message).toBe('The labels have no such row: got 3, expected 0 to 2')
})

test('parts put together are what was taken apart; what only some have is left out', () => {
  expect(concatLabels([takeLabels(full, [0]), takeLabels(full, [1, 2])])).toEqual(full)
  const mixed = concatLabels([full, makeLabels(input)])
  expect(mixed.n).toBe(6)
  expect(mixed.covariance).toBeUndefined()
  expect(mixed.extra).toBeUndefined()
})

test('labels of different models are not put together, nor none at all', () => {
  const other = makeLabels({ starId: ['d'], labels: [labelInfo('teff')], values: Float64Array.of(1) })
  expect(caught(() => concatLabels([full, other])).message).toBe(
    'Batches differ in their labels: got teff, expected teff, logg',
  )
  expect(caught(() => concatLabels([])).code).toBe('labels/empty')
})
