import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { encodeFits } from '@astrolabel/io-fits'
import type { Spectra } from '@astrolabel/spectra'
import { MAX_BATCH_ROWS, concatSpectra, makeSpectra, takeSpectra } from '@astrolabel/spectra'
import { readSpectraFile, writeSpectraFile } from '@astrolabel/spectra/node'
import { writeNpz } from '@astrolabel/surveys'
import { describe, expect, test } from 'vitest'
import { convertFile } from '../../src/formats/convert.ts'
import { readTable } from '../../src/formats/read-table.ts'
import { PYTHON, cells, plainSpectra, sampleSpectra, scratchFolder, shared, yieldAll } from './sample.ts'

const file = scratchFolder()

async function spectraOf(path: string): Promise<Spectra> {
  const batches: Spectra[] = []
  for await (const batch of readSpectraFile(path)) batches.push(batch)
  return concatSpectra(batches)
}

const explicit = {
  kind: 'explicit' as const,
  values: Array.from({ length: 24 }, (_, i) => 4000 + i + 0.1 * Math.sqrt(i)),
  medium: 'air' as const,
}
const GRIDS = {
  log10: {},
  explicit: { wavelength: explicit },
  segmented: {
    wavelength: { kind: 'segmented' as const, medium: 'vacuum' as const },
    segments: [
      {
        name: 'b',
        start: 0,
        end: 20,
        wavelength: { kind: 'linear' as const, start: 3600, step: 0.8, length: 20, medium: 'vacuum' as const },
      },
      {
        name: 'r',
        start: 20,
        end: 24,
        wavelength: { kind: 'explicit' as const, values: [3610, 3611.5, 3612, 3613.25], medium: 'vacuum' as const },
      },
    ],
  },
}

describe.each(Object.entries(GRIDS))('spectra on a %s grid', (name, meta) => {
  test.each(['npz', 'fits', 'fits.gz'])('go through .%s and come back the same', async (format) => {
    const spectra = sampleSpectra(7, meta)
    const [before, between, after] = [file(`${name}.arrow`), file(`${name}.${format}`), file(`${name}-${format}.arrow`)]
    await writeSpectraFile(before, yieldAll([spectra]))
    expect(await convertFile(before, between)).toEqual({ rows: 7, columns: 15, kind: 'spectra' })
    expect(await convertFile(between, after)).toEqual({ rows: 7, columns: 15, kind: 'spectra' })
    expect(plainSpectra(await spectraOf(after))).toEqual(plainSpectra(spectra))
  })
})

test('spectra with wavelengths of their own, and those without masks, go through .npz and .fits', async () => {
  const { mask: _, ...rest } = sampleSpectra(3, GRIDS.explicit)
  const spectra = makeSpectra({ ...rest, wave: Float64Array.from({ length: 72 }, (__, i) => 4000 + i + 1 / (i + 3)) })
  await writeSpectraFile(file('own.arrow'), yieldAll([spectra]))
  for (const format of ['npz', 'fits']) {
    await convertFile(file('own.arrow'), file(`own.${format}`))
    await convertFile(file(`own.${format}`), file('own-back.arrow'))
    expect(plainSpectra(await spectraOf(file('own-back.arrow'))), format).toEqual(plainSpectra(spectra))
  }
})

test('batches where only some have missing values are one file', async () => {
  const n = MAX_BATCH_ROWS + 3
  const all = sampleSpectra(n)
  const rows = [
    ...Array.from({ length: n }, (_, i) => i).filter((i) => i % 5 !== 4),
    ...Array.from({ length: n }, (_, i) => i).filter((i) => i % 5 === 4),
  ]
  const spectra = takeSpectra(all, rows)
  await writeSpectraFile(file('long.arrow'), yieldAll([spectra]))
  for (const format of ['npz', 'fits', 'arrow']) {
    const steps: number[] = []
    await convertFile(file('long.arrow'), file(`long-copy.${format}`), { onProgress: (done) => steps.push(done) })
    expect(steps).toEqual([MAX_BATCH_ROWS, n])
    await convertFile(file(`long-copy.${format}`), file('long-back.arrow'))
    expect(plainSpectra(await spectraOf(file('long-back.arrow'))), format).toEqual(plainSpectra(spectra))
  }
})

test('an archive has the arrays that the documentation names', async () => {
  const spectra = sampleSpectra(5)
  await writeSpectraFile(file('named.arrow'), yieldAll([spectra]))
  await convertFile(file('named.arrow'), file('named.npz'))
  const table = await readTable(file('named.npz'))
  expect([...table.columns.keys()]).toEqual([
    'star_id',
    'ra',
    'dec',
    'snr',
    'teff',
    'fe_h',
    'teff_err',
    'fe_h_err',
    'TARGETID',
    'flags',
    'variable',
    'colours',
    'field',
  ])
  expect(cells(table.columns.get('teff')!)[4]).toBe(null)
  expect(table.columns.get('TARGETID')!.values).toEqual(spectra.catalog.columns.get('TARGETID')!.values)
})

