import { columnNumbers, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { npzReader, spectraFromNpz, writeNpz } from '@astrolabel/surveys'
import type { NpyArray } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, memoryFile, rejection, warnings } from './memory-source.js'

const f8 = (shape: number[], values: number[]): NpyArray => ({ shape, data: Float64Array.from(values) })
const text = (...values: string[]): NpyArray => ({ shape: [values.length], data: values })
const label = (spectra: Spectra, name: string): number[] => [...columnNumbers(requireColumn(spectra.catalog, name))]

const arrays = new Map<string, NpyArray>([
  ['wavelength', f8([4], [5000, 5001, 5002, 5003])],
  ['flux', f8([2, 4], [1, 2, Number.NaN, 4, -9999, 6, 7, 8])],
  ['sigma', f8([2, 4], [0.5, 0, 1, 1e10, 0.5, -1, Infinity, 0.25])],
  ['labels', f8([2, 2], [4800, -9999, 5000, -0.5])],
  ['label_names', text('TEFF', 'FE_H')],
  ['label_errors', f8([2, 2], [30, 0.1, 40, 0.2])],
  ['star_id', text('a', 'b')],
  ['MG_FE', f8([2], [0.1, Number.NaN])],
  ['scatter', f8([4], [0, 0, 0, 0])],
])

test('sigma becomes ivar, and every sentinel ivar 0', () => {
  const spectra = spectraFromNpz(arrays)
  expect([...spectra.ivar]).toEqual([4, 0, 0, 0, 0, 0, 0, 16])
  expect([...spectra.flux]).toEqual([1, 0, 0, 0, 0, 0, 0, 8])
  expect(spectra.starId).toEqual(['a', 'b'])
  expect(spectra.meta).toMatchObject({
    survey: 'npz',
    frame: 'rest',
    noise: 'measured',
    wavelength: { kind: 'linear', start: 5000, step: 1, length: 4, medium: 'vacuum' },
  })
})

test('labels travel under canonical names with their errors, fills are missing', () => {
  const { catalog } = spectraFromNpz(arrays)
  expect([...catalog.columns.keys()]).toEqual(['mg_fe', 'teff', 'fe_h', 'teff_err', 'fe_h_err'])
  expect(label(spectraFromNpz(arrays), 'fe_h')).toEqual([Number.NaN, -0.5])
  expect([...requireColumn(catalog, 'fe_h').valid!]).toEqual([0, 1])
  expect(label(spectraFromNpz(arrays), 'teff_err')).toEqual([30, 40])
  expect(requireColumn(catalog, 'teff').unit).toBe('K')
})

test('without errors the noise is unknown and ivar is 1', () => {
  const spectra = spectraFromNpz(new Map([...arrays].filter(([name]) => name !== 'sigma')))
  expect([...spectra.ivar]).toEqual([1, 1, 0, 1, 0, 1, 1, 1])
  expect(spectra.meta.noise).toBe('unknown')
  expect(spectra.snr.every(Number.isNaN)).toBe(true)
})

test('descending wavelengths are turned round with their pixels, log wavelengths are undone', () => {
  const spectra = spectraFromNpz(
    new Map([
      ['loglam', f8([3], [3.5002, 3.5001, 3.5])],
      ['flux', f8([1, 3], [1, 2, 3])],
      ['ivar', f8([1, 3], [4, 5, 6])],
    ]),
  )
  expect([...spectra.flux]).toEqual([3, 2, 1])
  expect([...spectra.ivar]).toEqual([6, 5, 4])
  expect(spectra.meta.wavelength).toEqual({ kind: 'log10', start: 3.5, step: 0.0001, length: 3, medium: 'vacuum' })
})

test('overlapping arms become segments, chips with gaps a list', () => {
  const row = (...starts: number[]): number[] =>
    starts.flatMap((start) => Array.from({ length: 20 }, (_, i) => start + i))
  const of = (wave: number[]): Spectra['meta'] =>
    spectraFromNpz(
      new Map([
        ['wave', f8([wave.length], wave)],
        ['flux', f8([wave.length], wave)],
      ]),
    ).meta
  const arms = of(row(3600, 3610))
  expect(arms.wavelength).toEqual({ kind: 'segmented', medium: 'vacuum' })
  expect(arms.segments).toMatchObject([
    { start: 0, end: 20, wavelength: { start: 3600 } },
    { start: 20, end: 40, wavelength: { start: 3610 } },
  ])
  expect(of(row(15000, 16000)).wavelength.kind).toBe('explicit')
  expect(() => of([3, 1, 2])).toThrow(/must be finite and ascend/)
})

