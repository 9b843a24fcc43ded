import { readFileSync } from 'node:fs'
import { columnNumbers, requireColumn } from '@astrolabel/spectra'
import { bytesSource, encodeFits } from '@astrolabel/io-fits'
import type { HduInput } from '@astrolabel/io-fits'
import { DESI_SPECMASK, desiReader } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, memoryFile, rejection, warnings } from './memory-source.js'

const bytes = new Uint8Array(readFileSync(new URL('golden/coadd-small.fits', import.meta.url)))
const coadd = memoryFile('coadd-small.fits', bytes)

test('a coadd that astropy wrote: arms side by side, sky left out, identifiers to the last digit', async () => {
  const seen = warnings()
  const [batch] = await collect(desiReader.read([coadd], seen))
  expect(batch!.starId).toEqual(['39633297352951412', '39633300968442591', '39633345008634465'])
  expect([...batch!.ra]).toEqual([10.5, 20.25, 359.125])
  expect([...batch!.dec]).toEqual([-5.5, 0, 89.5])
  expect(batch!.nPix).toBe(16)
  expect([...batch!.flux.subarray(0, 16)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 100, 101, 102, 103, 104, 105, 106, 107])
  expect([...batch!.flux.subarray(32)]).toEqual([
    24, 25, 26, 27, 28, 29, 30, 31, 124, 125, 126, 127, 128, 129, 130, 131,
  ])
  expect(batch!.meta).toMatchObject({
    survey: 'desi',
    release: 'iron',
    frame: 'barycentric',
    noise: 'measured',
    fluxUnit: '10**-17 erg/(s cm2 Angstrom)',
    wavelength: { kind: 'segmented', medium: 'vacuum' },
  })
  expect(batch!.meta.segments).toEqual([
    {
      name: 'B',
      start: 0,
      end: 8,
      wavelength: { kind: 'linear', start: 3600, step: 0.8, length: 8, medium: 'vacuum' },
    },
    {
      name: 'R',
      start: 8,
      end: 16,
      wavelength: { kind: 'linear', start: 3604, step: 0.8, length: 8, medium: 'vacuum' },
    },
  ])
  expect(seen.list).toEqual([
    {
      code: 'surveys/sky-fibres',
      source: 'coadd-small.fits',
      message: '1 of 4 fibres look at the sky and are left out',
    },
  ])
})

test('bad values become ivar 0, masks keep bit 31', async () => {
  const [batch] = await collect(desiReader.read([coadd], {}))
  expect([batch!.flux[18], batch!.ivar[18]]).toEqual([0, 0])
  expect([batch!.flux[39], batch!.ivar[39]]).toEqual([31, 0])
  expect([...batch!.ivar].filter((value) => value === 0)).toHaveLength(2)
  expect(DESI_SPECMASK.names(batch!.mask![1]!)).toEqual(['COSMIC', 'bit 31'])
  expect(batch!.mask!.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0)).toBe(1)
})

test('columns on request, missing ones listed', async () => {
  const [batch] = await collect(desiReader.read([coadd], { columns: ['flux_g'] }))
  expect([...batch!.catalog.columns.keys()]).toEqual(['TARGETID', 'TARGET_RA', 'TARGET_DEC', 'OBJTYPE', 'FLUX_G'])
  expect([...columnNumbers(requireColumn(batch!.catalog, 'FLUX_G'))]).toEqual([1.5, Number.NaN, 7.25])
  expect((await rejection(collect(desiReader.read([coadd], { columns: ['TSNR2'] })))).message).toMatch(
    /has no column TSNR2: expected one of TARGETID, TARGET_RA/,
  )
})

test('all fibres on request, in batches that add up', async () => {
  const [whole] = await collect(desiReader.read([coadd], { drop: 'none' }))
  expect(whole!.starId).toHaveLength(4)
  const batches = await collect(desiReader.read([coadd, coadd], { drop: 'none', batchRows: 3 }))
  expect(batches.map((batch) => batch.n)).toEqual([3, 1, 3, 1])
  expect([...batches[0]!.flux, ...batches[1]!.flux]).toEqual([...whole!.flux])
})