test('a catalogue of spectra comes without the spectra', async () => {
  const spectra = sampleSpectra(4)
  await writeSpectraFile(file('stars.arrow'), yieldAll([takeSpectra(spectra, [0, 1]), takeSpectra(spectra, [2, 3])]))
  const table = await readTable(file('stars.arrow'))
  expect([...table.columns.keys()]).toEqual([
    'star_id',
    'ra',
    'dec',
    'snr',
    'TARGETID',
    'teff',
    'teff_err',
    'fe_h',
    'flags',
    'variable',
    'colours',
    'field',
  ])
  expect(cells(table.columns.get('dec')!)).toEqual([-20, -20 + 1 / 7, null, -20 + 3 / 7])
  // A view on the record batch would keep the matrices in memory.
  expect((table.columns.get('snr')!.values as Float32Array).buffer.byteLength).toBe(16)
})

test('spectra do not go into a table, their scalar columns do', async () => {
  await writeSpectraFile(file('s.arrow'), yieldAll([sampleSpectra(3)]))
  for (const format of ['csv', 'parquet']) {
    await expect(convertFile(file('s.arrow'), file(`s.${format}`))).rejects.toMatchObject({
      code: 'formats/spectra',
      message: expect.stringMatching(/\.npz, \.arrow or \.fits.*--columns/) as string,
    })
    expect(
      await convertFile(file('s.arrow'), file(`s.${format}`), { columns: ['star_id', 'TARGETID', 'teff'] }),
    ).toEqual({ rows: 3, columns: 3, kind: 'table' })
  }
  expect(readFileSync(file('s.csv'), 'utf8').split('\n').slice(0, 2)).toEqual([
    'star_id,TARGETID,teff',
    'star-0,39633320893744501,5000',
  ])
  expect(await convertFile(file('s.arrow'), file('s-few.arrow'), { columns: ['flux', 'teff'] })).toMatchObject({
    columns: 8,
    kind: 'spectra',
  })
  expect([...(await spectraOf(file('s-few.arrow'))).catalog.columns.keys()]).toEqual(['teff'])
})

test('an archive that someone else wrote becomes spectra when it has flux and wavelength, else a table', async () => {
  const flux = { shape: [2, 30], data: Float64Array.from({ length: 60 }, (_, i) => (i === 5 ? Number.NaN : 1)) }
  const sigma = { shape: [2, 30], data: new Float64Array(60).fill(0.1) }
  const labels = new Map([
    ['labels', { shape: [2, 2], data: Float64Array.of(5000, 0.1, 6000, -9999) }],
    ['label_names', { shape: [2], data: ['TEFF', 'FEH'] }],
  ])
  writeFileSync(
    file('foreign.npz'),
    writeNpz(
      new Map([
        ['flux', flux],
        ['sigma', sigma],
        ['wavelength', { shape: [30], data: Float64Array.from({ length: 30 }, (_, i) => 5000 + i) }],
        ...labels,
      ]),
    ),
  )
  expect(await convertFile(file('foreign.npz'), file('foreign.arrow'))).toMatchObject({ rows: 2, kind: 'spectra' })
  const spectra = await spectraOf(file('foreign.arrow'))
  expect([spectra.meta.wavelength, spectra.ivar[5], spectra.flux[5]]).toEqual([
    { kind: 'linear', start: 5000, step: 1, length: 30, medium: 'vacuum' },
    0,
    0,
  ])
  writeFileSync(
    file('nowave.npz'),
    writeNpz(new Map([['flux', flux], ...labels, ['pivots', { shape: [3], data: Float64Array.of(1, 2, 3) }]])),
  )
  const warnings: string[] = []
  expect(
    await convertFile(file('nowave.npz'), file('nowave.arrow'), { onWarning: ({ message }) => warnings.push(message) }),
  ).toEqual({ rows: 2, columns: 4, kind: 'table' })
  expect(warnings).toEqual(['Arrays without 2 rows are left out: pivots (3)'])
  const table = await readTable(file('nowave.npz'))
  expect([...table.columns.keys()]).toEqual(['star_id', 'teff', 'fe_h'])
  expect(cells(table.columns.get('fe_h')!)).toEqual([0.1, null])
})

