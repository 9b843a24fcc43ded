import {
  SPECTRA_FORMAT_VERSION,
  decodeIpc,
  encodeIpc,
  isLabelsSchema,
  isSpectraSchema,
  makeTable,
  requireColumn,
  spectraFromRecordBatch,
  spectraMetaOf,
  spectraToRecordBatch,
  tableFromRecordBatch,
  tableToRecordBatch,
} from '@astrolabel/spectra'
import type { Column, Spectra } from '@astrolabel/spectra'
import { RecordBatch, Schema } from 'apache-arrow'
import { expect, test } from 'vitest'
import { caught } from './caught.js'
import { everyColumn, exampleMeta, exampleSpectra } from './example-spectra.js'

const roundTrip = (spectra: Spectra): Spectra =>
  spectraFromRecordBatch(decodeIpc(encodeIpc([spectraToRecordBatch(spectra)]))[0]!)

const full = exampleSpectra(3, 4, {
  meta: exampleMeta(4, {
    fluxUnit: '1e-17 erg / (s cm2 Angstrom)',
    maskBits: [{ bit: 31, name: 'TOP' }],
    seed: 7,
  }),
  mask: Uint32Array.from({ length: 12 }, (_, i) => 2 ** 31 + i),
  wave: Float64Array.from({ length: 12 }, (_, i) => 4000 + i / 3),
  catalog: makeTable([...everyColumn.columns.values()].filter(({ unit }) => unit !== '')),
})

test('spectra with all they can have: there and back again', () => {
  expect(roundTrip(full)).toEqual(full)
})

test('spectra with as little as they can have', () => {
  const plain = exampleSpectra(2, 5)
  const back = roundTrip(plain)
  expect(back).toEqual(plain)
  expect('mask' in back).toBe(false)
})

test('segments come back, with pixels of several arms', () => {
  const spectra = exampleSpectra(2, 5, {
    meta: exampleMeta(0, {
      wavelength: { kind: 'segmented', medium: 'air' },
      segments: [
        { name: 'B', start: 0, end: 2, wavelength: { kind: 'explicit', values: [4000.1, 4001.3], medium: 'air' } },
        {
          name: 'R',
          start: 2,
          end: 5,
          wavelength: { kind: 'log10', start: 3.6, step: 1e-4, length: 3, medium: 'air' },
        },
      ],
    }),
  })
  expect(roundTrip(spectra)).toEqual(spectra)
})

test('no stars at all', () => {
  const none = exampleSpectra(0, 4, { mask: new Uint32Array(0) })
  expect(roundTrip(none)).toEqual(none)
})

test('matrices are not copied: the batch lies on the buffers of the spectra, and those on the buffers of the batch', () => {
  const batch = spectraToRecordBatch(full)
  const back = spectraFromRecordBatch(batch)
  for (const name of ['flux', 'ivar', 'mask', 'wave'] as const) {
    expect(batch.getChild(name)!.getChildAt(0)!.data[0]!.values.buffer).toBe(full[name]!.buffer)
    expect(back[name]!.buffer).toBe(full[name]!.buffer)
  }
  expect(back.snr.buffer).toBe(full.snr.buffer)
  const bytes = encodeIpc([batch])
  expect(spectraFromRecordBatch(decodeIpc(bytes)[0]!).flux.buffer).toBe(bytes.buffer)
})

test('columns lie in the order and types of the layout, with units', () => {
  const { schema } = spectraToRecordBatch(full)
  expect(schema.fields.slice(0, 9).map((field) => `${field.name}: ${String(field.type)}`)).toEqual([
    'star_id: Utf8',
    'ra: Float64',
    'dec: Float64',
    'flux: FixedSizeList[4]<Float32>',
    'ivar: FixedSizeList[4]<Float32>',
    'mask: FixedSizeList[4]<Uint32>',
    'wave: FixedSizeList[4]<Float64>',
    'snr: Float32',
    'f8: Float64',
  ])
  const units = schema.fields.slice(0, 9).map((field) => field.metadata.get('unit') ?? '')
  expect(units).toEqual(['', 'deg', 'deg', '1e-17 erg / (s cm2 Angstrom)', '', '', 'Angstrom', '', 'km/s'])
  expect(isSpectraSchema(schema)).toBe(true)
  expect(isLabelsSchema(schema)).toBe(false)
  expect(spectraMetaOf(schema)).toEqual(full.meta)
})

