import {
  concatSpectra,
  makeSpectra,
  makeTable,
  pixelCount,
  pixelWavelengths,
  sameWavelengths,
  signalToNoise,
  takeSpectra,
  wavelengths,
  withHistory,
} from '@astrolabel/spectra'
import type { LinearGrid, SpectraMeta } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caught } from './caught.js'
import { EVERY_COLUMN, everyColumn, exampleMeta, exampleSpectra } from './example-spectra.js'

const arm = (start: number, length: number): LinearGrid => ({
  kind: 'linear',
  start,
  step: 0.8,
  length,
  medium: 'vacuum',
})
const desi: SpectraMeta = exampleMeta(0, {
  wavelength: { kind: 'segmented', medium: 'vacuum' },
  segments: [
    { name: 'B', start: 0, end: 2751, wavelength: arm(3600, 2751) },
    { name: 'R', start: 2751, end: 5077, wavelength: arm(5760, 2326) },
    { name: 'Z', start: 5077, end: 7958, wavelength: arm(7520, 2881) },
  ],
})

test('the arms of DESI lie one after another: 7958 pixels', () => {
  expect(pixelCount(desi)).toBe(7958)
  const wave = pixelWavelengths(desi)
  expect(wave.subarray(0, 2751)).toEqual(wavelengths(arm(3600, 2751)))
  expect(wave.subarray(5077)).toEqual(wavelengths(arm(7520, 2881)))
  expect([wave[2750], wave[2751], wave[5076], wave[5077], wave[7957]].map((w) => w!.toFixed(1))).toEqual([
    '5800.0',
    '5760.0',
    '7620.0',
    '7520.0',
    '9824.0',
  ])
})

test('what is not given has a default', () => {
  const spectra = makeSpectra({
    meta: exampleMeta(2),
    starId: ['a', 'b'],
    flux: Float32Array.of(1, 2, 3, 4),
    ivar: Float32Array.of(4, 1, 0, 0),
  })
  expect(spectra).toMatchObject({ n: 2, nPix: 2, ra: Float64Array.of(Number.NaN, Number.NaN) })
  expect(spectra.snr).toEqual(Float32Array.of(2, Number.NaN))
  expect(spectra.catalog).toEqual({ n: 2, columns: new Map() })
  expect('mask' in spectra).toBe(false)
  expect('wave' in spectra).toBe(false)
})

test('without errors there is no signal to noise', () => {
  const spectra = exampleSpectra(2, 3, { meta: exampleMeta(3, { noise: 'unknown' }) })
  expect(spectra.snr).toEqual(new Float32Array(2).fill(Number.NaN))
})

test.each([
  ['flux', new Float32Array(5), '5 values, expected 2 stars × 3 pixels'],
  ['ivar', new Float32Array(7), '7 values, expected 2 stars × 3 pixels'],
  ['mask', new Uint32Array(2), '2 values, expected 2 stars × 3 pixels'],
  ['wave', new Float64Array(3), '3 values, expected 2 stars × 3 pixels'],
  ['ra', new Float64Array(1), '1 values, expected 2 stars'],
  ['dec', new Float64Array(3), '3 values, expected 2 stars'],
  ['snr', new Float32Array(6), '6 values, expected 2 stars'],
])('%s of another size is refused', (name, values, sizes) => {
  const error = caught(() => exampleSpectra(2, 3, { [name]: values }))
  expect(error.code).toBe('spectra/shape')
  expect(error.message).toBe(`${name} does not fit the spectra: got ${sizes}`)
})

test('a catalogue of another length is refused', () => {
  expect(caught(() => exampleSpectra(2, 3, { catalog: everyColumn })).message).toBe(
    'The catalogue does not fit the spectra: got 3 rows, expected 2 stars',
  )
})

test('signal to noise is the median of flux √ivar over good pixels', () => {
  const flux = Float32Array.of(1, 2, 3, 99, 4, 3, 2, 1, 5, 5, 5, 5)
  const ivar = Float32Array.of(1, 1, 1, 0, 4, 4, 4, 4, 0, 0, 0, 0)
  expect(signalToNoise(flux, ivar, 3, 4)).toEqual(Float32Array.of(2, 5, Number.NaN))
  expect(signalToNoise(Float32Array.of(-3), Float32Array.of(4), 1, 1)).toEqual(Float32Array.of(-6))
  expect(signalToNoise(new Float32Array(0), new Float32Array(0), 2, 0)).toEqual(Float32Array.of(Number.NaN, Number.NaN))
})

