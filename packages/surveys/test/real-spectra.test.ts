import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'
import { collect, warnings } from './memory-source.js'

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')

interface Answers {
  apStar: ({ id: string; ra: number; rows: number; vhelio: number; or: number; and: number; visits: number[] } & Record<
    'pixel' | 'global',
    { flux: number; good: number; ivar: number }
  >)[]
  aspcapStar: {
    id: string
    flux: number
    good: number
    fparam: number[]
    param: number[]
    sigma: number[]
    flag: number
  }[]
  apVisit: { flux: number[]; wave: number[] }
  spec: {
    coeff0: number
    first: number
    n: number
    flux: number
    ivar: number
    good: number
    and: number
    or: number
    id: string
    ra: number
    z: number
  }[]
}
const answers = JSON.parse(readFileSync(new URL('golden/real-answers.json', import.meta.url), 'utf8')) as Answers

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)
const rowOf = <T extends Float32Array | Uint32Array>(spectra: Spectra, matrix: T, row: number): T =>
  matrix.subarray(row * spectra.nPix, (row + 1) * spectra.nPix) as T
const positive = (values: Float32Array): number => values.reduce((count, value) => count + (value > 0 ? 1 : 0), 0)
const column = (spectra: Spectra, name: string): Float64Array => columnNumbers(requireColumn(spectra.catalog, name))
const same = (ours: number, theirs: number): void => expect(ours / theirs).toBeCloseTo(1, 6)

test.skipIf(absent).each(['pixel', 'global'] as const)(
  'apStar: the %s combination as astropy reads it',
  async (name) => {
    const seen = warnings()
    const mask = name === 'pixel' ? 'and' : 'or'
    const [spectra] = await collect(readSurvey('apogee', [`${data}apogee`], { combined: name, mask, ...seen }))
    expect(spectra!.starId).toEqual(answers.apStar.map(({ id }) => id))
    expect(answers.apStar.filter(({ rows }) => rows === 1).map(({ id }) => id)).toEqual(['2M03290406+3117075'])
    answers.apStar.forEach((answer, row) => {
      same(sum(rowOf(spectra!, spectra!.flux, row)), answer[name].flux)
      same(sum(rowOf(spectra!, spectra!.ivar, row)), answer[name].ivar)
      expect(positive(rowOf(spectra!, spectra!.ivar, row))).toBe(answer[name].good)
      expect(sum(rowOf(spectra!, spectra!.mask!, row))).toBe(answer[mask])
      expect([spectra!.ra[row], column(spectra!, 'v_rad')[row]]).toEqual([answer.ra, answer.vhelio])
    })
    const wave = pixelWavelengths(spectra!.meta)
    expect([wave.length, wave[0], wave[8574]]).toEqual([
      8575,
      expect.closeTo(15_100.8, 2) as number,
      expect.closeTo(16_999.81, 2) as number,
    ])
    expect(seen.codes()).toEqual(['surveys/spectra-skipped'])
  },
)

test.skipIf(absent)('apStar: every visit of every star', async () => {
  const batches = await collect(readSurvey('apogee', [`${data}apogee/apStar-*.fits`], { visits: true, batchRows: 50 }))
  const expected = answers.apStar.flatMap(({ id, visits }) => visits.map((flux) => ({ id, flux })))
  expect(batches.flatMap(({ starId }) => starId)).toEqual(expected.map(({ id }) => id))
  const sums = batches.flatMap((batch) => batch.starId.map((_, row) => sum(rowOf(batch, batch.flux, row))))
  sums.forEach((ours, i) => same(ours, expected[i]!.flux))
})

test.skipIf(absent)('aspcapStar: flux, raw and calibrated labels, errors from the covariance', async () => {
  const path = `${data}apogee/aspcapStar-*.fits`
  const [raw] = await collect(readSurvey('apogee', [path]))
  const [calibrated] = await collect(readSurvey('apogee', [path], { params: 'PARAM' }))
  expect(raw!.starId).toEqual(answers.aspcapStar.map(({ id }) => id))
  expect(raw!.meta).toMatchObject({ stage: 'normalised', release: 'DR13' })
  const places = { teff: 0, logg: 1, m_h: 3, c_m: 4, n_m: 5, alpha_m: 6 }
  answers.aspcapStar.forEach((answer, row) => {
    same(sum(rowOf(raw!, raw!.flux, row)), answer.flux)
    expect(positive(rowOf(raw!, raw!.ivar, row))).toBe(answer.good)
    for (const [name, at] of Object.entries(places)) {
      expect(column(raw!, name)[row]).toBe(answer.fparam[at])
      expect(column(calibrated!, name)[row]).toBe(answer.param[at] === -9999 ? Number.NaN : answer.param[at])
    }
    same(column(raw!, 'teff_err')[row]!, answer.sigma[0]!)
    expect(column(raw!, 'ASPCAPFLAG')[row]).toBe(answer.flag)
  })
  expect(column(calibrated!, 'teff').filter(Number.isFinite).length).toBe(5)
})

test.skipIf(absent)('apVisit: three chips on wavelengths of their own', async () => {
  const [visit] = await collect(readSurvey('apogee', [`${data}apogee/apVisit-r6-5094-55874-088.fits`]))
  const at = [0, 5000, 12_287]
  expect(at.map((i) => visit!.flux[i])).toEqual(answers.apVisit.flux)
  expect(at.map((i) => visit!.wave![i])).toEqual(answers.apVisit.wave)
})

test.skipIf(absent).each(['and', 'or'] as const)('SDSS and BOSS: on one lattice, %s mask', async (mask) => {
  const [spectra] = await collect(readSurvey('sdss', [`${data}sdss`], { mask }))
  const first = Math.min(...answers.spec.map((answer) => answer.first))
  const end = Math.max(...answers.spec.map((answer) => answer.first + answer.n))
  expect(spectra!.meta.wavelength).toEqual({
    kind: 'log10',
    start: first / 1e4,
    step: 1e-4,
    length: end - first,
    medium: 'vacuum',
  })
  expect(spectra!.meta.release).toBe('26 v5_7_0')
  expect(columnStrings(requireColumn(spectra!.catalog, 'SPECOBJID'))).toEqual(answers.spec.map(({ id }) => id))
  expect(spectra!.starId[0]).toBe('0266-51602-0031')
  answers.spec.forEach((answer, row) => {
    same(sum(rowOf(spectra!, spectra!.flux, row)), answer.flux)
    same(sum(rowOf(spectra!, spectra!.ivar, row)), answer.ivar)
    expect(positive(rowOf(spectra!, spectra!.ivar, row))).toBe(answer.good)
    expect(sum(rowOf(spectra!, spectra!.mask!, row))).toBe(answer[mask])
    expect([spectra!.ra[row], column(spectra!, 'Z')[row]]).toEqual([answer.ra, answer.z])
    // Every pixel that is not the star's own is empty.
    const at = answer.first - first
    const own = rowOf(spectra!, spectra!.ivar, row).subarray(at, at + answer.n)
    expect(positive(own)).toBe(answer.good)
  })
  // Legacy files were cut after COEFF0 was written, which would put their lines 900 km/s off.
  expect(answers.spec[0]!.first - Math.round(answers.spec[0]!.coeff0 * 1e4)).toBe(13)
})
