import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { bytesSource, encodeFits } from '@astrolabel/io-fits'
import { columnNumbers, requireColumn } from '@astrolabel/spectra'
import { btsettlReader, nodeLabelsOf, phoenixReader, raggedGrid } from '@astrolabel/surveys'
import type { FileSource } from '@astrolabel/surveys'
import { readSurvey } from '@astrolabel/surveys/node'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBtSettl } from '../src/spectra/models/btsettl-text.ts'
import { collect, fitsFile, memoryFile, rejection, warnings } from './memory-source.js'

const LIBRARY = 'PHOENIX-ACES-AGSS-COND-2011'
// Piecewise, as the library's own wavelengths are.
const WAVE = Float64Array.from({ length: 60 }, (_, i) => (i < 30 ? 3000 + 0.1 * i : 3003 + 0.25 * (i - 30)))
const wave = fitsFile(`grid/WAVE_${LIBRARY}.fits`, [{ kind: 'image', data: WAVE, header: { UNIT: 'Angstrom' } }])

function model(name: string, header: Record<string, number | string> = {}, scale = 1e14): FileSource {
  const data = Float32Array.from(WAVE, (_, i) => scale * (1 + i))
  return fitsFile(`grid/${name}.${LIBRARY}-HiRes.fits`, [
    { kind: 'image', data, header: { BUNIT: 'erg/s/cm^2/cm', ...header } },
  ])
}
const SUN = { PHXTEFF: 5800, PHXLOGG: 4.5, PHXM_H: 0, PHXALPHA: 0 }
const sun = model('lte05800-4.50-0.0', SUN)

test.each([
  [`Z-0.0/lte05800-4.50-0.0.${LIBRARY}-HiRes.fits`, [5800, 4.5, 0, 0]],
  [`lte02300-0.00-4.0.Alpha=+1.20.${LIBRARY}-HiRes.fits`, [2300, 0, -4, 1.2]],
  [`lte12000+0.50+1.0.Alpha=-0.20.${LIBRARY}-HiRes.fits`, [12000, -0.5, 1, -0.2]],
  ['lte058.0-4.5-0.0a+0.0.BT-Settl.spec.7.gz', [5800, 4.5, 0, 0]],
  ['lte052.5-5.0-2.5a+0.2.BT-Settl.AGSS2009.7', [5250, 5, -2.5, 0.2]],
  ['lte030-3.5-0.5.BT-Settl.7', [3000, 3.5, -0.5, 0]],
])('labels in %s', (name, labels) => {
  const found = nodeLabelsOf(name)!
  expect([found.teff, found.logg, found.m_h, found.alpha_m]).toEqual(labels)
  expect(Object.is(found.m_h, -0)).toBe(false)
})

test('other names have no labels', () => {
  expect(nodeLabelsOf(`WAVE_${LIBRARY}.fits`)).toBeUndefined()
  expect(nodeLabelsOf('spec-0266-51602-0031.fits')).toBeUndefined()
})

test('PHOENIX: per Å, in vacuum and at rest, without errors', async () => {
  const [spectra] = await collect(phoenixReader.read([sun, wave], {}))
  expect(spectra!.starId).toEqual(['lte05800-4.50-0.0'])
  expect(spectra!.meta).toMatchObject({
    frame: 'rest',
    noise: 'unknown',
    fluxUnit: 'erg/(s cm2 Angstrom)',
    release: LIBRARY,
    wavelength: { kind: 'explicit', medium: 'vacuum' },
  })
  expect(spectra!.flux[2]! / 3e6).toBeCloseTo(1, 6)
  expect(spectra!.ivar.every((value) => value === 1)).toBe(true)
  expect(spectra!.snr[0]).toBeNaN()
  for (const [name, value] of Object.entries({ teff: 5800, logg: 4.5, m_h: 0, alpha_m: 0 }))
    expect([...columnNumbers(requireColumn(spectra!.catalog, name))]).toEqual([value])
})

test('a window reads its pixels and no others', async () => {
  const bytes = encodeFits([
    { kind: 'image', data: new Float32Array(200_000).fill(1e12), header: { ...SUN, BUNIT: 'erg/s/cm^2/cm' } },
  ])
  const long = encodeFits([{ kind: 'image', data: Float64Array.from({ length: 200_000 }, (_, i) => 3000 + i / 100) }])
  let read = 0
  const counting: FileSource = {
    name: `lte05800-4.50-0.0.${LIBRARY}-HiRes.fits`,
    open: async () => {
      const inner = bytesSource(bytes)
      const count = (offset: number, length: number): Promise<Uint8Array> => {
        read += length
        return inner.read(offset, length)
      }
      return { size: inner.size, read: count, close: () => inner.close() }
    },
  }
  const files = [memoryFile(`WAVE_${LIBRARY}.fits`, long), counting]
  const [spectra] = await collect(phoenixReader.read(files, { window: [4000, 4001] }))
  expect(spectra!.meta.wavelength).toMatchObject({ kind: 'linear', start: 4000, step: 0.01, length: 101 })
  expect(spectra!.meta.history[0]!.options).toMatchObject({ window: '4000 to 4001' })
  expect(read).toBeLessThan(100_000)
  const none = await rejection(collect(phoenixReader.read(files, { window: [100, 200] })))
  expect(none).toMatchObject({ code: 'surveys/options' })
  expect(none.message).toMatch(/3000 to 4999\.99/)
})