test('an unknown position is null in the file', () => {
  const batch = decodeIpc(encodeIpc([spectraToRecordBatch(full)]))[0]!
  expect([...batch.getChild('ra')!]).toEqual([10, 11, null])
})

test('catalogue columns named like the layout’s own are kept under another name', () => {
  const names = ['ra', 'snr', 'snr_catalog', 'teff']
  const columns = names.map((name, i): Column => ({ name, values: Float64Array.of(i) }))
  const back = roundTrip(exampleSpectra(1, 2, { catalog: makeTable(columns) }))
  expect([...back.catalog.columns.keys()]).toEqual(['ra_catalog', 'snr_catalog', 'snr_catalog_catalog', 'teff'])
  expect(requireColumn(back.catalog, 'snr_catalog').values).toEqual(Float64Array.of(1))
  expect([...roundTrip(back).catalog.columns.keys()]).toEqual([...back.catalog.columns.keys()])
})

test('another Arrow table is not taken for spectra', () => {
  const error = caught(() => spectraFromRecordBatch(tableToRecordBatch(everyColumn)))
  expect(error.code).toBe('spectra/not-spectra')
  expect(error.message).toMatch(
    /^The Arrow table does not hold spectra: got columns f8, f4, .*\. Make spectra with `astrolabel ingest` or/,
  )
})

/** The record batch of spectra with other metadata or columns. */
function changed(metadata: (json: string) => string, columns: (names: string[]) => string[] = (names) => names) {
  const batch = spectraToRecordBatch(full)
  const picked = batch.select(columns(batch.schema.names.map(String)))
  const entries = [...batch.schema.metadata].map(([key, json]) => [key, metadata(json)] as const)
  return new RecordBatch(new Schema(picked.schema.fields, new Map(entries)), picked.data)
}

test('spectra of another format version are refused', () => {
  const newer = changed((json) => json.replace('"formatVersion":"1"', '"formatVersion":"2"'))
  expect(caught(() => spectraFromRecordBatch(newer))).toMatchObject({
    code: 'spectra/newer-format',
    got: '2',
    expected: SPECTRA_FORMAT_VERSION,
  })
  expect(caught(() => spectraFromRecordBatch(changed(() => '{}'))).message).toContain('got (none), expected 1')
})

test.each([
  [
    'metadata cut off',
    () => changed((json) => json.slice(0, 40)),
    /^The metadata of the spectra cannot be read: got {/,
  ],
  [
    'a column gone',
    () =>
      changed(
        (json) => json,
        (names) => names.filter((name) => name !== 'ivar'),
      ),
    /^The spectra lack column ivar: got star_id, ra,/,
  ],
  [
    'a grid of other length',
    () => changed((json) => json.replace('"length":4', '"length":5')),
    /^Column flux does not fit the spectra: got 12 values of FixedSizeList\[4\]<Float32>, expected 15 values/,
  ],
])('damaged spectra, %s: the message says where', (_, make, message) => {
  const error = caught(() => spectraFromRecordBatch(make()))
  expect(error.code).toBe('spectra/damaged')
  expect(error.message).toMatch(message)
})

test.each([
  ['of double precision', { name: 'flux', values: new Float64Array(12), width: 4 }],
  ['that is no matrix', { name: 'flux', values: new Float32Array(3) }],
])('flux %s is not taken for flux', (_, flux) => {
  const catalog = tableFromRecordBatch(spectraToRecordBatch(full)).columns
  const table = makeTable([...catalog.values()].map((column) => (column.name === 'flux' ? flux : column)))
  const batch = tableToRecordBatch(table, spectraToRecordBatch(full).schema.metadata)
  const error = caught(() => spectraFromRecordBatch(batch))
  expect(error.code).toBe('spectra/damaged')
  expect(error.message).toMatch(/^Column flux does not fit .* expected 12 values in a Float32Array$/)
})
