import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openFits } from '@astrolabel/io-fits'
import { openFitsFile } from '@astrolabel/io-fits/node'
import { columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { readApogeeCatalog } from '@astrolabel/surveys'
import { readCatalog, readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'
import { aspcapElements } from '../src/spectra/apogee/aspcap-elements.js'
import { collect, fitsFile, warnings } from './memory-source.js'

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')

interface Chips {
  pixels: number
  flux: number[]
  ivar: number[]
  and: number[]
  wave: [number, number][]
}
interface Answers {
  chips: Record<'dr12' | 'dr13', Chips>
  elements: Record<
    string,
    Record<'felem' | 'error', Record<string, number | null>> & {
      flag: Record<string, number>
      paramflag: number[]
      v_sini: number
    }
  >
  dr12: { row: number; elem: number[]; m_h: number; x_h: Record<string, number> }
  duplicates: { rows: number; stars: number; extra: number; lowest: number }
  spec: Record<
    string,
    { plate: number; mjd: number; fiber: number; class: string; subclass: string; zwarning: number; elodie: number[] }
  >
}
const answers = JSON.parse(readFileSync(new URL('golden/sdss-answers.json', import.meta.url), 'utf8')) as Answers

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
const numbers = (spectra: Spectra, name: string): Float64Array => columnNumbers(requireColumn(spectra.catalog, name))
const same = (ours: number, theirs: number): void => expect(ours / theirs).toBeCloseTo(1, 6)
const allStar = `${data}apogee/APOGEE-allStar-v603-Hipparcos.fits.gz`

test.skipIf(absent).each(['dr12', 'dr13'] as const)(
  'the chips of a real apStar by %s are those of astropy',
  async (chips) => {
    const path = `${data}apogee/apStar-r6-2M00005143+5615568.fits`
    const [spectra] = await collect(readSurvey('apogee', [path], { chips }))
    const answer = answers.chips[chips]
    expect(spectra!.nPix).toBe(answer.pixels)
    const wave = pixelWavelengths(spectra!.meta)
    spectra!.meta.segments!.forEach(({ start, end }, i) => {
      same(sum(spectra!.flux.subarray(start, end)), answer.flux[i]!)
      same(sum(spectra!.ivar.subarray(start, end)), answer.ivar[i]!)
      expect(sum(spectra!.mask!.subarray(start, end))).toBe(answer.and[i])
      expect(wave[start]).toBeCloseTo(answer.wave[i]![0], 6)
      expect(wave[end - 1]).toBeCloseTo(answer.wave[i]![1], 6)
    })
  },
)

test.skipIf(absent)('elements of real aspcapStar files: values, errors and flags as astropy reads them', async () => {
  const [spectra] = await collect(readSurvey('apogee', [`${data}apogee/aspcapStar-*.fits`]))
  for (const [id, answer] of Object.entries(answers.elements)) {
    const row = spectra!.starId.indexOf(id)
    for (const [name, value] of Object.entries(answer.felem)) {
      expect(numbers(spectra!, name)[row]).toBe(value ?? Number.NaN)
      expect(numbers(spectra!, `${name}_err`)[row]).toBe(answer.error[name] ?? Number.NaN)
      expect(numbers(spectra!, `${name}_flag`)[row]).toBe(answer.flag[name])
    }
    const flags = ['teff', 'logg', 'v_micro', 'm_h', 'c_m', 'n_m', 'alpha_m', 'v_sini']
    expect(flags.map((name) => numbers(spectra!, `${name}_flag`)[row])).toEqual(answer.paramflag.slice(0, 8))
    same(numbers(spectra!, 'v_sini')[row]!, answer.v_sini)
  }
})

test.skipIf(absent)('the order of DR12’s elements is that under which its catalogue names them', async () => {
  const { elem, m_h: metals, x_h: named } = answers.dr12
  const nothing = await openFits(await fitsFile('x', [{ kind: 'image' }]).open())
  const order = await aspcapElements(nothing, elem.length, 'DR12', {})
  expect(order.map(({ symbol }) => symbol.toLowerCase()).toSorted()).toEqual(Object.keys(named).toSorted())
  order.forEach(({ symbol, toH }, i) =>
    expect(elem[i]! + (toH ? 0 : metals)).toBeCloseTo(named[symbol.toLowerCase()]!, 5),
  )
})

test.skipIf(absent)('allStar of DR12: how many stars repeat, and the other choice of their rows', async () => {
  const { rows, stars, extra, lowest } = answers.duplicates
  const seen = warnings()
  const file = await openFitsFile(allStar)
  const table = await readApogeeCatalog(file, 'allStar', { duplicates: 'lowest', columns: ['SNR'], ...seen })
  await file.close()
  expect(seen.list[0]!.message).toBe(
    `${extra} of ${rows} rows repeat a star (${stars} stars): the row of lowest SNR of each APOGEE_ID is kept`,
  )
  same(sum(columnNumbers(requireColumn(table, 'SNR'))), lowest)
  const best = await readCatalog(allStar)
  expect([best.n, best.columns.has('FE_H_FLAG'), best.columns.has('ELEMFLAG')]).toEqual([rows - extra, true, false])
})

test.skipIf(absent)('real apStar files find their rows in a catalogue by APOGEE_ID, as DR19 calls it too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'apogee-'))
  const catalog = join(folder, 'labels.csv')
  writeFileSync(catalog, 'sdss_id,sdss4_apogee_id,teff\n1,2M22400144+0532162,3100\n2,2M00005143+5615568,4900\n')
  const seen = warnings()
  const [spectra] = await collect(readSurvey('apogee', [`${data}apogee/apStar-*.fits`], { catalog, ...seen }))
  rmSync(folder, { recursive: true })
  const found = new Map(spectra!.starId.map((id, row) => [id, numbers(spectra!, 'teff')[row]!]))
  expect([...found].filter(([, teff]) => Number.isFinite(teff))).toEqual([
    ['2M00005143+5615568', 4900],
    ['2M22400144+0532162', 3100],
  ])
  expect(seen.list.map(({ message }) => message)).toEqual([
    '19 of 21 stars are not in the catalogue (matched by APOGEE_ID)',
  ])
})

test.skipIf(absent)('what SDSS found about the objects of its spectra', async () => {
  const names = Object.keys(answers.spec)
  const [spectra] = await collect(readSurvey('sdss', [`${data}sdss`]))
  expect(spectra!.n).toBe(names.length)
  const found = ['PLATE', 'MJD', 'FIBERID', 'ZWARNING'].map((name) => [...numbers(spectra!, name)])
  const list = Object.values(answers.spec)
  expect(found).toEqual([
    list.map(({ plate }) => plate),
    list.map(({ mjd }) => mjd),
    list.map(({ fiber }) => fiber),
    list.map(({ zwarning }) => zwarning),
  ])
  const words = ['CLASS', 'SUBCLASS'].map((name) => columnStrings(requireColumn(spectra!.catalog, name)))
  expect(words).toEqual([list.map((entry) => entry.class), list.map(({ subclass }) => subclass)])
  ;['ELODIE_TEFF', 'ELODIE_LOGG', 'ELODIE_FEH'].forEach((name, i) =>
    expect([...numbers(spectra!, name)]).toEqual(list.map(({ elodie }) => elodie[i])),
  )
  expect(requireColumn(spectra!.catalog, 'ELODIE_TEFF').unit).toBe('K')
})