test('fibres that are neither target nor sky are told, and left out on request', async () => {
  const file = fitsFile('x', [
    { kind: 'image' },
    {
      kind: 'table',
      name: 'FIBERMAP',
      columns: [
        { name: 'TARGETID', values: BigInt64Array.of(-5n, 7n) },
        { name: 'OBJTYPE', values: ['', 'TGT'] },
      ],
    },
    { kind: 'image', name: 'B_WAVELENGTH', shape: [2], data: Float64Array.of(1, 2) },
    { kind: 'image', name: 'B_FLUX', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    { kind: 'image', name: 'B_IVAR', shape: [2, 2], data: Float32Array.of(1, 1, 1, 1) },
  ])
  const seen = warnings()
  expect((await collect(desiReader.read([file], seen)))[0]!.starId).toEqual(['-5', '7'])
  expect(seen.codes()).toEqual(['surveys/not-targets'])
  expect((await collect(desiReader.read([file], { drop: 'not-targets' })))[0]!.starId).toEqual(['7'])
})

test('only the rows kept are read', async () => {
  const n = 600
  const types = Array.from({ length: n }, (_, i) => (i % 100 === 7 ? 'TGT' : 'SKY'))
  const matrix = (name: string): HduInput => ({
    kind: 'image',
    name,
    shape: [n, 1000],
    data: new Float32Array(1000 * n).map((_, i) => Math.floor(i / 1000)),
  })
  const file = encodeFits([
    { kind: 'image' },
    {
      kind: 'table',
      name: 'FIBERMAP',
      columns: [
        { name: 'TARGETID', values: BigInt64Array.from(types, (_, i) => BigInt(i)) },
        { name: 'OBJTYPE', values: types },
      ],
    },
    { kind: 'image', name: 'B_WAVELENGTH', shape: [1000], data: new Float64Array(1000).map((_, i) => 3600 + 0.8 * i) },
    matrix('B_FLUX'),
    matrix('B_IVAR'),
  ])
  const inner = bytesSource(file)
  let read = 0
  const source = {
    name: 'x',
    open: () =>
      Promise.resolve({
        ...inner,
        read: (offset: number, length: number) => ((read += length), inner.read(offset, length)),
      }),
  }
  const [batch] = await collect(desiReader.read([source], {}))
  expect(batch!.starId).toEqual(['7', '107', '207', '307', '407', '507'])
  expect(Array.from({ length: 6 }, (_, row) => batch!.flux[row * 1000 + 999])).toEqual([7, 107, 207, 307, 407, 507])
  expect(read).toBeLessThan(file.length / 4)
})

test('without masks, or with one that cannot be read, the bits are 0', async () => {
  const row = (name: string, data: Float32Array): HduInput => ({ kind: 'image', name, shape: [1, 2], data })
  const plain: HduInput[] = [
    { kind: 'image' },
    { kind: 'table', name: 'FIBERMAP', columns: [{ name: 'TARGETID', values: BigInt64Array.of(7n) }] },
    { kind: 'image', name: 'B_WAVELENGTH', shape: [2], data: Float64Array.of(1, 2) },
    row('B_FLUX', Float32Array.of(1, 2)),
    row('B_IVAR', Float32Array.of(1, 1)),
  ]
  const mask: HduInput = { kind: 'table', name: 'B_MASK', columns: [{ name: 'x', values: Float64Array.of(1) }] }
  const seen = warnings()
  const [one, two] = await collect(desiReader.read([fitsFile('a', plain), fitsFile('b', [...plain, mask])], seen))
  expect([...one!.mask!, ...two!.mask!]).toEqual([0, 0, 0, 0])
  expect(one!.meta.wavelength).toMatchObject({ kind: 'linear', length: 2 })
  expect(seen.list).toEqual([
    { code: 'surveys/mask-unreadable', source: 'b', message: expect.stringContaining('B_MASK is left out') },
  ])
})

test('files with other arms are refused with both names, other files say what is missing', async () => {
  const other = fitsFile('other.fits', [
    { kind: 'image' },
    { kind: 'table', name: 'FIBERMAP', columns: [{ name: 'TARGETID', values: BigInt64Array.of(7n) }] },
    ...['WAVELENGTH', 'FLUX', 'IVAR'].map((part): HduInput => ({
      kind: 'image',
      name: `Z_${part}`,
      shape: part === 'WAVELENGTH' ? [2] : [1, 2],
      data: Float64Array.of(7520, 7520.8),
    })),
  ])
  const error = await rejection(collect(desiReader.read([coadd, other], {})))
  expect([error.code, error.message]).toEqual([
    'surveys/grids-differ',
    expect.stringMatching(/coadd-small.fits and other.fits .* expected 8 pixels.* \+ 8 pixels/),
  ])
  const table = fitsFile('redrock.fits', [
    { kind: 'image' },
    { kind: 'table', name: 'REDSHIFTS', columns: [{ name: 'Z', values: Float64Array.of(1) }] },
  ])
  expect((await rejection(collect(desiReader.read([table], {})))).message).toMatch(
    /redrock.fits has no spectra of DESI: got PRIMARY, REDSHIFTS, expected B_WAVELENGTH/,
  )
})

test('a file that was cut off is not taken for one of fewer arms', async () => {
  const image = (name: string, shape: readonly number[], size: number): HduInput => ({
    kind: 'image',
    name,
    shape: [...shape],
    data: Float64Array.from({ length: size }, (_, i) => 3600 + i),
  })
  const whole = encodeFits([
    { kind: 'image' },
    { kind: 'table', name: 'FIBERMAP', columns: [{ name: 'TARGETID', values: BigInt64Array.of(7n) }] },
    image('B_WAVELENGTH', [400], 400),
    image('B_FLUX', [1, 400], 400),
    image('B_IVAR', [1, 400], 400),
    image('B_RESOLUTION', [1, 11, 400], 4400),
  ])
  const file = memoryFile('coadd-cut.fits', whole.subarray(0, whole.length - 2880))
  const error = await rejection(collect(desiReader.read([file], {})))
  expect([error.code, error.message]).toEqual([
    'surveys/cut-short',
    'coadd-cut.fits is cut short: got arms B, expected B, R, Z. Fetch the file again',
  ])
})
