import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { HduInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import type { Segment, Spectra } from '@astrolabel/spectra'
import { LAMOST_PIXMASK, lamostReader } from '@astrolabel/surveys'
import { readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'
import { collect, fitsFile, rejection, warnings } from './memory-source.js'

const data = fileURLToPath(new URL('../../../../shared/data/lamost/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')

interface Arm {
  n: number
  flux: number
  ivar: number
  good: number
  mask: number
  first: number
  last: number
}
interface Answers {
  lrs: { id: string; ra: number; z: number; snrg: number; and: Arm; or: Arm }[]
  mrs: { id: string; B: Arm; R: Arm; snr: [number, number]; exposures: Record<string, Arm> }[]
}
const answers = JSON.parse(readFileSync(new URL('golden/lamost-desi-answers.json', import.meta.url), 'utf8')) as Answers

/** Sums over one star's pixels, as the oracle takes them. */
function armOf(spectra: Spectra, row: number, start: number, end: number): Omit<Arm, 'n' | 'first' | 'last'> {
  const at = row * spectra.nPix
  let [flux, ivar, good, mask] = [0, 0, 0, 0]
  for (let i = at + start; i < at + end; i++) {
    flux += spectra.flux[i]!
    ivar += spectra.ivar[i]!
    good += spectra.ivar[i]! > 0 ? 1 : 0
    mask += spectra.mask![i]!
  }
  return { flux, ivar, good, mask }
}

function expectArm(ours: Omit<Arm, 'n' | 'first' | 'last'>, theirs: Arm): void {
  expect(ours.flux / theirs.flux).toBeCloseTo(1, 9)
  expect(ours.ivar / theirs.ivar).toBeCloseTo(1, 9)
  expect([ours.good, ours.mask]).toEqual([theirs.good, theirs.mask])
}

test.skipIf(absent).each(['and', 'or'] as const)(
  'low resolution with the %s mask as astropy reads it',
  async (mask) => {
    const seen = warnings()
    const [spectra] = await collect(readSurvey('lamost', [`${data}spec-*`], { mask, ...seen }))
    expect(seen.codes()).toEqual(['surveys/releases-differ'])
    expect(spectra!.starId).toEqual(answers.lrs.map(({ id }) => id))
    expect(spectra!.meta).toMatchObject({
      wavelength: { kind: 'log10', start: 3.567, step: 0.0001, length: 3930, medium: 'vacuum' },
      frame: 'barycentric',
      survey: 'lamost',
      release: 'DR6',
      noise: 'measured',
      history: [{ step: 'ingest', options: { reader: 'lamost', files: 2, spectra: 'coadds', mask } }],
    })
    answers.lrs.forEach((answer, row) => {
      expectArm(armOf(spectra!, row, 0, spectra!.nPix), answer[mask])
      expect(spectra!.ra[row]).toBe(answer.ra)
    })
    const wave = pixelWavelengths(spectra!.meta)
    const { first, last, n } = answers.lrs[0]!.and
    expect(Math.log10(wave[12]!)).toBeCloseTo(first, 6)
    expect(Math.log10(wave[12 + n - 1]!)).toBeCloseTo(last, 6)
    expect(spectra!.ivar.subarray(0, 12).every((value) => value === 0)).toBe(true)
    const rv = columnNumbers(requireColumn(spectra!.catalog, 'v_rad'))
    answers.lrs.forEach(({ z }, row) => expect(rv[row]).toBeCloseTo(z * 299_792.458, 9))
    expect([...columnNumbers(requireColumn(spectra!.catalog, 'SNRG'))]).toEqual(answers.lrs.map(({ snrg }) => snrg))
  },
)

test.skipIf(absent)('medium resolution: arms as segments, files of different ends on one stretch', async () => {
  const [spectra] = await collect(readSurvey('lamost', [`${data}med-*`]))
  expect(spectra!.starId).toEqual(answers.mrs.map(({ id }) => id))
  const [b, r] = spectra!.meta.segments!
  expect([b!.name, r!.name]).toEqual(['B', 'R'])
  expect(b!.wavelength).toMatchObject({ kind: 'log10', start: 3.6885, step: 1e-5 })
  answers.mrs.forEach((answer, row) => {
    expectArm(armOf(spectra!, row, b!.start, b!.end), answer.B)
    expectArm(armOf(spectra!, row, r!.start, r!.end), answer.R)
  })
  answers.mrs.forEach((answer, row) => {
    const pixel = Math.round(answer.B.first * 1e5) - 368850
    const at = row * spectra!.nPix + pixel
    expect(spectra!.ivar.subarray(row * spectra!.nPix, at).every((value) => value === 0)).toBe(true)
    expect(spectra!.ivar[at]).toBeGreaterThan(0)
  })
  expect([...columnNumbers(requireColumn(spectra!.catalog, 'SNR_R'))]).toEqual(answers.mrs.map(({ snr }) => snr[1]))
})

test.skipIf(absent)(
  'medium resolution: each exposure with wavelengths of its own, descending arms turned',
  async () => {
    const [spectra] = await collect(readSurvey('lamost', [`${data}med-58625*`], { exposures: true }))
    const answer = answers.mrs[1]!
    expect(spectra!.starId).toEqual(['84420148', '84420171', '84420195'].map((minute) => `${answer.id}-${minute}`))
    expect(columnStrings(requireColumn(spectra!.catalog, 'star_group'))).toEqual([answer.id, answer.id, answer.id])
    const [b, r] = spectra!.meta.segments!
    for (const [row, minute] of ['84420148', '84420171', '84420195'].entries()) {
      expectArm(armOf(spectra!, row, b!.start, b!.end), answer.exposures[`B-${minute}`]!)
      expectArm(armOf(spectra!, row, r!.start, r!.end), answer.exposures[`R-${minute}`]!)
      const wave = spectra!.wave!.subarray(row * spectra!.nPix, (row + 1) * spectra!.nPix)
      expect(wave.every((value, i) => i === 0 || value > wave[i - 1]!)).toBe(true)
      expect(Math.log10(wave[b!.start]!)).toBeCloseTo(answer.exposures[`B-${minute}`]!.first, 6)
      expect(Math.log10(wave[r!.start]!)).toBeCloseTo(answer.exposures[`R-${minute}`]!.last, 6)
    }
  },
)

const nPix = 40
const vector = (f: (i: number) => number): Float32Array => Float32Array.from({ length: nPix }, (_, i) => f(i))
const HEADER = {
  OBSID: 123456789,
  RA: 10.5,
  DEC: -1.25,
  DATA_V: 'LAMOST DR8',
  HELIO: true,
  VACUUM: true,
  CLASS: 'STAR',
  Z: -9999,
  SNRG: -9999,
}

/** The layout from DR8 on: one row of vectors. */
function newLayout(header: Record<string, unknown> = {}, first = 35682): HduInput[] {
  const cell = (name: string, values: Float32Array): { name: string; values: Float32Array; shape: number[] } => ({
    name,
    values,
    shape: [nPix],
  })
  return [
    { kind: 'image', name: 'Information', header: { ...HEADER, ...header } as never },
    {
      kind: 'table',
      name: 'COADD',
      columns: [
        cell(
          'FLUX',
          vector((i) => i),
        ),
        cell(
          'IVAR',
          vector((i) => (i === 3 ? Number.NaN : 2)),
        ),
        cell(
          'WAVELENGTH',
          vector((i) => 10 ** ((first + i) / 1e4)),
        ),
        cell(
          'ANDMASK',
          vector((i) => (i === 5 ? 4 : 0)),
        ),
        cell(
          'ORMASK',
          vector((i) => (i === 5 ? 4 : 8)),
        ),
        cell(
          'NORMALIZATION',
          vector(() => 1),
        ),
      ],
    },
  ]
}

test('low resolution from DR8 on: a table of vectors, ends of several files, missing values', async () => {
  const files = [
    fitsFile('a.fits', newLayout()),
    fitsFile('b.fits', newLayout({ OBSID: 2, DATA_V: 'LAMOST DR10' }, 35680)),
  ]
  const [spectra] = await collect(lamostReader.read(files, {}))
  expect(spectra!.starId).toEqual(['123456789', '2'])
  expect(spectra!.meta.release).toBe('DR8')
  expect([...spectra!.flux.subarray(11, 16)]).toEqual([0, 0, 1, 2, 3])
  expect([...spectra!.ivar.subarray(11, 17)]).toEqual([0, 2, 2, 2, 0, 2])
  expect([...spectra!.flux.subarray(3930 + 9, 3930 + 14)]).toEqual([0, 0, 1, 2, 3])
  expect(LAMOST_PIXMASK.names(spectra!.mask![17]!)).toEqual(['NOSKY'])
  expect([...columnNumbers(requireColumn(spectra!.catalog, 'v_rad'))]).toEqual([Number.NaN, Number.NaN])
  expect(requireColumn(spectra!.catalog, 'SNRG').valid).toEqual(Uint8Array.of(0, 0))
})

test('an image of the pilot survey: its third row is no wavelength, the header tells it', async () => {
  const rows = [vector((i) => i), vector(() => 1), vector(() => -1), vector(() => 0), vector(() => 2)]
  const image = new Float32Array(rows.flatMap((row) => [...row]))
  const header = { ...HEADER, COEFF0: 3.5682, COEFF1: 1e-4 }
  const file = fitsFile('spec-55859-F5902_sp01-001.fits', [{ kind: 'image', shape: [5, nPix], data: image, header }])
  const [spectra] = await collect(lamostReader.read([file], { mask: 'or' }))
  expect(spectra!.meta.wavelength).toMatchObject({ start: 3.567, step: 0.0001 })
  expect(LAMOST_PIXMASK.names(spectra!.mask![12]!)).toEqual(['BADPROFILE'])
  expect(spectra!.mask![11]).toBe(0)
})

test('medium resolution: an arm that a star lacks is bad, not absent', async () => {
  const arm = (name: string, first: number): HduInput => ({
    kind: 'table',
    name,
    columns: [
      { name: 'FLUX', values: vector(() => 7) },
      { name: 'IVAR', values: vector(() => 1) },
      { name: 'LOGLAM', values: vector((i) => (first + i) / 1e5) },
      { name: 'ANDMASK', values: new Int16Array(nPix) },
    ],
  })
  const primary: HduInput = { kind: 'image', name: 'Information', header: HEADER }
  const both = fitsFile('both.fits', [primary, arm('COADD_B', 368966), arm('COADD_R', 379740)])
  const blue = fitsFile('blue.fits', [primary, arm('COADD_B', 368966)])
  const [spectra] = await collect(lamostReader.read([blue, both], {}))
  const [b, r] = spectra!.meta.segments!
  const good = (row: number, { start, end }: Segment): number =>
    spectra!.ivar
      .subarray(row * spectra!.nPix + start, row * spectra!.nPix + end)
      .reduce((count, value) => count + (value > 0 ? 1 : 0), 0)
  expect([good(0, b!), good(0, r!), good(1, b!), good(1, r!)]).toEqual([40, 0, 40, 40])
})

test('kinds, frames and media are not mixed', async () => {
  const observed = fitsFile('b.fits', newLayout({ HELIO: false }))
  const error = await rejection(collect(lamostReader.read([fitsFile('a.fits', newLayout()), observed], {})))
  expect(error.code).toBe('surveys/kinds-differ')
  expect(error.message).toMatch(/b\.fits.*low resolution, observed frame, vacuum/)
  const one = await collect(lamostReader.read([observed], {}))
  expect(one[0]!.meta.frame).toBe('observed')
})

test('what is not LAMOST, and what is damaged, says so', async () => {
  const other = fitsFile('x.fits', [{ kind: 'image', data: new Float32Array(8) }])
  expect(await rejection(collect(lamostReader.read([other], {})))).toMatchObject({ code: 'surveys/not-lamost' })
  const off = newLayout()
  const table = off[1] as unknown as { columns: { values: Float32Array }[] }
  table.columns[2]!.values[20]! += 0.5
  const error = await rejection(collect(lamostReader.read([fitsFile('x.fits', off)], {})))
  expect(error.code).toBe('surveys/off-lattice')
  expect(error.message).toMatch(/pixel 20/)
  const exposures = await rejection(collect(lamostReader.read([fitsFile('x.fits', newLayout())], { exposures: true })))
  expect(exposures).toMatchObject({ code: 'surveys/options' })
})

test('files one by one give what they give together; pixels beyond the stretch are cut and told of', async () => {
  const seen = warnings()
  const files = [fitsFile('a.fits', newLayout()), fitsFile('b.fits', newLayout({ OBSID: 2 }, 35650))]
  const [both] = await collect(lamostReader.read(files, seen))
  const [second] = await collect(lamostReader.read([files[1]!], {}))
  expect(both!.flux.subarray(3930)).toEqual(second!.flux)
  expect(second!.flux[0]).toBe(20)
  expect(seen.list).toEqual([
    {
      code: 'surveys/pixels-cut',
      source: 'b.fits',
      message: '19 good pixels of b.fits lie beyond the wavelengths that rows of LAMOST have, and are left out',
    },
  ])
})
