import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { APOGEE_ASPCAPFLAG } from '@astrolabel/surveys'
import { readCatalog, readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'
import { collect, rejection, warnings } from './memory-source.js'

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')

interface Answers {
  miles: { files: number; sum: number; bad: number }
  desi: { ids: string[]; ra: number[]; flux: Record<string, number>; ivar: Record<string, number> }
  allstar: {
    rows: number
    teff: { n: number; sum: number }
    mg_h: { n: number }
    teff_err: { n: number }
    noAspcap: number
    v_rad: number
  }
  kurucz: { flux: number; good: number; labels: number[]; last: number }
  real671: { ivar: number; m_h: number }
}
const answers = JSON.parse(readFileSync(new URL('golden/real-answers.json', import.meta.url), 'utf8')) as Answers

const sum = (values: Iterable<number>): number =>
  [...values].reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0)
const count = (values: ArrayLike<number>, of: (value: number) => boolean): number =>
  Array.from(values).filter(of).length
const label = (spectra: Spectra, name: string): Float64Array => columnNumbers(requireColumn(spectra.catalog, name))

test.skipIf(absent)('MILES: astropy reads the same, 791 stars have Teff', async () => {
  const seen = warnings()
  const [batch] = await collect(readSurvey('miles', [`${data}miles`], seen))
  expect(batch!.n).toBe(answers.miles.files)
  expect(sum(batch!.flux)).toBeCloseTo(answers.miles.sum, 4)
  expect(count(batch!.ivar, (value) => value === 0)).toBe(answers.miles.bad)
  expect(count(label(batch!, 'teff'), Number.isFinite)).toBe(791)
  expect(batch!.meta.release).toBe('v9.1')
  const row = batch!.starId.indexOf('m0838V')
  expect([
    label(batch!, 'teff')[row],
    label(batch!, 'fe_h')[row],
    columnStrings(requireColumn(batch!.catalog, 'name'))[row],
  ]).toEqual([2748, Number.NaN, 'G156-031'])
  expect(seen.list.map(({ code, message }) => [code, /^.* line \d+/.exec(message)?.[0]])).toEqual([
    ['surveys/miles-row', 'MILES_params.db line 203'],
    ['surveys/miles-row', 'paramsMILES_v9.1.txt line 203'],
    ['surveys/not-in-catalog', undefined],
  ])
})

test.skipIf(absent)('DESI: a tile coadd and its exposures, whose compressed masks are got over', async () => {
  const [batch] = await collect(readSurvey('desi', [`${data}desi/coadd-5-169-thru20210419.fits`]))
  expect(batch!.starId).toEqual(answers.desi.ids)
  expect([...batch!.ra]).toEqual(answers.desi.ra)
  expect(batch!.nPix).toBe(7958)
  for (const { name, start, end } of batch!.meta.segments!) {
    const part = (matrix: Float32Array): number =>
      sum(Array.from({ length: batch!.n }, (_, row) => sum(matrix.subarray(row * 7958 + start, row * 7958 + end))))
    expect(part(batch!.flux) / answers.desi.flux[name]!).toBeCloseTo(1, 9)
    expect(part(batch!.ivar) / answers.desi.ivar[name]!).toBeCloseTo(1, 9)
  }
  expect(batch!.meta.segments!.map(({ name, wavelength }) => [name, wavelength])).toEqual([
    ['B', { kind: 'linear', start: 3600, step: 0.8, length: 2751, medium: 'vacuum' }],
    ['R', { kind: 'linear', start: 5760, step: 0.8, length: 2326, medium: 'vacuum' }],
    ['Z', { kind: 'linear', start: 7520, step: 0.8, length: 2881, medium: 'vacuum' }],
  ])
  const [exposures] = await collect(readSurvey('desi', [`${data}desi/spectra-5-169-thru20210419.fits`]))
  expect([exposures!.n, exposures!.meta.release]).toEqual([5, 'fuji'])
})

test.skipIf(absent)('APOGEE: allStar of DR12, zipped', async () => {
  const table = await readCatalog(`${data}apogee/APOGEE-allStar-v603-Hipparcos.fits.gz`)
  const numbers = (name: string): Float64Array => columnNumbers(requireColumn(table, name))
  expect(table.n).toBe(answers.allstar.rows)
  expect(count(numbers('teff'), Number.isFinite)).toBe(answers.allstar.teff.n)
  expect(sum(numbers('teff'))).toBeCloseTo(answers.allstar.teff.sum, 3)
  expect(count(numbers('mg_h'), Number.isFinite)).toBe(answers.allstar.mg_h.n)
  expect(count(numbers('teff_err'), Number.isFinite)).toBe(answers.allstar.teff_err.n)
  expect(sum(numbers('v_rad'))).toBeCloseTo(answers.allstar.v_rad, 3)
  const noResult = APOGEE_ASPCAPFLAG.mask('NO_ASPCAP_RESULT')
  expect(count(numbers('ASPCAPFLAG'), (value) => APOGEE_ASPCAPFLAG.any(value, noResult))).toBe(answers.allstar.noAspcap)
  expect(new Set(columnStrings(requireColumn(table, 'APOGEE_ID'))).size).toBe(table.n)
})

test.skipIf(absent)('Cannon training sets: ivar, and sigma without wavelengths', async () => {
  const batches = await collect(readSurvey('npz', [`${data}cannon/apogee_kurucz_giants_train.npz`], { batchRows: 400 }))
  expect(batches.map((batch) => batch.n)).toEqual([400, 400, 100])
  expect(batches.reduce((total, batch) => total + sum(batch.flux), 0) / answers.kurucz.flux).toBeCloseTo(1, 9)
  expect(batches.reduce((total, batch) => total + count(batch.ivar, (value) => value > 0), 0)).toBe(answers.kurucz.good)
  const labels = ['teff', 'logg', 'fe_h', 'mg_fe'].map((name) =>
    batches.reduce((total, batch) => total + sum(label(batch, name)), 0),
  )
  labels.forEach((total, i) => expect(total).toBeCloseTo(answers.kurucz.labels[i]!, 6))
  expect(batches[0]!.meta.wavelength).toMatchObject({ kind: 'explicit' })
  const seen = warnings()
  const [real] = await collect(readSurvey('npz', [`${data}cannon/apogee_671x100_train.npz`], seen))
  expect(sum(real!.ivar) / answers.real671.ivar).toBeCloseTo(1, 9)
  expect(sum(label(real!, 'm_h'))).toBeCloseTo(answers.real671.m_h, 9)
  expect(seen.codes()).toEqual(['surveys/no-wavelength'])
})

test.skipIf(absent)('model grids, and a file that is no spectrum', async () => {
  const [grid] = await collect(readSurvey('npz', [`${data}model-grids`]))
  expect([grid!.n, grid!.meta.wavelength]).toEqual([
    290,
    { kind: 'linear', start: 15000, step: 0.1, length: 20501, medium: 'vacuum' },
  ])
  expect([...grid!.catalog.columns.keys()]).toEqual(['teff', 'logg', 'm_h', 'alpha_m'])
  expect((await rejection(collect(readSurvey('desi', [`${data}desi/redrock-test.fits`])))).code).toBe(
    'surveys/not-desi',
  )
  expect(
    (await rejection(collect(readSurvey('npz', [`${data}cannon/apogee_trained_quadratic_7214.npz`])))).message,
  ).toMatch(/got theta \(15 × 7214\)/)
})
