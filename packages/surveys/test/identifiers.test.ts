import { columnNumbers, makeSpectra, makeTable, requireColumn } from '@astrolabel/spectra'
import type { Column, Spectra, Table } from '@astrolabel/spectra'
import { ID_COLUMNS, catalogLookup, chooseJoin, joinCatalog, selectColumns, sharedKeys } from '@astrolabel/surveys'
import fc from 'fast-check'
import { expect, test } from 'vitest'

function spectra(starId: readonly string[], columns: readonly Column[] = []): Spectra {
  const n = starId.length
  return makeSpectra({
    meta: {
      wavelength: { kind: 'linear', start: 5000, step: 1, length: 1, medium: 'vacuum' },
      frame: 'rest',
      stage: 'raw',
      survey: 'test',
      release: '',
      noise: 'measured',
      history: [],
      version: '0',
    },
    starId,
    ra: new Float64Array(n),
    dec: new Float64Array(n),
    flux: new Float32Array(n).fill(1),
    ivar: new Float32Array(n).fill(1),
    catalog: makeTable(columns, n),
  })
}

const teff = (...values: number[]): Column => ({ name: 'teff', values: Float64Array.from(values) })
const ints = (name: string, ...values: number[]): Column => ({ name, values: Int32Array.from(values) })
const words = (name: string, ...values: string[]): Column => ({ name, values })
const joined = (stars: Spectra, table: Table, idColumn?: string): [by: string, teff: number[]] => {
  const join = chooseJoin(stars, catalogLookup(table, 'labels.fits', idColumn))
  const out = joinCatalog(stars, join, join.keysOf(stars))
  return [join.idColumn, [...columnNumbers(requireColumn(out.catalog, 'teff'))]]
}

test('plate, MJD and fibre together name a spectrum, whatever they are written as', () => {
  const stars = spectra(
    ['0266-51602-0031', '0266-51602-0032', '2000-53000-0001'],
    [ints('PLATE', 266, 266, 2000), ints('MJD', 51_602, 51_602, 53_000), ints('FIBERID', 31, 32, 1)],
  )
  const table = makeTable([
    words('plate', '0266', '02000', '266'),
    { name: 'MJD', values: BigInt64Array.of(51_602n, 53_000n, 51_602n) },
    { name: 'FIBER', values: Int16Array.of(32, 1, 31) },
    teff(5032, 5001, 5031),
  ])
  expect(joined(stars, table)).toEqual(['PLATE-MJD-FIBER', [5031, 5032, 5001]])
  // What the stars have of the key stays theirs.
  const join = chooseJoin(stars, catalogLookup(table, 't'))
  const out = joinCatalog(stars, join, join.keysOf(stars))
  expect(requireColumn(out.catalog, 'PLATE').values).toEqual(Int32Array.of(266, 266, 2000))
  expect([...out.catalog.columns.keys()].filter((name) => /plate/i.test(name))).toEqual(['PLATE'])
})

test('identifiers of 64 bits are told apart by their last digit', () => {
  const stars = spectra(['a', 'b'], [words('SPECOBJID', '299497923312379904', '  299497923312379905')])
  const table = makeTable([
    { name: 'SPECOBJID', values: BigInt64Array.of(299_497_923_312_379_905n, 299_497_923_312_379_904n) },
    teff(5, 4),
  ])
  expect(joined(stars, table)).toEqual(['SPECOBJID', [4, 5]])
  expect(Number(299_497_923_312_379_904n)).toBe(Number(299_497_923_312_379_905n))
})