test.skipIf(PYTHON === undefined)('an archive whose pixels were changed is read as one of someone else', async () => {
  await writeSpectraFile(file('c.arrow'), yieldAll([sampleSpectra(2)]))
  await convertFile(file('c.arrow'), file('c.npz'))
  const python = [
    'import sys, numpy as np',
    'z = dict(np.load(sys.argv[1]))',
    "z = {k: (v[..., 4:] if k in ('flux', 'ivar', 'mask') or k == 'wavelength' else v) for k, v in z.items()}",
    'np.savez(sys.argv[1], **z)',
  ].join('\n')
  execFileSync(PYTHON!, ['-c', python, file('c.npz')])
  await convertFile(file('c.npz'), file('c-back.arrow'))
  const spectra = await spectraOf(file('c-back.arrow'))
  expect([spectra.nPix, spectra.starId, spectra.meta.survey]).toEqual([20, ['star-0', 'star-1'], 'npz'])
})

test('a conversion that fails leaves no file', async () => {
  await writeSpectraFile(file('greek.arrow'), yieldAll([{ ...sampleSpectra(2), starId: ['α', 'β'] }]))
  await expect(convertFile(file('greek.arrow'), file('out/greek.fits'))).rejects.toMatchObject({
    code: 'fits/bad-input',
  })
  const stop = new AbortController()
  await expect(
    convertFile(file('greek.arrow'), file('out/greek.npz'), {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    }),
  ).resolves.toMatchObject({ rows: 2 })
  await writeSpectraFile(file('many.arrow'), yieldAll([sampleSpectra(3), sampleSpectra(3)]))
  const second = new AbortController()
  await expect(
    convertFile(file('many.arrow'), file('out/copy.arrow'), {
      signal: second.signal,
      onProgress: () => second.abort(new Error('enough')),
    }),
  ).rejects.toThrow('enough')
  expect(readdirSync(dirname(file('out/x')))).toEqual(['greek.npz'])
})

describe('FITS images', () => {
  const header = { CRVAL1: 3540.5, CDELT1: 0.9, CRPIX1: 1 }
  const line = Float32Array.from({ length: 40 }, (_, i) => (i === 3 ? Number.NaN : i / 7))

  test('of one axis become wavelength and flux, or pixel and value', async () => {
    writeFileSync(file('line.fits'), encodeFits([{ kind: 'image', header, data: line }]))
    expect(await convertFile(file('line.fits'), file('line.csv'))).toEqual({ rows: 40, columns: 2, kind: 'image' })
    expect(readFileSync(file('line.csv'), 'utf8').split('\n').slice(0, 5)).toEqual([
      'wavelength,flux',
      '3540.5,0',
      '3541.4,0.14285715',
      '3542.3,0.2857143',
      '3543.2,',
    ])
    await convertFile(file('line.fits'), file('line.npz'))
    expect(await convertFile(file('line.npz'), file('line.arrow'))).toMatchObject({ rows: 1, kind: 'spectra' })
    expect((await spectraOf(file('line.arrow'))).meta.wavelength).toEqual({
      kind: 'linear',
      start: 3540.5,
      step: 0.9,
      length: 40,
      medium: 'vacuum',
    })
    writeFileSync(file('pixels.fits'), encodeFits([{ kind: 'image', data: Int16Array.of(5, 6) }]))
    await convertFile(file('pixels.fits'), file('pixels.csv'))
    expect(readFileSync(file('pixels.csv'), 'utf8')).toBe('pixel,value\n0,5\n1,6\n')
  })

  test.each([
    [{ CTYPE1: 'LOG-LINEAR', CRVAL1: 4.179, CDELT1: 6e-6, 'DC-FLAG': 1 }, (i: number) => 10 ** (4.179 + 6e-6 * i)],
    [{ COEFF0: 3.5794, COEFF1: 1e-4 }, (i: number) => 10 ** (3.5794 + 1e-4 * i)],
    [{ CTYPE1: 'WAVE', CUNIT1: 'nm', CRVAL1: 500, CD1_1: 0.1, CRPIX1: 3 }, (i: number) => 10 * (500 + 0.1 * (i - 2))],
    [{ CTYPE1: 'WAVE-LOG', CRVAL1: 5000, CDELT1: 2 }, (i: number) => 5000 * Math.exp((2 * i) / 5000)],
    [{ CTYPE1: 'RA---TAN', CRVAL1: 10, CDELT1: 0.1 }, undefined],
  ])('%j say where pixels lie', async (cards, expected) => {
    writeFileSync(file('wcs.fits'), encodeFits([{ kind: 'image', header: cards, data: line }]))
    await convertFile(file('wcs.fits'), file('wcs.arrow'))
    const table = await readTable(file('wcs.arrow'))
    const position = table.columns.get(expected === undefined ? 'pixel' : 'wavelength')!
    for (const i of [0, 1, 39]) expect(position.values[i]).toBeCloseTo(expected === undefined ? i : expected(i), 6)
  })

  test('of two axes go into an archive only, and back into FITS', async () => {
    writeFileSync(file('plane.fits'), encodeFits([{ kind: 'image', name: 'SKY', header, shape: [4, 10], data: line }]))
    expect(await convertFile(file('plane.fits'), file('plane.npz'))).toEqual({ rows: 4, columns: 10, kind: 'image' })
    await convertFile(file('plane.fits'), file('plane-copy.fits'), { hdu: 'sky' })
    expect(readFileSync(file('plane-copy.fits')).subarray(2880)).toEqual(
      readFileSync(file('plane.fits')).subarray(2880),
    )
    await expect(convertFile(file('plane.fits'), file('plane.csv'))).rejects.toMatchObject({
      code: 'formats/image',
      message: expect.stringContaining('.npz') as string,
    })
    expect(readdirSync(dirname(file('x')))).not.toContain('plane.csv')
  })
})

