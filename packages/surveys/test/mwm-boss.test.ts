import { columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { SDSS_SPPIXMASK, sdssReader } from '@astrolabel/surveys'
import type { FileSource, SdssReadOptions } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, rejection } from './memory-source.js'
import { mwmStar } from './mwm-source.js'
import type { Mwm } from './mwm-source.js'

const NONE: Mwm = { rows: 0, telescope: 'apo25m' }
const boss = (north: number, south: number, name?: string, more: Partial<Mwm> = {}): FileSource =>
  mwmStar({ rows: 1, telescope: 'apo25m' }, NONE, name, {
    north: { rows: north, telescope: 'apo25m', ...more },
    south: { rows: south, telescope: 'lco25m' },
  })
const read = async (files: FileSource | FileSource[], options: SdssReadOptions = {}): Promise<Spectra> =>
  (await collect(sdssReader.read([files].flat(), options)))[0]!
const words = (spectra: Spectra, name: string): string[] => columnStrings(requireColumn(spectra.catalog, name))

test('mwmStar of DR19: the BOSS spectra of both telescopes, on the lattice of SDSS, at rest', async () => {
  const spectra = await read(boss(1, 1))
  expect([spectra.starId, words(spectra, 'TELESCOPE'), words(spectra, 'RUN2D')]).toEqual([
    ['54321', '54321'],
    ['apo25m', 'lco25m'],
    ['v6_1_3', 'v6_1_3'],
  ])
  expect(spectra.meta).toMatchObject({
    wavelength: { kind: 'log10', start: 3.5523, step: 1e-4, length: 6, medium: 'vacuum' },
    frame: 'rest',
    stage: 'raw',
    survey: 'sdss',
    release: 'v6_1_3',
    noise: 'measured',
    fluxUnit: '10**-17 erg/(s cm2 Angstrom)',
    maskBits: SDSS_SPPIXMASK.bits,
  })
  expect([...spectra.flux.subarray(0, 6)]).toEqual([10, 10, 0, 10, 10, 10])
  expect([...spectra.ivar.subarray(0, 6)]).toEqual([4, 4, 0, 0, 4, 4])
  expect([...columnNumbers(requireColumn(spectra.catalog, 'v_rad'))]).toEqual([-12.5, -12.5])
  expect([...columnNumbers(requireColumn(spectra.catalog, 'ZWARNING'))]).toEqual([4, 4])
})

test('the visits of mwmVisit are rows of one star, and more files than are held read the same', async () => {
  const file = boss(3, 0, 'mwmVisit-0.6.0-54321.fits')
  const spectra = await read(file)
  expect([spectra.n, words(spectra, 'star_group'), [...spectra.flux].filter((_, i) => i % 6 === 0)]).toEqual([
    3,
    ['54321', '54321', '54321'],
    [10, 20, 30],
  ])
  const batches = await collect(
    sdssReader.read(
      Array.from({ length: 1025 }, () => file),
      { batchRows: 1000 },
    ),
  )
  expect(batches.map(({ n }) => n)).toEqual([1000, 1000, 1000, 75])
  expect(batches[0]!.meta.wavelength).toEqual(spectra.meta.wavelength)
})

test('a file without BOSS, with other wavelengths, and one beside spectra of another frame are told', async () => {
  const none = await rejection(read(boss(0, 0)))
  expect([none.code, none.message]).toEqual([
    'surveys/no-spectrum',
    expect.stringMatching(/mwmStar-0.6.0-54321.fits has no spectrum of BOSS: got spectra of APOGEE\/APO/),
  ])
  const off = await rejection(read(boss(1, 0, undefined, { header: { CRVAL: 3.55234, CDELT: 1e-4 } })))
  expect(off.code).toBe('surveys/off-lattice')
  const spec = fitsFile('spec-0300-51602-0031.fits', [
    { kind: 'image', header: { PLATEID: 300, MJD: 51_602, FIBERID: 31 } },
    {
      kind: 'table',
      name: 'COADD',
      columns: ['flux', 'ivar', 'loglam'].map((name) => ({ name, values: Float32Array.of(3.6, 3.6001) })),
    },
  ])
  const frames = await rejection(read([spec, boss(1, 0)]))
  expect([frames.code, frames.message]).toEqual([
    'surveys/grids-differ',
    expect.stringMatching(/differ in the frame of their wavelengths: got barycentric and rest/),
  ])
  expect((await rejection(read(boss(1, 0), { columns: ['Z'] }))).code).toBe('surveys/no-column')
})