test('name and header that disagree: the file is left out, alone it is an error', async () => {
  const wrong = model('lte05900-4.50-0.0', SUN)
  const error = await rejection(collect(phoenixReader.read([wrong, wave], {})))
  expect(error).toMatchObject({ code: 'surveys/labels-differ' })
  expect(error.message).toMatch(/5900 and 5800/)
  const seen = warnings()
  const [spectra] = await collect(phoenixReader.read([wrong, wave, sun], seen))
  expect([spectra!.n, seen.codes()]).toEqual([1, ['surveys/file-failed']])
})

test('without its wavelengths, with others, or in another unit PHOENIX is refused', async () => {
  expect(await rejection(collect(phoenixReader.read([sun], {})))).toMatchObject({ code: 'surveys/no-wavelength' })
  const short = fitsFile(`WAVE_${LIBRARY}.fits`, [{ kind: 'image', data: WAVE.slice(1) }])
  expect(await rejection(collect(phoenixReader.read([short, sun], {})))).toMatchObject({ code: 'surveys/grids-differ' })
  const jansky = model('lte05800-4.50-0.0', { ...SUN, BUNIT: 'Jy' })
  expect(await rejection(collect(phoenixReader.read([wave, jansky], {})))).toMatchObject({ code: 'surveys/unit' })
})

test('a folder tree with gaps is a list of nodes; the wavelengths lie above it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'phoenix-'))
  try {
    const put = async (source: FileSource, ...folders: string[]): Promise<void> => {
      const bytes = await source.open()
      await mkdir(join(root, ...folders), { recursive: true })
      await writeFile(join(root, ...folders, source.name.replace('grid/', '')), await bytes.read(0, bytes.size))
    }
    await put(wave)
    await put(sun, LIBRARY, 'Z-0.0')
    await put(model('lte05900-4.50-0.0', { ...SUN, PHXTEFF: 5900 }), LIBRARY, 'Z-0.0')
    await put(
      model('lte05800-4.00-0.5.Alpha=+0.20', { PHXTEFF: 5800, PHXLOGG: 4, PHXM_H: -0.5, PHXALPHA: 0.2 }),
      LIBRARY,
      'Z-0.5.Alpha=+0.20',
    )
    const [all] = await collect(readSurvey('phoenix', [join(root, LIBRARY)]))
    const label = (name: string): Float64Array => columnNumbers(requireColumn(all!.catalog, name))
    const grid = raggedGrid({ teff: label('teff'), logg: label('logg'), m_h: label('m_h'), alpha_m: label('alpha_m') })
    expect([grid.n, grid.crossings]).toEqual([3, 16])
    expect(grid.axes.map((axis) => [...axis])).toEqual([
      [5800, 5900],
      [4, 4.5],
      [-0.5, 0],
      [0, 0.2],
    ])
    expect(grid.indexOf([5900, 4.5, 0, 0])).toBe(all!.starId.indexOf('lte05900-4.50-0.0'))
    expect(grid.indexOf([5900, 4, 0, 0])).toBe(-1)
    expect(grid.indexOf([5850, 4.5, 0, 0])).toBe(-1)
    const [cool] = await collect(readSurvey('phoenix', [root], { select: { teff: [5000, 5850], alpha_m: [0, 0] } }))
    expect(cool!.starId).toEqual(['lte05800-4.50-0.0'])
    const none = await rejection(collect(readSurvey('phoenix', [root], { select: { teff: [9000, 9900] } })))
    expect(none).toMatchObject({ code: 'surveys/no-stars' })
  } finally {
    await rm(root, { recursive: true })
  }
})

test('a ragged grid finds every node it was made of, and refuses two alike', () => {
  const node = fc.tuple(
    fc.integer({ min: 23, max: 70 }),
    fc.integer({ min: 0, max: 12 }),
    fc.integer({ min: -8, max: 2 }),
  )
  fc.assert(
    fc.property(fc.uniqueArray(node, { minLength: 1, maxLength: 60, selector: String }), (nodes) => {
      const grid = raggedGrid({
        teff: nodes.map(([t]) => t * 100),
        logg: nodes.map(([, g]) => Math.fround(g * 0.1)),
        m_h: nodes.map(([, , m]) => m * 0.25),
      })
      nodes.forEach(([t, g, m], row) => expect(grid.indexOf([t * 100, g * 0.1, m * 0.25])).toBe(row))
      expect(grid.crossings).toBeGreaterThanOrEqual(grid.n)
    }),
  )
  expect(() => raggedGrid({ teff: [5000, 5000], logg: [4, 4.00001] })).toThrow(/rows 0 and 1/)
  expect(() => raggedGrid({ teff: [5000], logg: [Number.NaN] })).toThrow(/logg/)
})

