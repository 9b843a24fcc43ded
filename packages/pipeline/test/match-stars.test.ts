import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFits } from '@astrolabel/io-fits'
import type { ColumnInput } from '@astrolabel/io-fits'
import { ingest, readTable, silent } from '@astrolabel/pipeline'
import { columnNumbers, columnStrings, makeTable, requireColumn } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { afterAll, expect, test } from 'vitest'
import { matchStars } from '../src/catalogs/match-stars.js'
import { starsInFile } from '../src/catalogs/stars-in-file.js'

const folder = mkdtempSync(join(tmpdir(), 'match-stars-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, columns: ColumnInput[], rest: Parameters<typeof encodeFits>[0] = []): string => {
  writeFileSync(join(folder, name), encodeFits([...rest, { kind: 'table', name: 'COADD', columns }]))
  return join(folder, name)
}

const ARCSEC = 1 / 3600
const words = (name: string, ...values: string[]): Column => ({ name, values })
const reals = (name: string, ...values: number[]): Column => ({ name, values: Float64Array.from(values) })
const numbers = (table: Table, name: string): number[] => [...columnNumbers(requireColumn(table, name))]

test('stars are matched by the identifier that both have, wherever they are on the sky', () => {
  const a = makeTable([
    words('star_id', 'x', 'y', 'z'),
    reals('ra', 10, 20, Number.NaN),
    reals('dec', 0, 0, Number.NaN),
    words('SPECOBJID', '299497923312379904', '7', '299497923312379905'),
  ])
  const b = makeTable([
    {
      name: 'SPECOBJID',
      values: BigInt64Array.of(299_497_923_312_379_905n, 299_497_923_312_379_904n, 299_497_923_312_379_904n),
    },
    reals('ra', 30, 10 + 30 * ARCSEC, 10),
    reals('dec', 0, 0, 0),
    reals('teff', 5, 4, 3),
  ])
  const { table, summary } = matchStars(a, b, { radius: 3 })
  expect(columnStrings(requireColumn(table, 'star_id'))).toEqual(['x', 'z'])
  expect([numbers(table, 'teff'), numbers(table, 'index_b'), numbers(table, 'candidates')]).toEqual([
    [4, 5],
    [1, 0],
    [2, 1],
  ])
  const [near, unknown] = numbers(table, 'separation')
  expect(near).toBeCloseTo(30, 6)
  expect(unknown).toBeNaN()
  expect(summary).toMatchObject({ n: 2, a: 3, b: 3, ambiguous: 1, by: 'SPECOBJID' })
})

test('without a shared identifier, or with none in common, the sky decides', () => {
  const sky = (id: Column): Table => makeTable([id, reals('ra', 10), reals('dec', 0)])
  const near = makeTable([words('APOGEE_ID', '2M1'), reals('ra', 10 + ARCSEC), reals('dec', 0)])
  for (const id of [words('TARGETID', '5'), words('APOGEE_ID', '2M9'), words('star_id', '2M1')]) {
    const { summary } = matchStars(sky(id), near)
    expect([summary.n, summary.by, summary.separation_arcsec.max]).toEqual([1, undefined, 1])
  }
  expect(matchStars(sky(words('APOGEE_ID', '2M1')), near).summary.by).toBe('APOGEE_ID')
})

test('ingest of SDSS spectra with an ssppOut file: by plate, MJD and fibre, labels under canonical names', async () => {
  const spec = (fiber: number): string =>
    write(
      `spec-0266-51602-00${fiber}.fits`,
      [
        { name: 'flux', values: Float32Array.of(1, 2, 3) },
        { name: 'loglam', values: Float32Array.of(3.6, 3.6001, 3.6002) },
        { name: 'ivar', values: Float32Array.of(1, 1, 1) },
        { name: 'and_mask', values: new Int32Array(3) },
      ],
      [{ kind: 'image', header: { PLATEID: 266, MJD: 51_602, FIBERID: fiber, PLUG_RA: 147.5, PLUG_DEC: 0 } }],
    )
  const paths = [31, 32, 33].map(spec)
  // All at one place, where positions could not tell them apart.
  const sspp = write('ssppOut-dr12.fits', [
    { name: 'MJD', values: new Int32Array(3).fill(51_602) },
    { name: 'PLATE', values: new Int16Array(3).fill(266) },
    { name: 'FIBER', values: Int16Array.of(33, 31, 7) },
    { name: 'TEFF_ADOP', values: Float32Array.of(6033, 6031, 6007) },
    { name: 'TEFF_ADOP_UNC', values: Float32Array.of(33, -9999, 7) },
    { name: 'LOGG_ADOP', values: Float32Array.of(4, 3, 2) },
    { name: 'FEH_ADOP', values: Float32Array.of(-9999, -1, -2) },
    { name: 'RA', values: new Float64Array(3).fill(147.5) },
    { name: 'DEC', values: new Float64Array(3) },
  ])
  const out = join(folder, 'sdss.arrow')
  const summary = await ingest({ survey: 'sdss', paths, catalog: sspp }, out, silent)
  expect(summary).toMatchObject({ stars: 2, match: { n: 2, a: 3, b: 3, by: 'PLATE-MJD-FIBER' } })
  for await (const { starId, catalog } of readSpectraFile(out)) {
    expect(starId).toEqual(['0266-51602-0031', '0266-51602-0033'])
    expect(['teff', 'teff_err', 'fe_h', 'logg'].map((name) => numbers(catalog, name))).toEqual([
      [6031, 6033],
      [Number.NaN, 33],
      [-1, Number.NaN],
      [3, 4],
    ])
  }
  expect([...(await starsInFile(out)).columns.keys()]).toContain('FIBERID')
  expect([...(await readTable(sspp, { columns: ['fe_h'] })).columns.keys()]).toEqual(['fe_h'])
})