test('wavelengths of each star are kept only where stars differ', () => {
  const same = spectraFromNpz(
    new Map([
      ['wavelength', f8([2, 2], [1, 2, 1, 2])],
      ['flux', f8([2, 2], [1, 1, 1, 1])],
    ]),
  )
  expect(same.wave).toBeUndefined()
  const other = spectraFromNpz(
    new Map([
      ['wavelength', f8([2, 2], [1, 2, 1, 3])],
      ['flux', f8([2, 2], [1, 1, 1, 1])],
    ]),
  )
  expect([...other.wave!]).toEqual([1, 2, 1, 3])
})

test('the reader gives the same in batches, across files, whatever their size', async () => {
  const n = 10
  const file = new Map<string, NpyArray>([
    ['wavelength', f8([3], [1, 2, 3])],
    [
      'flux',
      f8(
        [n, 3],
        Array.from({ length: 3 * n }, (_, i) => i + 1),
      ),
    ],
    ['ivar', f8([n, 3], new Array(3 * n).fill(1))],
    [
      'teff',
      f8(
        [n],
        Array.from({ length: n }, (_, i) => 4000 + i),
      ),
    ],
  ])
  const source = memoryFile('a/first.npz', writeNpz(file))
  const batches = await collect(npzReader.read([source], { batchRows: 4 }))
  expect(batches.map((batch) => batch.n)).toEqual([4, 4, 2])
  expect(batches.flatMap((batch) => [...batch.flux])).toEqual([...(file.get('flux')!.data as Float64Array)])
  expect(batches.flatMap((batch) => label(batch, 'teff'))).toEqual([...(file.get('teff')!.data as Float64Array)])
  expect(batches.flatMap((batch) => batch.starId)).toEqual(Array.from({ length: n }, (_, i) => String(i)))
  expect(batches[0]!.meta.history).toEqual([{ step: 'ingest', options: { reader: 'npz', files: 1 } }])
  const two = await collect(npzReader.read([source, memoryFile('b/second.npz', writeNpz(file))], {}))
  expect(two.map((batch) => batch.starId[1])).toEqual(['first:1', 'second:1'])
})

test('files on different grids are refused with both names', async () => {
  const on = (start: number): Uint8Array =>
    writeNpz(
      new Map([
        ['wavelength', f8([2], [start, start + 1])],
        ['flux', f8([1, 2], [1, 1])],
      ]),
    )
  const error = await rejection(
    collect(npzReader.read([memoryFile('one.npz', on(5000)), memoryFile('two.npz', on(6000))], {})),
  )
  expect(error.code).toBe('surveys/grids-differ')
  expect(error.message).toMatch(/one.npz and two.npz have different wavelengths: got 2 pixels, 6000–6001 Å/)
})

test('an archive without flux lists its arrays, misfits say both shapes, tiny units are told', async () => {
  expect(() => spectraFromNpz(new Map([['theta', f8([2, 3], [1, 2, 3, 4, 5, 6])]]))).toThrow(
    /holds no spectra: got theta \(2 × 3\)/,
  )
  expect(() => spectraFromNpz(new Map([...arrays, ['ivar', f8([2, 3], [1, 2, 3, 4, 5, 6])]]))).toThrow(
    /ivar does not fit flux: got \(2, 3\), expected \(2, 4\)/,
  )
  expect(() =>
    spectraFromNpz(
      new Map([
        ['flux', f8([1, 2], [1e-25, 2e-25])],
        ['sigma', f8([1, 2], [1e-26, 1e-26])],
      ]),
    ),
  ).toThrow(/do not fit single precision.*Scale flux and errors/)
  expect((await rejection(collect(npzReader.read([], {})))).code).toBe('surveys/no-files')
  expect(
    (await rejection(collect(npzReader.read([memoryFile('x.npz', new Uint8Array(9))], { batchRows: 2000 })))).message,
  ).toMatch(/Bad batch size: got 2000/)
})

test('a missing wavelength array numbers the pixels, with a warning', async () => {
  const seen = warnings()
  const [batch] = await collect(
    npzReader.read([memoryFile('x.npz', writeNpz(new Map([['flux', f8([1, 3], [1, 2, 3])]])))], seen),
  )
  expect(batch!.meta.wavelength).toMatchObject({ kind: 'linear', start: 0, step: 1, length: 3 })
  expect(seen.codes()).toEqual(['surveys/no-wavelength'])
})

test('signal to noise that a file gives is taken', () => {
  const spectra = spectraFromNpz(new Map([...arrays, ['snr', f8([2], [120, 60])]]))
  expect([...spectra.snr]).toEqual([120, 60])
  expect(spectra.catalog.columns.has('snr')).toBe(false)
})

test('an aborted signal stops the reader', async () => {
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  const source = memoryFile('x.npz', writeNpz(arrays))
  expect((await rejection(collect(npzReader.read([source, source], { signal: controller.signal })))).message).toBe(
    'enough',
  )
})
