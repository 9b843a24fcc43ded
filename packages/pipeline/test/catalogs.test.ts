import { columnNumbers, columnStrings, makeTable } from '@astrolabel/spectra'
import type { Table } from '@astrolabel/spectra'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexByStar, joinMatches, joinedSpectra } from '../src/catalogs/join-matches.js'
import { allLabelsOfTable, flagWords, labelsOfTable } from '../src/catalogs/labels-of-table.js'
import { matchCatalog } from '../src/catalogs/match-catalog.js'
import { selectStars } from '../src/catalogs/select-stars.js'
import { selectionOf } from '../src/selection/selection-of.js'
import { starsInFile } from '../src/catalogs/stars-in-file.js'
import { makeStars, scratchFolder, withColumn } from './stars.js'
import { fault } from './fault.js'

const scratch = scratchFolder()
const ARCSEC = 1 / 3600

function sky(ids: readonly string[], ra: readonly number[], dec: readonly number[]): Table {
  return makeTable([
    { name: 'star_id', values: ids },
    { name: 'ra', values: Float64Array.from(ra) },
    { name: 'dec', values: Float64Array.from(dec) },
  ])
}

test('a selection keeps its ends and leaves out stars without the value', () => {
  const stars = withColumn(makeStars({ n: 5 }), {
    name: 'teff',
    values: Float64Array.of(3999, 4000, Number.NaN, 7000, 7001),
  })
  expect(selectStars(stars, selectionOf({ teff: [4000, 7000] })).stars.starId).toEqual(['s1', 's3'])
  expect(selectStars(stars, selectionOf({ teff: [4000, null] })).stars.starId).toEqual(['s1', 's3', 's4'])
  expect(selectStars(stars, selectionOf({ teff: [null, 4000], fe_h: [-5, 5] })).stars.starId).toEqual(['s0', 's1'])
  expect(selectStars(stars, selectionOf({})).stars).toBe(stars)
})

test('snr in a selection means the spectra’s own', () => {
  const stars = { ...makeStars({ n: 3 }), snr: Float32Array.of(10, 50, Number.NaN) }
  expect(selectStars(stars, selectionOf({ snr: [20, null] })).stars.starId).toEqual(['s1'])
})

test('a selection by a column that is not there lists the columns', () => {
  const error = fault(() => selectStars(makeStars({ n: 3 }), selectionOf({ temperature: [1, 2] })))
  expect(error.code).toBe('table/no-column')
  expect(error.message).toContain('teff, fe_h')
})

test('what a selection keeps does not depend on how stars are put into batches', () => {
  const stars = makeStars({ n: 12 })
  fc.assert(
    fc.property(
      fc.float({ min: 4500, max: 6000, noNaN: true }),
      fc.float({ min: 4500, max: 6000, noNaN: true }),
      (a, b) => {
        const kept = selectStars(stars, selectionOf({ teff: [Math.min(a, b), Math.max(a, b)] })).stars
        const teff = columnNumbers(stars.catalog.columns.get('teff')!)
        expect(kept.starId).toEqual(
          stars.starId.filter((_, i) => teff[i]! >= Math.min(a, b) && teff[i]! <= Math.max(a, b)),
        )
      },
    ),
  )
})

test('a join takes the columns of each star and leaves out stars that the table lacks', async () => {
  const stars = makeStars({ n: 4 })
  const table = makeTable([
    { name: 'star_id', values: ['s3', 's1', 'stranger', 's1'] },
    { name: 'v_rad', values: Float64Array.of(30, 10, 99, 11), unit: 'km/s' },
    { name: 'teff', values: Float64Array.of(5003, 5001, 9999, 1) },
  ])
  const joined = joinMatches(stars, indexByStar(table))
  expect(joined.starId).toEqual(['s1', 's3'])
  expect(Array.from(columnNumbers(joined.catalog.columns.get('v_rad')!))).toEqual([10, 30])
  // The table's own column stands in place of the catalogue's, the others stay.
  expect(Array.from(columnNumbers(joined.catalog.columns.get('teff')!))).toEqual([5001, 5003])
  expect([...joined.catalog.columns.keys()]).toEqual(['teff', 'fe_h', 'v_rad'])
  expect(Array.from(joined.flux.subarray(0, 60))).toEqual(Array.from(stars.flux.subarray(60, 120)))

  await writeSpectraFile(scratch('stars.arrow'), [stars])
  const batches = []
  for await (const batch of joinedSpectra(scratch('stars.arrow'), table)) batches.push(batch.starId)
  expect(batches).toEqual([['s1', 's3']])
  expect(await starsInFile(scratch('stars.arrow'))).toMatchObject({ n: 4 })
})