describe('survey files', () => {
  const coadd = shared('desi/coadd-5-169-thru20210419.fits')
  const allStar = shared('apogee/APOGEE-allStar-v603-Hipparcos.fits.gz')
  const sdss = shared('sdss/spec-0266-51602-0031.fits')
  const params = shared('miles/MILES_params.db')
  const names = shared('miles/paramsMILES_v9.1.txt')
  const binary = shared('cannon/apogee_kurucz_giants_train.npz')

  test.skipIf(!coadd.exists)(
    'DESI: the first table is converted and the others are named; 64-bit identifiers stay exact',
    async () => {
      const warnings: string[] = []
      const converted = await convertFile(coadd.path, file('fibermap.csv'), {
        columns: ['TARGETID', 'TARGET_RA'],
        onWarning: ({ message }) => warnings.push(message),
      })
      expect(converted).toEqual({ rows: 5, columns: 2, kind: 'table' })
      expect(warnings[0]).toMatch(
        /HDU 1 FIBERMAP is converted, choose another with --hdu: 1 FIBERMAP, 2 EXP_FIBERMAP, 3 B_WAVELENGTH/,
      )
      const table = await readTable(coadd.path)
      expect((await readTable(file('fibermap.csv'))).columns.get('TARGETID')!.values).toEqual(
        table.columns.get('TARGETID')!.values,
      )
      expect(await convertFile(coadd.path, file('b.csv'), { hdu: '3' })).toEqual({
        rows: 2751,
        columns: 2,
        kind: 'image',
      })
    },
  )

  test.skipIf(!allStar.exists)('APOGEE: allStar is recognised, its labels get canonical names', async () => {
    const table = await readTable(allStar.path)
    expect(['teff', 'teff_err', 'logg', 'm_h', 'v_rad', 'RA', 'DEC'].every((name) => table.columns.has(name))).toBe(
      true,
    )
    const few = await readTable(allStar.path, { columns: ['apogee_id', 'teff'] })
    expect([...few.columns.keys()]).toEqual(['APOGEE_ID', 'teff'])
    expect((await readTable(allStar.path, { canonical: false, columns: ['APOGEE_ID', 'TEFF'] })).n).toBe(3244)
  })

  test.skipIf(!sdss.exists)('SDSS: a spectrum is a table, another HDU the catalogue entry', async () => {
    const coaddTable = await readTable(sdss.path)
    expect([...coaddTable.columns.keys()].slice(0, 3)).toEqual(['flux', 'loglam', 'ivar'])
    expect((await readTable(sdss.path, { hdu: 2 })).n).toBe(1)
    await expect(readTable(sdss.path, { hdu: 'NOPE' })).rejects.toMatchObject({ code: 'fits/no-hdu' })
  })

  test.skipIf(!params.exists || !names.exists)('MILES: both parameter files name the stars as spectra do', async () => {
    const table = await readTable(params.path)
    expect([...table.columns.keys()]).toEqual(['star_id', 'number', 'teff', 'logg', 'fe_h'])
    expect(cells(table.columns.get('star_id')!)[0]).toBe('m0081V')
    expect([...(await readTable(names.path)).columns.keys()]).toEqual([
      'star_id',
      'number',
      'name',
      'spectral_type',
      'teff',
      'logg',
      'fe_h',
    ])
  })

  test.skipIf(!binary.exists)(
    'an archive of 900 real spectra goes to Arrow and its labels read as a catalogue',
    async () => {
      expect(await convertFile(binary.path, file('giants.arrow'))).toMatchObject({ rows: 900, kind: 'spectra' })
      const table = await readTable(file('giants.arrow'), { columns: ['star_id', 'TEFF', 'mg_fe_err'] })
      expect([...table.columns.keys()]).toEqual(['star_id', 'teff', 'mg_fe_err'])
      expect(cells((await readTable(binary.path, { columns: ['TEFF'] })).columns.get('teff')!)).toEqual(
        cells(table.columns.get('teff')!),
      )
    },
  )
})