const BT = `  1.50003000000D+04 6.25000D+00 6.1D+00
  1.50001000000D+04-2.50000D+00-2.1D+00  H I   1.0
  1.50002000000D+04 0.00000D+00 0.1D+00
  1.50002000000D+04 9.00000D+00 0.1D+00
`
const bt = (name: string, text: string): FileSource => memoryFile(name, new TextEncoder().encode(text))

test('BT-Settl text: D exponents, columns that touch, unsorted rows, per Å', async () => {
  const gz = memoryFile('lte030.0-4.5-0.5a+0.2.BT-Settl.spec.7.gz', new Uint8Array(gzipSync(BT)))
  const [spectra] = await collect(btsettlReader.read([gz], {}))
  expect(spectra!.meta).toMatchObject({ frame: 'rest', noise: 'unknown', survey: 'btsettl', release: 'BT-Settl' })
  expect(spectra!.meta.wavelength).toMatchObject({ start: 15000.1, step: 0.1, length: 3, medium: 'vacuum' })
  ;[-10.5, -8, -1.75].forEach((log, i) => expect(Math.log10(spectra!.flux[i]!)).toBeCloseTo(log, 6))
  expect([...columnNumbers(requireColumn(spectra!.catalog, 'teff'))]).toEqual([3000])
  expect([...columnNumbers(requireColumn(spectra!.catalog, 'alpha_m'))]).toEqual([0.2])
})

test('BT-Settl numbers are read to the last digit', () => {
  const number = fc.tuple(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 17 }))
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), (numbers) => {
      const words = numbers.map(([x, digits]) => x.toExponential(digits))
      const text = words.map((word) => `${word.replace('e', 'D')} -1.5\n`).join('')
      const sorted = [...new Set(words.map(Number))].sort((a, b) => a - b)
      expect([...parseBtSettl(text, 'x').wave]).toEqual(sorted)
    }),
  )
})

test('BT-Settl models of different wavelengths carry their own, the shorter ends in bad pixels', async () => {
  const files = [
    bt('lte030-4.5-0.0.BT-Settl.7', BT),
    bt('lte031-4.5-0.0.BT-Settl.7', BT.split('\n').slice(1).join('\n')),
  ]
  const [spectra] = await collect(btsettlReader.read(files, { medium: 'air' }))
  expect([spectra!.nPix, spectra!.meta.wavelength.medium]).toEqual([3, 'air'])
  expect([...spectra!.wave!].slice(3, 5)).toEqual([15000.1, 15000.2])
  expect([...spectra!.ivar]).toEqual([1, 1, 1, 1, 1, 0])
  const [shared] = await collect(btsettlReader.read(files, { window: [15000, 15000.25] }))
  expect([shared!.nPix, shared!.wave]).toEqual([2, undefined])
})

test('BT-Settl: other files say what they are not', async () => {
  const stacked = bt('lte030-4.5-0.0.BT-Settl.spec', '  3000.0  4.5  0.0\n  120000\n')
  const error = await rejection(collect(btsettlReader.read([stacked], {})))
  expect(error).toMatchObject({ code: 'surveys/not-btsettl' })
  expect(error.message).toMatch(/line 2/)
  const xz = memoryFile('lte030-4.5-0.0.BT-Settl.7', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0))
  expect(await rejection(collect(btsettlReader.read([xz], {})))).toMatchObject({ code: 'surveys/packed' })
  expect(await rejection(collect(btsettlReader.read([bt('model.7', BT)], {})))).toMatchObject({
    code: 'surveys/no-labels',
  })
})

const npz = fileURLToPath(new URL('../../../../shared/data/model-grids/btsettl_apogee_h.npz', import.meta.url))
test.skipIf(!existsSync(npz))('the BT-Settl grid of shared data is ragged', async () => {
  const labels: Record<string, number[]> = { teff: [], logg: [], m_h: [] }
  let rows = 0
  for await (const batch of readSurvey('npz', [npz], { batchRows: 100 })) {
    rows += batch.n
    for (const name of Object.keys(labels)) labels[name]!.push(...columnNumbers(requireColumn(batch.catalog, name)))
  }
  const grid = raggedGrid(labels)
  expect([rows, grid.n]).toEqual([290, 290])
  expect(grid.crossings).toBeGreaterThan(grid.n)
  expect([grid.axes[0]!.at(0), grid.axes[0]!.at(-1)]).toEqual([2000, 3500])
})
