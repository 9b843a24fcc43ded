import {
  decodeIpc,
  encodeIpc,
  isLabelsSchema,
  labelInfo,
  labelsFromRecordBatch,
  labelsToRecordBatch,
  makeLabels,
  makeTable,
  tableFromRecordBatch,
  tableToRecordBatch,
} from '@astrolabel/spectra'
import type { Labels } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { caught } from './caught.js'
import { EVERY_COLUMN, everyColumn } from './example-spectra.js'

const roundTrip = (labels: Labels): Labels =>
  labelsFromRecordBatch(decodeIpc(encodeIpc([labelsToRecordBatch(labels)]))[0]!)

const full = makeLabels({
  starId: ['2M0001', 'α Cen', ''],
  labels: [labelInfo('teff'), labelInfo('fe_h'), { name: 'age', unit: 'Gyr', symbol: 'τ' }],
  values: Float64Array.of(5777.123456789, -0.1, 4.5, Number.NaN, Number.NaN, Number.NaN, 4000, 0.25, 1e-300),
  errors: Float64Array.of(10, 0.01, 1, Number.NaN, Number.NaN, Number.NaN, 50, Number.NaN, 2),
  flags: Uint32Array.of(0, 1, 2147483648),
  flagBits: [
    { bit: 0, name: 'NOT_CONVERGED', description: 'no minimum was found' },
    { bit: 31, name: 'TOP' },
  ],
  covariance: Float64Array.from({ length: 27 }, (_, i) => i / 3),
  extra: makeTable(EVERY_COLUMN.filter(({ unit }) => unit !== '')),
})

test('labels with all they can have: there and back again', () => {
  expect(roundTrip(full)).toEqual(full)
})

test('labels with as little as they can have, and of no stars', () => {
  const { starId, labels, values } = full
  const plain = makeLabels({ starId, labels, values })
  const back = roundTrip(plain)
  expect(back).toEqual(plain)
  expect('extra' in back || 'covariance' in back).toBe(false)
  const none = makeLabels({ starId: [], labels, values: new Float64Array(0), covariance: new Float64Array(0) })
  expect(roundTrip(none)).toEqual(none)
})

test('the star comes first, then each label with its error, unit and symbol; missing is null', () => {
  const batch = decodeIpc(encodeIpc([labelsToRecordBatch(full)]))[0]!
  const names = ['star_id', 'teff', 'teff_err', 'fe_h', 'fe_h_err', 'age', 'age_err', 'flags', 'covariance', 'f8']
  expect(batch.schema.names.slice(0, 10)).toEqual(names)
  const fields = new Map(batch.schema.fields.map((field) => [field.name, field]))
  expect(Object.fromEntries(fields.get('teff')!.metadata)).toEqual({ unit: 'K', symbol: 'Teff' })
  expect(Object.fromEntries(fields.get('age_err')!.metadata)).toEqual({ unit: 'Gyr', symbol: 'τ' })
  expect([...batch.getChild('fe_h')!]).toEqual([-0.1, null, 0.25])
  expect([...batch.getChild('fe_h_err')!]).toEqual([0.01, null, null])
  expect([...batch.getChild('flags')!]).toEqual([0, 1, 2147483648])
  expect(isLabelsSchema(batch.schema)).toBe(true)
})

test('extra columns named like the layout’s own are kept under another name', () => {
  const extra = makeTable(['teff', 'flags', 'snr'].map((name, i) => ({ name, values: Float64Array.of(i, i, i) })))
  const back = roundTrip({ ...full, extra })
  expect([...back.extra!.columns.keys()]).toEqual(['teff_extra', 'flags_extra', 'snr'])
  expect(back.values).toEqual(full.values)
})

test('batches of other labels do not go into one file', () => {
  const other = makeLabels({ starId: ['a'], labels: [labelInfo('logg')], values: Float64Array.of(4) })
  const error = caught(() => encodeIpc([labelsToRecordBatch(full), labelsToRecordBatch(other)]))
  expect(error.code).toBe('arrow/schema-changed')
  expect(error.message).toMatch(/^A batch has other columns than those before it: got star_id: Utf8, logg: Float64/)
  expect(error.message).toMatch(/expected star_id: Utf8, teff: .*\. Write batches of one kind to one file$/)
})

test('another Arrow table is not taken for labels', () => {
  const error = caught(() => labelsFromRecordBatch(tableToRecordBatch(everyColumn)))
  expect(error.code).toBe('labels/not-labels')
  expect(error.message).toMatch(
    /^The Arrow table does not hold labels: got columns f8, .*Make labels with `astrolabel label`$/,
  )
})

/** Labels whose columns or metadata another program has changed. */
function changed(without: string, flags: Uint32Array | Int32Array = full.flags, version = '1') {
  const batch = labelsToRecordBatch(full)
  const columns = [...tableFromRecordBatch(batch).columns.values()].filter(({ name }) => name !== without)
  const table = makeTable(columns.map((column) => (column.name === 'flags' ? { ...column, values: flags } : column)))
  const metadata = [...batch.schema.metadata].map(([key, json]) => {
    return [key, json.replace('"formatVersion":"1"', `"formatVersion":"${version}"`)] as const
  })
  return () => labelsFromRecordBatch(tableToRecordBatch(table, new Map(metadata)))
}

test('damaged labels: the message says where', () => {
  expect(changed('')()).toEqual(full)
  expect(caught(changed('fe_h_err')).message).toMatch(/^The labels lack column fe_h_err: got star_id, teff,/)
  expect(caught(changed('', Int32Array.of(0, 1, 2)))).toMatchObject({ code: 'labels/damaged' })
  expect(caught(changed('', full.flags, '9'))).toMatchObject({ code: 'labels/newer-format', got: '9' })
})
