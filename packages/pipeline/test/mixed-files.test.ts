import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { crossmatchFiles, ingest, readTable, silent } from '@astrolabel/pipeline'
import type { Reporter } from '@astrolabel/pipeline'
import type { Spectra } from '@astrolabel/spectra'
import { columnNumbers, columnStrings, concatSpectra, requireColumn } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { readSurvey } from '@astrolabel/surveys/node'
import { encodeFits } from '@astrolabel/io-fits'
import { expect, test } from 'vitest'
import { parseReaderSettings } from '../src/recipe/reader-options.js'
import { parseRecipe } from '../src/recipe/load-recipe.js'
import { scratchFolder } from './stars.js'

const scratch = scratchFolder()
const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')

async function spectraIn(path: string): Promise<Spectra> {
  const batches: Spectra[] = []
  for await (const batch of readSpectraFile(path)) batches.push(batch)
  return concatSpectra(batches)
}

function hearing(): { heard: string[]; reporter: Reporter } {
  const heard: string[] = []
  return { heard, reporter: { ...silent, warn: (message) => void heard.push(message) } }
}

/** A model with pixels at wavelengths that no grid gives, 0.03 Å and more apart. */
function writeModel(folder: string, teff: number, pixels: number): void {
  mkdirSync(scratch(folder), { recursive: true })
  const line = (i: number): string =>
    `${(15_000 + teff / 1000 + i * 0.04 + 0.01 * Math.sin(i + teff)).toFixed(6)} ${(5 + i / 100).toFixed(4)} 1.0\n`
  const name = `lte0${(teff / 100).toFixed(1)}-4.5-0.0a+0.0.BT-Settl.spec.7`
  writeFileSync(scratch(folder, name), Array.from({ length: pixels }, (_, i) => line(i)).join(''))
}

test('BT-Settl models of wavelengths of their own come in file by file, in any number of threads and runs', async () => {
  writeModel('bt', 2800, 40)
  const grown = scratch('grown.arrow')
  const request = { survey: 'btsettl', paths: [scratch('bt')] } as const
  await ingest(request, grown, silent)
  expect((await spectraIn(grown)).wave).toBeUndefined()
  writeModel('bt', 2900, 70)
  writeModel('bt', 3000, 55)
  expect(await ingest(request, grown, silent)).toMatchObject({ stars: 3, read: 2, skipped: 1, failed: 0 })
  const bytes: Buffer[] = []
  for (const threads of [1, 2]) {
    const out = scratch(`bt-${threads}.arrow`)
    expect(await ingest(request, out, silent, { threads })).toMatchObject({ stars: 3, failed: 0 })
    bytes.push(readFileSync(out))
  }
  expect(bytes[1]!.equals(bytes[0]!)).toBe(true)
  const whole: Spectra[] = []
  for await (const batch of readSurvey('btsettl', [scratch('bt')])) whole.push(batch)
  const expected = concatSpectra(whole)
  for (const path of [grown, scratch('bt-1.arrow')]) {
    const spectra = await spectraIn(path)
    expect([spectra.nPix, spectra.meta.release]).toEqual([70, 'BT-Settl'])
    expect(spectra.starId).toEqual(expected.starId)
    expect(spectra.flux).toEqual(expected.flux)
    expect(spectra.ivar).toEqual(expected.ivar)
    spectra.wave!.forEach((value, i) => expect(Math.abs(value - expected.wave![i]!)).toBeLessThan(2e-5))
  }
})

test('BT-Settl models that share their wavelengths have one grid', async () => {
  mkdirSync(scratch('same'), { recursive: true })
  const text = Array.from({ length: 30 }, (_, i) => `${15_000 + i * 0.1} 5.0 1.0\n`).join('')
  for (const teff of ['028.0', '029.0']) writeFileSync(scratch('same', `lte${teff}-4.5-0.0a+0.0.BT-Settl.spec.7`), text)
  await ingest({ survey: 'btsettl', paths: [scratch('same')] }, scratch('same.arrow'), silent)
  const spectra = await spectraIn(scratch('same.arrow'))
  expect([spectra.n, spectra.wave]).toEqual([2, undefined])
  expect(spectra.meta.wavelength).toMatchObject({ kind: 'linear', step: 0.1, length: 30 })
})

test.skipIf(absent)('of a folder with both resolutions of LAMOST one is taken, told of by a warning', async () => {
  const low = hearing()
  const paths = [`${data}lamost`]
  await ingest({ survey: 'lamost', paths }, scratch('low.arrow'), low.reporter)
  expect((await spectraIn(scratch('low.arrow'))).nPix).toBe(3930)
  expect(low.heard[0]).toMatch(/^2 medium-resolution files are left out beside low-resolution files, .* name them/)
  const medium = hearing()
  await ingest({ survey: 'lamost', paths, options: { exposures: true } }, scratch('exposures.arrow'), medium.reporter)
  expect((await spectraIn(scratch('exposures.arrow'))).n).toBe(10)
  expect(medium.heard[0]).toMatch(/^2 low-resolution files are left out/)
  const both = await ingest(
    { survey: 'lamost', paths: [`${data}lamost/med-*`, `${data}lamost/spec-*`] },
    scratch('both.arrow'),
    silent,
  )
  expect(both.failures.map(({ code }) => code)).toEqual(['surveys/grids-differ', 'surveys/grids-differ'])
})