test('an identifier under which stars are found goes before one under which none is', () => {
  // SPECOBJID was counted anew after DR7: the same spectra have other numbers there.
  const stars = spectra(
    ['x', 'y'],
    [words('SPECOBJID', '1', '2'), words('APOGEE_ID', '2M01', '2M02'), words('TARGETID', '', '')],
  )
  const table = makeTable([
    words('SPECOBJID', '75', '76'),
    words('sdss4_apogee_id', '2M02', '2M01'),
    words('TARGETID', '', ''),
    teff(2, 1),
  ])
  expect(sharedKeys(stars.catalog, table).map(({ name, common }) => [name, common])).toEqual([
    ['SPECOBJID', 0],
    ['TARGETID', 0],
    ['APOGEE_ID', 2],
  ])
  expect(joined(stars, table)).toEqual(['APOGEE_ID', [1, 2]])
  // When none serves, the names of the stars do, and of these the column that knows them.
  const named = makeTable([
    words('SPECOBJID', '75', '76'),
    words('sdss_id', '8', '9'),
    words('name', 'y', 'x'),
    teff(2, 1),
  ])
  expect(joined(stars, named)).toEqual(['name', [1, 2]])
})

test('a column that is named is used alone, against the stars’ own of that name', () => {
  const stars = spectra(['x', 'y'], [words('PLATE', '1', '2'), words('code', 'k', 'l')])
  const table = makeTable([words('code', 'l', 'k'), words('id', 'x', 'y'), teff(2, 1)])
  expect(joined(stars, table, 'CODE')).toEqual(['code', [1, 2]])
  expect(joined(stars, table, 'id')).toEqual(['id', [2, 1]])
  expect(() => joined(stars, table, 'hip')).toThrow(/labels.fits has no column hip: expected one of code, id, teff/)
  expect(() => joined(stars, makeTable([teff(1)]))).toThrow(/labels.fits has no column star_id, TARGETID/)
  const plates = makeTable([words('PLATE', '1'), words('MJD', '1'), words('FIBER', '1'), teff(1)])
  expect(() => joined(stars, plates)).toThrow(/labels.fits has no column star_id, TARGETID/)
  expect(() => joined(stars, makeTable([], 0))).toThrow(/labels.fits has no rows/)
})

test('star_id and id, which every file counts in its own way, are no identifiers that two files share', () => {
  const table = makeTable([words('star_id', '1'), words('id', '1'), words('name', '1'), words('number', '1')])
  expect(sharedKeys(table, table)).toEqual([])
  expect(ID_COLUMNS.slice(0, 2)).toEqual(['star_id', 'TARGETID'])
})

test('a part of the key that is missing or no number makes no key', () => {
  const table = makeTable([
    words('PLATE', '1', '', 'x', '4'),
    { name: 'MJD', values: Int32Array.of(1, 1, 1, 1), valid: Uint8Array.of(1, 1, 1, 0) },
    ints('FIBER', 1, 1, 1, 1),
  ])
  expect(sharedKeys(table, table)[0]!.a.values).toEqual(['1-1-1', '', '', ''])
  const vector: Column = { name: 'FIBER', values: Int32Array.of(1, 2, 3, 4), width: 2 }
  expect(sharedKeys(makeTable([words('PLATE', '1', '2'), ints('MJD', 1, 2), vector]), table)).toEqual([])
})

test('selected columns of a catalogue keep what it is joined by', () => {
  const table = makeTable([ints('PLATE', 1), ints('MJD', 2), ints('FIBER', 3), teff(5), words('note', 'x')])
  expect([...selectColumns(table, ['teff'], 'c').columns.keys()]).toEqual(['PLATE', 'MJD', 'FIBER', 'teff'])
})

test('a join gives each star the first row that has its key, as looking one by one does', () => {
  const key = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }))
  const parts = (keys: readonly (readonly number[])[], fiber: string): Column[] =>
    ['PLATE', 'MJD', fiber].map((name, i) => ints(name, ...keys.map((row) => row[i]!)))
  fc.assert(
    fc.property(fc.array(key, { minLength: 1 }), fc.array(key, { minLength: 1 }), (left, right) => {
      const stars = spectra(
        left.map((_, i) => `s${i}`),
        parts(left, 'FIBERID'),
      )
      const table = makeTable([...parts(right, 'FIBER'), words('name', ...right.map(() => '')), teff(...right.keys())])
      const expected = left.map((row) => right.findIndex((other) => String(other) === String(row)))
      expect(joined(stars, table)[1]).toEqual(expected.map((row) => (row < 0 ? Number.NaN : row)))
    }),
  )
})
