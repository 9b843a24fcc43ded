import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openFits } from '@astrolabel/io-fits'
import { writeFitsFile } from '@astrolabel/io-fits/node'
import type { HduInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import type { Spectra, Table } from '@astrolabel/spectra'
import { DESI_RVS_WARN, desiReader, readDesiCatalog } from '@astrolabel/surveys'
import { readCatalog, readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'
import { collect, fitsFile, rejection, warnings } from './memory-source.js'

const data = fileURLToPath(new URL('../../../../shared/data/desi/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')

interface Answers {
  coadd: {
    ids: string[]
    exposures: number[]
    mjd: number[]
    snr: Record<'B' | 'R' | 'Z', number[]>
    resolution: Record<'B' | 'R' | 'Z', { shape: number[]; sum: number[]; middle: number[] }>
  }
  redrock: { ids: string[]; z: number[]; zerr: number[]; zwarn: number[]; spectype: string[]; coeff: number[] }[]
}
const answers = JSON.parse(readFileSync(new URL('golden/lamost-desi-answers.json', import.meta.url), 'utf8')) as Answers
const numbers = ({ catalog }: Spectra, name: string): number[] => [...columnNumbers(requireColumn(catalog, name))]
const cells = (table: Table, name: string): number[] => [...columnNumbers(requireColumn(table, name))]

test.skipIf(absent)(
  'a coadd of a tile: where it stands, signal to noise, exposures, as astropy reads them',
  async () => {
    const file = `${data}coadd-5-169-thru20210419.fits`
    const [spectra] = await collect(readSurvey('desi', [file], { drop: 'none' }))
    expect(spectra!.starId).toEqual(answers.coadd.ids)
    for (const arm of ['B', 'R', 'Z'] as const)
      expect(numbers(spectra!, `MEDIAN_COADD_SNR_${arm}`)).toEqual(answers.coadd.snr[arm])
    expect(numbers(spectra!, 'n_exposures')).toEqual(answers.coadd.exposures)
    numbers(spectra!, 'mjd_mean').forEach((mjd, row) => expect(mjd).toBeCloseTo(answers.coadd.mjd[row]!, 8))
    expect(numbers(spectra!, 'TILEID')).toEqual([169, 169, 169, 169, 169])
    expect(columnStrings(requireColumn(spectra!.catalog, 'SPGRPVAL'))[0]).toBe('thru20210419')
    expect(spectra!.meta.release).toBe('fuji')
    const [all] = await collect(readSurvey('desi', [file], { drop: 'none', scores: 'all' }))
    expect(all!.catalog.columns.has('TSNR2_LRG_Z')).toBe(true)
    const exposures = await readCatalog(file, { hdu: 'EXP_FIBERMAP' })
    const total = answers.coadd.exposures.reduce((sum, count) => sum + count, 0)
    expect([exposures.n, requireColumn(exposures, 'TARGETID').values.constructor]).toEqual([total, BigInt64Array])
    const [none] = await collect(readSurvey('desi', [file], { drop: 'none', scores: 'none' }))
    expect(none!.catalog.columns.has('MEDIAN_COADD_SNR_B')).toBe(false)
  },
)

test.skipIf(absent)('resolution matrices on request, arms side by side, in batches', async () => {
  const file = `${data}coadd-5-169-thru20210419.fits`
  const batches = await collect(readSurvey('desi', [file], { drop: 'none', resolution: true, batchRows: 2 }))
  expect(batches.map(({ n }) => n)).toEqual([2, 2, 1])
  let star = 0
  for (const batch of batches) {
    expect(batch.meta.history[0]!.options).toMatchObject({ resolution: '11 diagonals × 7958 pixels' })
    const { values, width } = requireColumn(batch.catalog, 'resolution')
    expect(width).toBe(11 * 7958)
    for (let row = 0; row < batch.n; row++, star++)
      for (const { name, start, end } of batch.meta.segments!) {
        const answer = answers.coadd.resolution[name as 'B']
        let sum = 0
        for (let d = 0; d < 11; d++) for (let j = start; j < end; j++) sum += Number(values[(row * 11 + d) * 7958 + j])
        expect(sum).toBeCloseTo(answer.sum[star]!, 3)
        expect(values[(row * 11 + 5) * 7958 + start + 1000]).toBe(answer.middle[star])
      }
  }
  const [plain] = await collect(readSurvey('desi', [file], { drop: 'none' }))
  expect(plain!.catalog.columns.has('resolution')).toBe(false)
})

const P = 6
/** A coadd of two targets and two arms; the second arm has fewer diagonals. */
function coadd(
  name: string,
  primary: Record<string, string | number> = {},
  scoreIds = [7n, 8n],
): ReturnType<typeof fitsFile> {
  const matrix = (of: (i: number) => number): Float32Array => Float32Array.from({ length: 2 * P }, (_, i) => of(i))
  const arm = (letter: string, first: number, nDiag: number): HduInput[] => [
    { kind: 'image', name: `${letter}_WAVELENGTH`, data: Float64Array.from({ length: P }, (_, i) => first + 0.8 * i) },
    { kind: 'image', name: `${letter}_FLUX`, shape: [2, P], data: matrix((i) => i) },
    { kind: 'image', name: `${letter}_IVAR`, shape: [2, P], data: matrix(() => 1) },
    {
      kind: 'image',
      name: `${letter}_RESOLUTION`,
      shape: [2, nDiag, P],
      data: Float32Array.from({ length: 2 * nDiag * P }, (_, i) => 1 + i),
    },
  ]
  return fitsFile(name, [
    { kind: 'image', header: primary },
    {
      kind: 'table',
      name: 'FIBERMAP',
      columns: [
        { name: 'TARGETID', values: BigInt64Array.of(7n, 8n) },
        { name: 'OBJTYPE', values: ['TGT', 'TGT'] },
      ],
    },
    ...arm('B', 3600, 5),
    ...arm('R', 5760, 3),
    {
      kind: 'table',
      name: 'SCORES',
      columns: [
        { name: 'TARGETID', values: BigInt64Array.from(scoreIds) },
        { name: 'MEDIAN_COADD_SNR_B', values: Float32Array.of(10, 20) },
      ],
    },
  ])
}

test('arms of fewer diagonals are centred; the order is that of scipy’s dia_matrix', async () => {
  const [spectra] = await collect(desiReader.read([coadd('coadd.fits')], { resolution: true }))
  const { values, width } = requireColumn(spectra!.catalog, 'resolution')
  const at = (row: number, d: number, j: number): number => Number(values[row * width! + d * 2 * P + j])
  expect(width).toBe(5 * 2 * P)
  // B of the first target begins with 1; R has diagonals 1 to 3 of the five.
  expect([at(0, 0, 0), at(0, 1, 0), at(0, 4, P - 1)]).toEqual([1, 1 + P, 5 * P])
  expect([at(0, 0, P), at(0, 1, P), at(0, 3, 2 * P - 1), at(0, 4, P)]).toEqual([0, 1, 3 * P, 0])
  expect([at(1, 0, 0), at(1, 1, P)]).toEqual([1 + 5 * P, 1 + 3 * P])
})

test.each([
  [
    '/data/spectro/redux/iron/healpix/sv1/bright/103/10378/coadd-sv1-bright-10378.fits',
    {},
    ['sv1', 'bright', 10378, Number.NaN, 'iron'],
  ],
  ['coadd-0-100-thru20210505.fits', {}, ['', '', Number.NaN, 100, '']],
  ['/x/fuji/tiles/pernight/80613/20210324/coadd-4-80613-20210324.fits', {}, ['', '', Number.NaN, 80613, 'fuji']],
  ['coadd-64-10016.fits', {}, ['', '', 10016, Number.NaN, '']],
  [
    'renamed.fits',
    { SURVEY: 'main', PROGRAM: 'dark', HPXPIXEL: 9, SPECPROD: 'loa' },
    ['main', 'dark', 9, Number.NaN, 'loa'],
  ],
])('the place of %s', async (name, primary, expected) => {
  const [spectra] = await collect(desiReader.read([coadd(name, primary)], {}))
  const words = (column: string): string => columnStrings(requireColumn(spectra!.catalog, column))[0]!
  const found = [
    words('SURVEY'),
    words('PROGRAM'),
    numbers(spectra!, 'HEALPIX')[0],
    numbers(spectra!, 'TILEID')[0],
    spectra!.meta.release,
  ]
  expect(found).toEqual(expected)
})

test('SCORES of other targets are left out; a file without matrices says so', async () => {
  const seen = warnings()
  const [spectra] = await collect(desiReader.read([coadd('a.fits', {}, [7n, 9n])], seen))
  expect(spectra!.catalog.columns.has('MEDIAN_COADD_SNR_B')).toBe(false)
  expect(seen.codes()).toEqual(['surveys/scores-differ'])
  const small = fitsFile('small.fits', [])
  const bytes = readFileSync(new URL('golden/coadd-small.fits', import.meta.url))
  const without = {
    ...small,
    open: async () => (await import('@astrolabel/io-fits')).bytesSource(new Uint8Array(bytes)),
  }
  const error = await rejection(collect(desiReader.read([without], { resolution: true })))
  expect(error).toMatchObject({ code: 'surveys/no-resolution' })
})

test.skipIf(absent).each([
  ['redrock-4-80613-thru20210324.fits', 0],
  ['redrock-test.fits', 1],
])('redshifts of %s as astropy reads them', async (name, place) => {
  const answer = answers.redrock[place]!
  const table = await readCatalog(`${data}${name}`)
  expect(columnStrings(requireColumn(table, 'TARGETID'))).toEqual(answer.ids)
  expect(cells(table, 'Z')).toEqual(answer.z)
  expect(cells(table, 'ZWARN')).toEqual(answer.zwarn)
  expect(columnStrings(requireColumn(table, 'SPECTYPE'))).toEqual(answer.spectype)
  // None of them is a star.
  expect(cells(table, 'v_rad').every(Number.isNaN)).toBe(true)
  expect(table.columns.has('COEFF')).toBe(false)
  const coeff = await readCatalog(`${data}${name}`, { columns: ['COEFF'] })
  expect(Array.from(requireColumn(coeff, 'COEFF').values as Float64Array)).toEqual(answer.coeff)
})

test.skipIf(absent)('redrock joins spectra by TARGETID, a pattern reads several files', async () => {
  const coadds = [`${data}coadd-4-80613-thru20210324.fits`]
  const [spectra] = await collect(readSurvey('desi', coadds, { drop: 'none', catalog: `${data}redrock-*.fits` }))
  const at = spectra!.starId.indexOf(answers.redrock[0]!.ids[0]!)
  expect(at).toBeGreaterThanOrEqual(0)
  expect(numbers(spectra!, 'Z')[at]).toBe(answers.redrock[0]!.z[0])
})

test('the first productions called them ZBEST; stars get velocities', async () => {
  const table = await zbest()
  expect(columnStrings(requireColumn(table, 'TARGETID'))).toEqual(['39633345008634465', '2'])
  const [star, galaxy] = cells(table, 'v_rad')
  expect([star, galaxy]).toEqual([-1e-4 * 299_792.458, Number.NaN])
})

async function zbest(): Promise<Table> {
  const source = await fitsFile('zbest-4-80613-00068028.fits', [
    {
      kind: 'table',
      name: 'ZBEST',
      columns: [
        { name: 'TARGETID', values: BigInt64Array.of(39633345008634465n, 2n) },
        { name: 'Z', values: Float64Array.of(-1e-4, 0.4) },
        { name: 'ZERR', values: Float64Array.of(1e-6, 1e-5) },
        { name: 'ZWARN', values: BigInt64Array.of(0n, 4n) },
        { name: 'SPECTYPE', values: ['STAR', 'GALAXY'] },
      ],
    },
  ]).open()
  return readDesiCatalog(await openFits(source), 'zbest.fits')
}

test('RVSpecfit: labels by canonical names, positions of the FIBERMAP, the primary row of a target', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rvs-'))
  try {
    const path = join(folder, 'mwsall-pix-iron.fits')
    const ids = BigInt64Array.of(39633345008634465n, 39633345008634466n, 39633345008634465n)
    const f64 = (name: string, ...values: number[]): { name: string; values: Float64Array } => ({
      name,
      values: Float64Array.from(values),
    })
    await writeFitsFile(path, [
      {
        kind: 'table',
        name: 'RVTAB',
        columns: [
          { name: 'TARGETID', values: ids },
          f64('VRAD', 10, -20, 11),
          f64('VRAD_ERR', 1, 2, 0.5),
          f64('VSINI', 3, 4, 5),
          f64('TEFF', 5000, Number.NaN, 5010),
          f64('LOGG', 2, 3, 2.1),
          f64('FEH', -1, -2, -1.1),
          f64('ALPHAFE', 0.1, 0.2, 0.3),
          { name: 'RVS_WARN', values: BigInt64Array.of(0n, 36n, 0n) },
          { name: 'SUCCESS', values: [true, false, true] },
          { name: 'PRIMARY', values: [false, true, true] },
        ],
      },
      {
        kind: 'table',
        name: 'FIBERMAP',
        columns: [
          { name: 'TARGETID', values: ids },
          f64('TARGET_RA', 1, 2, 1),
          f64('TARGET_DEC', -1, -2, -1),
          f64('FLUX_G', 1.1, 2.1, 1.2),
        ],
      },
    ])
    const seen = warnings()
    const table = await readCatalog(path, seen)
    expect(columnStrings(requireColumn(table, 'TARGETID'))).toEqual(['39633345008634466', '39633345008634465'])
    expect(cells(table, 'v_rad')).toEqual([-20, 11])
    expect(cells(table, 'teff')).toEqual([Number.NaN, 5010])
    expect(['v_rad_err', 'v_sini', 'logg', 'fe_h', 'alpha_fe'].every((name) => table.columns.has(name))).toBe(true)
    expect(DESI_RVS_WARN.names(Number(requireColumn(table, 'RVS_WARN').values[0]))).toEqual([
      'RVERR_WARN',
      'BAD_SPECTRUM',
    ])
    // Row for row, so that the repeated target has its own.
    expect(cells(table, 'FLUX_G')).toEqual([2.1, 1.2])
    expect(seen.codes()).toEqual(['surveys/duplicates'])
    const all = await readCatalog(path, { duplicates: 'all', columns: ['teff', 'VRAD'] })
    expect([all.n, [...all.columns.keys()]]).toEqual([3, ['TARGETID', 'teff', 'v_rad', 'v_rad_err']])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test.skipIf(absent)('templates: several tables, columns named after their class, archetypes by header', async () => {
  const seen = warnings()
  const [galaxy] = await collect(readSurvey('table', [`${data}std_templates.fits`], seen))
  expect([galaxy!.nPix, seen.codes()]).toEqual([3258, ['surveys/tables-left-out']])
  const [star] = await collect(readSurvey('table', [`${data}std_templates.fits`], { hdu: 2 }))
  expect(star!.meta.wavelength).toMatchObject({ kind: 'linear', start: 3000, step: 3, length: 2667 })
  expect(star!.flux[0]).toBeCloseTo(0.00129113, 8)
  const options = { fluxColumn: 'ARCHETYPE' }
  const [archetypes] = await collect(readSurvey('table', [`${data}rrarchetype-galaxy-test.fits`], options))
  expect([archetypes!.n, archetypes!.nPix]).toEqual([2, 48860])
  expect(archetypes!.meta.wavelength).toMatchObject({ kind: 'linear', step: 0.2 })
  expect(columnStrings(requireColumn(archetypes!.catalog, 'SUBTYPE'))).toEqual(['LRG', 'ELG'])
})