/** An allStar file in which 2M1 was observed twice, far from where the other catalogue has it. */
function writeAllStar(name: string): string {
  const columns = [
    { name: 'APOGEE_ID', values: ['2M1', '2M2', '2M1'] },
    { name: 'RA', values: Float64Array.of(10, 20, 10) },
    { name: 'DEC', values: Float64Array.of(0, 0, 0) },
    { name: 'SNR', values: Float32Array.of(50, 80, 200) },
    { name: 'TEFF', values: Float32Array.of(4000, 5000, 4100) },
    { name: 'ASPCAPFLAG', values: Int32Array.of(0, 0, 0) },
    { name: 'MY_PM_RA', values: Float32Array.of(1, 2, 3) },
  ]
  writeFileSync(scratch(name), encodeFits([{ kind: 'table', name: 'STARS', columns }]))
  return scratch(name)
}

test('a recurring star of allStar: the row that was asked for, by identifier or position', async () => {
  const allStar = writeAllStar('allStar.fits')
  writeFileSync(scratch('stars.csv'), 'apogee_id,ra,dec\n2M1,20.0001,0\n2M9,10,0\n')
  const match = async (request: Parameters<typeof crossmatchFiles>[3]): Promise<unknown[]> => {
    const out = scratch('match.csv')
    const { by } = await crossmatchFiles(scratch('stars.csv'), allStar, silent, { ...request, out })
    const table = await readTable(out)
    return [
      by,
      columnStrings(requireColumn(table, 'star_id', 'apogee_id')),
      [...columnNumbers(requireColumn(table, 'teff'))],
    ]
  }
  expect(await match({ by: 'id' })).toEqual(['APOGEE_ID', expect.anything(), [4100]])
  expect(await match({ by: 'auto', duplicates: 'lowest' })).toEqual(['APOGEE_ID', expect.anything(), [4000]])
  expect(await match({ by: 'sky' })).toEqual([undefined, expect.anything(), [5000, 4100]])
  writeFileSync(scratch('others.csv'), 'obsid,ra,dec\n7,10,0\n')
  await expect(crossmatchFiles(scratch('others.csv'), allStar, silent, { by: 'id' })).rejects.toMatchObject({
    code: 'crossmatch/no-identifier',
    message: expect.stringMatching(/got none that both have, expected one of PLATE-MJD-FIBER/),
  })
  // A column that is not among the usual ones of allStar can be named.
  await crossmatchFiles(allStar, allStar, silent, { keepA: ['MY_PM_RA'], duplicates: 'all', out: scratch('kept.csv') })
  expect((await readTable(scratch('kept.csv'))).columns.has('MY_PM_RA')).toBe(true)
  const { heard, reporter } = hearing()
  await crossmatchFiles(scratch('stars.csv'), scratch('stars.csv'), reporter, { duplicates: 'lowest' })
  expect(heard[0]).toMatch(/stars\.csv keeps all rows: .* known of allStar files of APOGEE alone/)
})

test('every survey, how its catalogue is matched and nested choices of its reader go into a recipe', () => {
  const text = (survey: string, rest: string): string =>
    `name: x\ningest:\n  survey: ${survey}\n  paths: [a]\n${rest}train: {model: cannon, labels: [teff]}\n`
  for (const survey of ['lamost', 'phoenix', 'btsettl'])
    expect(parseRecipe(text(survey, ''), 'x.yaml').ingest.survey).toBe(survey)
  const recipe = parseRecipe(
    text(
      'apogee',
      '  catalog: allStar.fits\n  match: {by: sky, duplicates: lowest}\ncrossmatch: {catalog: b.fits, by: auto}\n',
    ),
    'x.yaml',
  )
  expect(recipe.ingest.match).toEqual({ by: 'sky', duplicates: 'lowest' })
  expect(recipe.crossmatch).toMatchObject({ by: 'auto' })
  expect(parseReaderSettings('btsettl', ['select.teff=[2500,3500]', 'select.logg=[4,5]', 'window=[1,2]'])).toEqual({
    select: { teff: [2500, 3500], logg: [4, 5] },
    window: [1, 2],
  })
})

test.skipIf(absent)('a file of SDSS is not read as one of LAMOST, nor the other way round', async () => {
  const lamost = `${data}lamost/spec-58397-EG014118N254444M01_sp03-031.fits`
  const sdss = `${data}sdss/spec-0266-51602-0031.fits`
  await expect(ingest({ survey: 'sdss', paths: [lamost] }, scratch('no.arrow'), silent)).rejects.toMatchObject({
    code: 'surveys/other-survey',
    message: expect.stringMatching(/is no file of SDSS: got TELESCOP LAMOST. Read it as lamost/),
  })
  await expect(ingest({ survey: 'lamost', paths: [sdss] }, scratch('no.arrow'), silent)).rejects.toMatchObject({
    code: 'surveys/other-survey',
  })
  expect(existsSync(scratch('no.arrow'))).toBe(false)
})

test.skipIf(absent)('a warning of one file among many names it', async () => {
  const { heard, reporter } = hearing()
  const whole = readFileSync(`${data}apogee/apStar-r6-2M00005143+5615568.fits`)
  mkdirSync(scratch('cut'), { recursive: true })
  writeFileSync(scratch('cut', 'apStar-cut.fits'), whole.subarray(0, whole.length / 2))
  await ingest({ survey: 'apogee', paths: [scratch('cut')] }, scratch('cut.arrow'), reporter)
  expect(heard).toEqual([expect.stringMatching(/^apStar-cut\.fits: Data of HDU 4 are cut short/)])
})

test.skipIf(absent)('a folder that fetch wrote for LAMOST, with OBSID alone in the names, goes in', async () => {
  mkdirSync(scratch('fetched', 'lrs'), { recursive: true })
  const file = readFileSync(`${data}lamost/spec-57287-KP193637N444141V03_sp10-161.fits.gz`)
  writeFileSync(scratch('fetched', 'lrs', 'spec-359910161.fits.gz'), file)
  const { stars } = await ingest({ survey: 'lamost', paths: [scratch('fetched')] }, scratch('fetched.arrow'), silent)
  expect(stars).toBe(1)
})
