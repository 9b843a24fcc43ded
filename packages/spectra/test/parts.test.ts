import {
  checkSplit,
  concatSpectra,
  isTypedError,
  makeTable,
  requireTraining,
  spectraFromRecordBatch,
  spectraToRecordBatch,
  splitId,
  starGroups,
  takePart,
  takeSpectra,
} from '@astrolabel/spectra'
import type { Fittable, Spectra } from '@astrolabel/spectra'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import fc from 'fast-check'
import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { caught, caughtLater } from './caught.js'
import { exampleSpectra } from './example-spectra.js'

const stars = exampleSpectra(6, 4)
const split = { train: [0, 1, 2, 3], test: [4, 5] }
const train = takePart(stars, split, 'train')
const tested = takePart(stars, split, 'test')

/** Stands for every fit: what it is given must be one training part. */
function fit(spectra: Fittable): number {
  return requireTraining(spectra, 'A fit').n
}

test('a fit takes spectra that were never split, and the training part', () => {
  expect(fit(stars)).toBe(6)
  expect(fit(train)).toBe(4)
  expect(train.meta.parts).toEqual([{ split: splitId(split), name: 'train' }])
  expect(stars.meta.parts).toBeUndefined()
})

test('a fit refuses the test part: the compiler, and at run time what the compiler cannot see', () => {
  // @ts-expect-error a test part is not Fittable
  const error = caught(() => fit(tested))
  expect(error.code).toBe('split/test-part')
  expect(error.message).toBe(
    `A fit cannot be fitted to test stars: got the test part of split ${splitId(split)}, expected the training part. ` +
      'Fit on the training part, and only apply what was fitted to this one',
  )
  const hidden: Spectra = { ...tested, flux: tested.flux.slice() }
  expect(caught(() => fit(hidden)).code).toBe('split/test-part')
})

test('a fit refuses rows of two parts, however they came together', () => {
  const other = { train: [2, 3, 4, 5], test: [0, 1] }
  const together: readonly Spectra[][] = [
    [train, tested],
    [tested, train],
    [train, takePart(stars, other, 'train')],
    [train, stars],
    [stars, train],
    [train, takePart(train, { train: [0, 1], test: [2, 3] }, 'train')],
  ]
  for (const batches of together) {
    const mixed = concatSpectra(batches)
    expect(caught(() => fit(mixed)).code).toBe('split/two-parts')
    expect(caught(() => fit(takeSpectra(mixed, [0]))).code).toBe('split/two-parts')
    expect(caught(() => fit(takePart(mixed, { train: [0], test: [] }, 'train'))).code).toBe('split/two-parts')
  }
  expect(fit(concatSpectra([train, takeSpectra(train, [0])]))).toBe(5)
})

test('a fold within the training part is kept from its own test stars and from the outer ones', () => {
  const inner = { train: [0, 1], test: [2, 3] }
  expect(fit(takePart(train, inner, 'train'))).toBe(2)
  expect(caught(() => fit(takePart(train, inner, 'test') as Spectra)).code).toBe('split/test-part')
  const ofTest = takePart(tested, { train: [0], test: [1] }, 'train')
  expect(caught(() => fit(ofTest)).code).toBe('split/test-part')
})

test('the stamp goes through Arrow and takes', () => {
  const back = spectraFromRecordBatch(spectraToRecordBatch(takeSpectra(tested, [1])))
  expect(back.meta.parts).toEqual(tested.meta.parts)
  expect(caught(() => fit(back)).code).toBe('split/test-part')
})

test('two parts do not go into one file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parts-'))
  const error = await caughtLater(writeSpectraFile(join(folder, 'both.arrow'), [train, tested]))
  expect(error.code).toBe('split/two-parts')
  expect(await readdir(folder)).toEqual([])
})

test('a star on both sides of a split made by hand is found by its group', () => {
  const visits: Spectra = {
    ...exampleSpectra(4, 2),
    catalog: makeTable([{ name: 'star_group', values: ['HD1', '', 'HD1', 'HD2'] }]),
  }
  expect(starGroups(visits)).toEqual(['HD1', 'star-1', 'HD1', 'HD2'])
  expect(takePart(visits, { train: [0, 2], test: [1, 3] }, 'train').n).toBe(2)
  const error = caught(() => takePart(visits, { train: [0, 1], test: [2, 3] }, 'test'))
  expect(error.code).toBe('split/star-on-both-sides')
  expect(error.message).toContain('got HD1 (row 2 of the test part)')
  expect(caught(() => checkSplit(['a'], { train: [0], test: [1] })).code).toBe('split/no-row')
})

test('property: a split made by hand passes exactly when no star is on both sides', () => {
  const rows = fc.array(fc.record({ star: fc.nat(12), test: fc.boolean() }), { maxLength: 12 })
  fc.assert(
    fc.property(rows, (drawn) => {
      const groups = drawn.map(({ star }) => `s${star}`)
      const side = (wanted: boolean): number[] => drawn.flatMap(({ test: is }, row) => (is === wanted ? [row] : []))
      const leaks = drawn.some((a) => drawn.some((b) => a.star === b.star && a.test !== b.test))
      let thrown = false
      try {
        checkSplit(groups, { train: side(false), test: side(true) })
      } catch (error) {
        thrown = isTypedError(error) && error.code === 'split/star-on-both-sides'
      }
      expect(thrown).toBe(leaks)
    }),
  )
})
