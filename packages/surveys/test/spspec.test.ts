import { encodeFits } from '@astrolabel/io-fits'
import type { HduInput } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { SDSS_SPPIXMASK, sdssReader } from '@astrolabel/surveys'
import type { FileSource, SdssReadOptions } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, memoryFile, rejection, warnings } from './memory-source.js'

// No real spSpec file is among the shared data: these have the layout of the data model of DR7
// (classic.sdss.org/dr7/dm/flatFiles/spSpec.html) and the header words of its example.
interface SpSpec {
  readonly first: number
  readonly n?: number
  readonly rows?: number
  readonly plate?: number
  readonly header?: Record<string, number | string | undefined>
  readonly name?: string
  readonly data?: Float32Array
}

/** Pixel i: flux first + i, less its continuum 1, error 0.5 but 0 in pixel 1, mask BRIGHTSKY in pixel 2. */
function spSpec({ first, n = 4, rows = 5, plate = 266, header, name, data }: SpSpec): FileSource {
  const row = (index: number, i: number): number =>
    index === 0 ? first + i : index === 1 ? 1 : index === 2 ? (i === 1 ? 0 : 0.5) : index === 3 && i === 2 ? 1 << 23 : 0
  const image: HduInput = {
    kind: 'image',
    header: {
      // It says linear, and means log10.
      CTYPE1: 'linear',
      CRVAL1: first * 1e-4,
      CD1_1: 1e-4,
      COEFF0: first * 1e-4,
      COEFF1: 1e-4,
      'DC-FLAG': 1,
      BUNIT: '1.0E-17 erg/cm/s/Ang',
      RA: 145.9,
      DEC: 0.06,
      RAOBJ: 147.5,
      DECOBJ: -0.25,
      PLATEID: plate,
      MJD: 51_602,
      FIBERID: 31,
      VERS2D: 'v4_10_4',
      SPEC_CLN: 1,
      Z: -0.0005,
      Z_ERR: 0.00001,
      Z_WARNIN: 4,
      ...header,
    },
    shape: [rows, n],
    data: data ?? Float32Array.from({ length: rows * n }, (_, i) => row(Math.floor(i / n), i % n)),
  }
  return fitsFile(name ?? `spSpec-51602-0${plate}-031.fit`, [
    image,
    { kind: 'table', name: 'LINEZ', columns: [{ name: 'WAVE', values: Float32Array.of(6562.8) }] },
  ])
}

const read = async (files: FileSource | FileSource[], options: SdssReadOptions = {}): Promise<Spectra> =>
  (await collect(sdssReader.read([files].flat(), options)))[0]!
const number = (spectra: Spectra, name: string): number => columnNumbers(requireColumn(spectra.catalog, name))[0]!
const words = (spectra: Spectra, name: string): string[] => columnStrings(requireColumn(spectra.catalog, name))

test('rows of the primary image: flux, error as ivar, mask; logarithmic though the header says linear', async () => {
  const spectra = await read(spSpec({ first: 35_798 }))
  expect([spectra.starId, spectra.ra[0], spectra.dec[0]]).toEqual([['0266-51602-0031'], 147.5, -0.25])
  expect([...spectra.flux]).toEqual([35_798, 35_799, 35_800, 35_801])
  expect([...spectra.ivar]).toEqual([4, 0, 4, 4])
  expect([...spectra.mask!].map((bits) => SDSS_SPPIXMASK.names(bits))).toEqual([[], [], ['BRIGHTSKY'], []])
  expect(spectra.meta).toMatchObject({
    wavelength: { kind: 'log10', start: 3.5798, step: 1e-4, length: 4, medium: 'vacuum' },
    frame: 'barycentric',
    stage: 'raw',
    survey: 'sdss',
    release: 'v4_10_4',
    noise: 'measured',
    fluxUnit: '10**-17 erg/(s cm2 Angstrom)',
    maskBits: SDSS_SPPIXMASK.bits,
  })
  expect(pixelWavelengths(spectra.meta)[3]).toBeCloseTo(10 ** 3.5801, 9)
  expect(['PLATE', 'MJD', 'FIBERID'].map((name) => number(spectra, name))).toEqual([266, 51_602, 31])
  expect(words(spectra, 'CLASS')).toEqual(['STAR'])
  expect(number(spectra, 'v_rad')).toBeCloseTo(-149.896, 2)
  // Warnings of before DR8 have other bits than ZWARNING.
  expect([...requireColumn(spectra.catalog, 'ZWARNING').valid!]).toEqual([0])
})