test('signal to noise does not see bad pixels nor the order of good ones', () => {
  const good = fc.array(fc.float({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 15 })
  fc.assert(
    fc.property(good, fc.array(fc.float({ noNaN: true }), { maxLength: 5 }), (values, bad) => {
      const flux = Float32Array.from([...bad, ...values.toReversed()])
      const ivar = Float32Array.from(flux, (_, i) => (i < bad.length ? 0 : 9))
      const alone = signalToNoise(Float32Array.from(values), new Float32Array(values.length).fill(9), 1, values.length)
      expect(signalToNoise(flux, ivar, 1, flux.length)).toEqual(alone)
    }),
  )
})

const full = exampleSpectra(3, 4, {
  mask: Uint32Array.from({ length: 12 }, (_, i) => 2 ** 31 + i),
  wave: Float64Array.from({ length: 12 }, (_, i) => 4000 + i / 3),
  catalog: everyColumn,
})

test('rows are taken with all that belongs to them', () => {
  const taken = takeSpectra(full, [2, 0])
  expect(taken).toMatchObject({ n: 2, nPix: 4, starId: ['star-2', 'star-0'] })
  expect(taken.flux).toEqual(Float32Array.of(...full.flux.subarray(8), ...full.flux.subarray(0, 4)))
  expect(taken.mask).toEqual(Uint32Array.of(...full.mask!.subarray(8), ...full.mask!.subarray(0, 4)))
  expect(taken.wave).toEqual(Float64Array.of(...full.wave!.subarray(8), ...full.wave!.subarray(0, 4)))
  expect(taken.ra).toEqual(Float64Array.of(Number.NaN, 10))
  expect(taken.snr).toEqual(Float32Array.of(full.snr[2]!, full.snr[0]!))
  expect(taken.catalog.columns.get('text')!.values).toEqual(['🔭 2M00', ''])
  expect(takeSpectra(full, [])).toMatchObject({ n: 0, flux: new Float32Array(0), starId: [] })
})

test.each([-1, 3, Number.NaN])('row %d of three is refused', (row) => {
  expect(caught(() => takeSpectra(full, [0, row])).message).toBe(
    `The spectra have no such row: got ${row}, expected 0 to 2`,
  )
})

test('batches put together are the whole they were taken from', () => {
  expect(concatSpectra([takeSpectra(full, [0]), takeSpectra(full, []), takeSpectra(full, [1, 2])])).toEqual(full)
  expect(concatSpectra([full])).toBe(full)
  expect(caught(() => concatSpectra([])).code).toBe('spectra/empty')
})

test.each([
  ['pixels', exampleSpectra(1, 5), 'Batches differ in their pixels: got 5, expected 4'],
  [
    'wavelengths',
    exampleSpectra(1, 4, { meta: exampleMeta(4, { wavelength: { ...arm(4000, 4), step: 1.1 } }) }),
    'Batches differ in their wavelengths',
  ],
  ['mask', exampleSpectra(1, 4, { mask: new Uint32Array(4) }), 'Some batches have mask and others do not'],
  ['wave', exampleSpectra(1, 4, { wave: new Float64Array(4) }), 'Some batches have wave and others do not'],
])('batches that differ in %s are refused', (_, batch, message) => {
  const plain = exampleSpectra(1, 4)
  const error = caught(() => concatSpectra([plain, batch]))
  expect(error.code).toBe('spectra/shape')
  expect(error.message).toContain(message)
  expect(caught(() => concatSpectra([batch, plain])).code).toBe('spectra/shape')
})

test('wavelengths are compared segment by segment', () => {
  expect(sameWavelengths(desi, { ...desi, stage: 'rest' })).toBe(true)
  expect(sameWavelengths(desi, { ...desi, segments: desi.segments!.slice(0, 2) })).toBe(false)
  const shifted = desi.segments!.map((segment) => ({ ...segment, wavelength: arm(3601, segment.end - segment.start) }))
  expect(sameWavelengths(desi, { ...desi, segments: shifted })).toBe(false)
  expect(sameWavelengths(desi, exampleMeta(7958))).toBe(false)
  expect(sameWavelengths(exampleMeta(7958), desi)).toBe(false)
})

test('history grows at its end, and the metadata it came from stays', () => {
  const meta = exampleMeta(2)
  const next = withHistory(meta, 'normalise', { width: 50 })
  expect(next.history).toEqual([...meta.history, { step: 'normalise', options: { width: 50 } }])
  expect(meta.history).toHaveLength(1)
})

test('no star at all is a batch too', () => {
  const none = exampleSpectra(0, 4, { catalog: makeTable(EVERY_COLUMN.slice(0, 0), 0) })
  expect(none).toMatchObject({ n: 0, nPix: 4, snr: new Float32Array(0) })
})