test('a match gives one row a pair with the catalogue’s columns and how far apart they are', () => {
  const a = sky(['a0', 'a1', 'a2', 'a3'], [10, 20, 359.9999, Number.NaN], [0, 60, -10, 0])
  const b = makeTable([
    ...sky(['b0', 'b1', 'b2'], [10 + 2 * ARCSEC, 20 + 2 * ARCSEC, 0.0001], [0, 60, -10]).columns.values(),
    { name: 'teff', values: Float64Array.of(5000, 5100, 5200) },
  ])
  const { table, summary } = matchCatalog(a, b, { radius: 3 })
  expect(columnStrings(table.columns.get('star_id')!)).toEqual(['a0', 'a1', 'a2'])
  expect(columnStrings(table.columns.get('star_id_b')!)).toEqual(['b0', 'b1', 'b2'])
  expect(Array.from(columnNumbers(table.columns.get('teff')!))).toEqual([5000, 5100, 5200])
  const separation = columnNumbers(table.columns.get('separation')!)
  expect(separation[0]).toBeCloseTo(2, 6)
  // 2" of right ascension at declination 60 are 1" on the sky; across 0h they add up.
  expect(separation[1]).toBeCloseTo(1, 5)
  expect(separation[2]).toBeCloseTo(0.0002 * 3600 * Math.cos((10 * Math.PI) / 180), 5)
  expect(summary).toMatchObject({
    n: 3,
    a: 4,
    b: 3,
    ambiguous: 0,
    without_position: { a: 1, b: 0 },
    radius_arcsec: 3,
    one_to_one: true,
    separation_arcsec: { median: 1, max: 2 },
  })
})

test('stars with more than one candidate are counted, and one star of the catalogue serves one star unless told', () => {
  const a = sky(['near', 'far'], [10, 10 + 2 * ARCSEC], [0, 0])
  const b = sky(['one', 'other'], [10 + 0.5 * ARCSEC, 10 - 2.9 * ARCSEC], [0, 0])
  const strict = matchCatalog(a, b)
  expect(strict.summary.ambiguous).toBe(1)
  expect(columnStrings(strict.table.columns.get('star_id')!)).toEqual(['near'])
  expect(Array.from(columnNumbers(strict.table.columns.get('candidates')!))).toEqual([2])
  const shared = matchCatalog(a, b, { oneToOne: false })
  expect(columnStrings(shared.table.columns.get('star_id_b')!)).toEqual(['one', 'one'])
})

test('a list without identifiers is matched by row', () => {
  const positions = makeTable([
    { name: 'RAJ2000', values: Float64Array.of(1, 2) },
    { name: 'DEJ2000', values: Float64Array.of(1, 2) },
  ])
  expect(columnStrings(matchCatalog(positions, positions).table.columns.get('star_id')!)).toEqual(['0', '1'])
})

test.each([
  [10 * ARCSEC, 'a nearest pair 10.0 arcsec apart'],
  [5, 'a nearest pair 5.0 degrees apart'],
])('no match tells how near the nearest pair is: %f degrees', (distance, words) => {
  const a = sky(['a', 'c'], [10, 200], [0, 0])
  const error = fault(() => matchCatalog(a, sky(['b'], [10], [distance]), { radius: 2 }))
  expect(error.code).toBe('crossmatch/no-match')
  expect(error.message).toContain('None of 2 stars has a counterpart among 1 within 2 arcsec')
  expect(error.message).toContain(words)
  expect(error.message).toContain('degrees, ICRS')
})

test('no match with an empty catalogue or without positions says so', () => {
  expect(fault(() => matchCatalog(sky(['a'], [1], [1]), sky([], [], []))).message).toContain('got an empty catalogue')
  expect(fault(() => matchCatalog(sky(['a'], [Number.NaN], [1]), sky(['b'], [1], [1]))).message).toContain(
    'got a list in which no position is known',
  )
  const error = fault(() =>
    matchCatalog(sky(['a'], [1], [1]), makeTable([{ name: 'teff', values: Float64Array.of(1) }])),
  )
  expect(error).toMatchObject({ code: 'table/no-column', message: expect.stringContaining('teff') as string })
})