test('on the lattice of spec files, with the same columns', async () => {
  const pixels = Float32Array.of(1, 2, 3)
  const spec = fitsFile('spec-0300-51602-0031.fits', [
    { kind: 'image', header: { PLATEID: 300, MJD: 51_602, FIBERID: 31 } },
    {
      kind: 'table',
      name: 'COADD',
      columns: [
        { name: 'flux', values: pixels },
        { name: 'loglam', values: pixels.map((v) => 3.5799 + v * 1e-4) },
        { name: 'ivar', values: pixels },
      ],
    },
  ])
  const seen = warnings()
  const spectra = await read([spSpec({ first: 35_798 }), spec], seen)
  expect([spectra.n, spectra.nPix, spectra.meta.wavelength]).toEqual([
    2,
    5,
    { kind: 'log10', start: 3.5798, step: 1e-4, length: 5, medium: 'vacuum' },
  ])
  expect([...spectra.flux]).toEqual([35_798, 35_799, 35_800, 35_801, 0, 0, 0, 1, 2, 3])
  expect([spectra.meta.release, seen.list]).toEqual(['v4_10_4', []])
  expect([...columnNumbers(requireColumn(spectra.catalog, 'PLATE'))]).toEqual([266, 300])
})

test('more files than are held are read in two passes, to the same', async () => {
  const files = [spSpec({ first: 36_000, plate: 300 }), spSpec({ first: 35_998, n: 3, plate: 400 })]
  const few = await read(files)
  const many = [...files, ...Array.from({ length: 1023 }, () => files[0]!)]
  const [batch] = await collect(sdssReader.read(many, { batchRows: 1000 }))
  expect(batch!.meta.wavelength).toEqual(few.meta.wavelength)
  expect([...batch!.flux.subarray(0, 12)]).toEqual([...few.flux])
})

test('objects by their class: late stars are stars, and what is not a star has no velocity', async () => {
  const found = async (code: number | undefined): Promise<[string, boolean]> => {
    const spectra = await read(spSpec({ first: 36_000, header: { SPEC_CLN: code } }))
    return [words(spectra, 'CLASS')[0]!, Number.isFinite(number(spectra, 'v_rad'))]
  }
  expect([await found(6), await found(2), await found(3), await found(5), await found(undefined)]).toEqual([
    ['STAR', true],
    ['GALAXY', false],
    ['QSO', false],
    ['SKY', false],
    ['', false],
  ])
})

test('without numbers in the header the name of the file serves, without COEFF0 the other words', async () => {
  const header = { PLATEID: undefined, MJD: undefined, FIBERID: undefined, COEFF0: undefined, COEFF1: undefined }
  const spectra = await read(spSpec({ first: 36_000, header, name: 'a/spSpec-52000-0455-007.fit' }))
  expect([spectra.starId, spectra.meta.wavelength]).toEqual([
    ['0455-52000-0007'],
    { kind: 'log10', start: 3.6, step: 1e-4, length: 4, medium: 'vacuum' },
  ])
})

test('bad values: errors that are negative or not finite, flux and masks that are not finite', async () => {
  const none = Number.NaN
  const rows = [
    [1, 2, none, 4],
    [0, 0, 0, 0],
    [-1, Infinity, 1, 1e-30],
    [0, none, 0, 65_536],
  ]
  const data = Float32Array.from(rows.flat())
  const spectra = await read(spSpec({ first: 36_000, rows: 4, data }))
  expect([[...spectra.flux], [...spectra.ivar], [...spectra.mask!]]).toEqual([
    [1, 2, 0, 4],
    [0, 0, 0, 0],
    [0, 0, 0, 65_536],
  ])
})

test('spectra on another step, plates, and files cut off are told', async () => {
  const off = await rejection(read(spSpec({ first: 36_000, header: { COEFF1: 1.5e-4 } })))
  expect([off.code, off.message]).toEqual([
    'surveys/off-lattice',
    expect.stringMatching(/spSpec-51602-0266-031.fit does not lie on the wavelengths of SDSS/),
  ])
  // spPlate files have the same words, and 640 rows.
  expect((await rejection(read(spSpec({ first: 36_000, rows: 9 })))).code).toBe('surveys/not-sdss')
  const image: HduInput = {
    kind: 'image',
    header: { COEFF0: 3.6, COEFF1: 1e-4 },
    shape: [5, 2000],
    data: new Float32Array(10_000),
  }
  const bytes = encodeFits([image])
  const cut = await rejection(read(memoryFile('spSpec-1-2-3.fit', bytes.slice(0, bytes.length - 20_000))))
  expect([cut.code, cut.message]).toEqual(['fits/truncated', expect.stringContaining('spSpec-1-2-3.fit')])
  const named = await rejection(read(spSpec({ first: 36_000 }), { columns: ['THING_ID'] }))
  expect([named.code, named.message]).toEqual([
    'surveys/no-column',
    expect.stringMatching(/spSpec-51602-0266-031.fit has no table about its object with a column THING_ID/),
  ])
})