test('labels come with their errors and the star’s signal to noise', () => {
  const table = makeTable([
    { name: 'teff', values: Float64Array.of(5000, 6000) },
    { name: 'teff_err', values: Float64Array.of(50, 60) },
    { name: 'logg', values: Float64Array.of(4, Number.NaN) },
    { name: 'SNR', values: Float32Array.of(100, 20) },
  ])
  const labels = labelsOfTable(table, ['a', 'b'], ['logg', 'teff'])
  expect(Array.from(labels.values)).toEqual([4, 5000, Number.NaN, 6000])
  expect(Array.from(labels.errors)).toEqual([Number.NaN, 50, Number.NaN, 60])
  expect(labels.labels.map(({ name, unit }) => [name, unit])).toEqual([
    ['logg', 'dex(cm s-2)'],
    ['teff', 'K'],
  ])
  expect(columnNumbers(labels.extra!.columns.get('snr')!)).toEqual(Float64Array.of(100, 20))
})

test('a label that is not there is refused with those that are', () => {
  const error = fault(() => labelsOfTable(makeStars({ n: 3 }).catalog, ['a', 'b', 'c'], ['teff', 'foo']))
  expect(error.code).toBe('labels/no-column')
  expect(error.message).toContain('The catalogue has no label foo')
  expect(error.message).toContain('one of teff, fe_h')
})

test('all labels of a table are found, by the column that names its stars', () => {
  const table = makeTable([
    { name: 'APOGEE_ID', values: ['2M1', '2M2'] },
    { name: 'fe_h', values: Float64Array.of(0, -1) },
    { name: 'fe_h_err', values: Float64Array.of(0.1, 0.2) },
    { name: 'ra', values: Float64Array.of(1, 2) },
  ])
  const labels = allLabelsOfTable(table, 'x.csv')
  expect(labels.starId).toEqual(['2M1', '2M2'])
  expect(labels.labels.map((label) => label.name)).toEqual(['fe_h'])
  expect(Array.from(labels.errors)).toEqual([0.1, 0.2])
  expect(
    fault(() => allLabelsOfTable(makeTable([{ name: 'teff', values: Float64Array.of(1) }]), 'x.csv')),
  ).toMatchObject({
    code: 'labels/no-star-id',
    message: expect.stringContaining('x.csv has no column that names its stars: got teff') as string,
  })
  expect(fault(() => allLabelsOfTable(makeTable([{ name: 'star_id', values: ['a'] }]), 'x.csv'))).toMatchObject({
    code: 'labels/none',
    message: expect.stringContaining('x.csv has no column that is a label: got star_id') as string,
  })
})

test('flags are told in words', () => {
  const labels = labelsOfTable(
    makeTable([
      { name: 'teff', values: Float64Array.of(1, 2, 3) },
      { name: 'flags', values: Int32Array.of(0, 1, 5) },
    ]),
    ['a', 'b', 'c'],
    ['teff'],
  )
  const named = {
    ...labels,
    flagBits: [
      { bit: 0, name: 'POOR_FIT' },
      { bit: 2, name: 'FEW_PIXELS' },
    ],
  }
  expect(flagWords(named)).toEqual(['', 'POOR_FIT', 'POOR_FIT FEW_PIXELS'])
})

test('flags of a table get their names back from the words beside them', () => {
  const labels = labelsOfTable(
    makeTable([
      { name: 'teff', values: Float64Array.of(5000, 5100, 5200) },
      { name: 'flags', values: Uint32Array.of(0, 6, 2) },
      { name: 'flag_names', values: ['', 'OUTSIDE_HULL FEW_PIXELS', 'OUTSIDE_HULL'] },
    ]),
    ['a', 'b', 'c'],
    ['teff'],
  )
  expect([...labels.flags]).toEqual([0, 6, 2])
  expect(flagWords(labels)).toEqual(['', 'OUTSIDE_HULL FEW_PIXELS', 'OUTSIDE_HULL'])
})
