import {
  decodeIpc,
  decodeModelFile,
  encodeIpc,
  encodeModelFile,
  makeTable,
  modelArray,
  modelArrayOf,
  modelKind,
  tableToRecordBatch,
} from '@astrolabel/spectra'
import type { ModelArray, ModelFile } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { caught } from './caught.js'

const model: ModelFile = {
  kind: 'cannon',
  formatVersion: 2,
  description: { labels: ['teff', 'logg'], scale: { mean: [5000, 2.5] }, note: 'Å', seed: 1 },
  arrays: new Map([
    ['theta', { shape: [2, 3], values: Float64Array.of(1, -2, 3.5, 1e-300, Number.NaN, -0) }],
    ['scatter', { shape: [2], values: Float64Array.of(0.1, 0.2) }],
    ['empty', { shape: [0, 3], values: new Float64Array(0) }],
    ['one', { shape: [], values: Float64Array.of(Math.PI) }],
  ]),
}
const bytes = encodeModelFile(model)

test('a model: there and back again', () => {
  expect(decodeModelFile(bytes)).toEqual(model)
  expect(decodeModelFile(bytes, 'cannon', 2)).toEqual(model)
  expect(modelKind(bytes)).toBe('cannon')
  expect(encodeModelFile(decodeModelFile(bytes))).toEqual(bytes)
  const bare = { ...model, description: {}, arrays: new Map() }
  expect(decodeModelFile(encodeModelFile(bare))).toEqual(bare)
})

test('matrices that are views into a larger buffer are written as what they show', () => {
  const values = Float64Array.of(9, 1, 2, 9).subarray(1, 3)
  const view = { ...model, arrays: new Map([['view', { shape: [2], values }]]) }
  expect(decodeModelFile(encodeModelFile(view)).arrays.get('view')!.values).toEqual(Float64Array.of(1, 2))
})

test('what a description says about kind and version does not override the model’s own', () => {
  const sly = { ...model, description: { kind: 'forest', formatVersion: 9 } }
  expect(decodeModelFile(encodeModelFile(sly))).toMatchObject({ kind: 'cannon', formatVersion: 2, description: {} })
})

test('a matrix is given by name, and only in the shape asked for', () => {
  expect(modelArray(model, 'theta', 2, 3)).toBe(model.arrays.get('theta')!.values)
  expect(modelArray(model, 'one')).toEqual(Float64Array.of(Math.PI))
  expect(caught(() => modelArray(model, 'theta', 2, 4)).message).toBe(
    'Matrix theta has another shape: got 2 × 3, expected 2 × 4',
  )
  expect(caught(() => modelArray(model, 'bias', 2)).message).toBe(
    'The model lacks its matrix bias: got theta, scatter, empty, one',
  )
})

test('a matrix that does not have the size of its shape is not written', () => {
  const ragged = new Map([['theta', { shape: [2, 2], values: new Float64Array(3) }]])
  const error = caught(() => encodeModelFile({ ...model, arrays: ragged }))
  expect(error.code).toBe('model/shape')
  expect(error.message).toBe('Matrix theta does not have the size of its shape: got 3 values, expected 2 × 2')
})

test('a model of another kind or a newer version is refused', () => {
  expect(caught(() => decodeModelFile(bytes, 'forest')).message).toBe(
    'The model is of another kind: got cannon, expected forest',
  )
  expect(caught(() => decodeModelFile(bytes, 'forest')).code).toBe('model/wrong-kind')
  expect(caught(() => decodeModelFile(bytes, 'cannon', 1)).code).toBe('model/newer-format')
  expect(caught(() => decodeModelFile(bytes, 'cannon', 1)).message).toBe(
    'The model was written by a newer version: got format 2, expected 1 or older. Update astrolabel',
  )
})

test('other files are not taken for models', () => {
  const table = tableToRecordBatch(makeTable([{ name: 'teff', values: Float64Array.of(1) }]))
  const error = caught(() => decodeModelFile(encodeIpc([table])))
  expect(error.code).toBe('model/not-a-model')
  expect(error.message).toBe('The Arrow file does not hold a model: got columns teff. Make one with `astrolabel train`')
  expect(caught(() => decodeModelFile(new TextEncoder().encode('SIMPLE  =   T'))).code).toBe('arrow/unreadable')
})

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Where bytes lie in the file: the last place, as the metadata is in the first message and in the footer that counts. */
function region(needle: Uint8Array): { start: number; end: number } {
  const start = Buffer.from(bytes).lastIndexOf(needle)
  expect(start).toBeGreaterThan(0)
  return { start, end: start + needle.length }
}

/** Codes of the errors that each flipped bit of a region gives. */
function codesOfFlips({ start, end }: { start: number; end: number }): string[] {
  const codes = new Set<string>()
  for (let at = start; at < end; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = bytes.slice()
      damaged[at]! ^= 1 << bit
      const error = caught(() => decodeModelFile(damaged, 'cannon', 2))
      if (error.code === 'model/damaged') expect(error.message).toMatch(/^The model file is damaged: .*train it again$/)
      codes.add(error.code)
    }
  }
  return [...codes].toSorted()
}

test('any flipped bit of the values, shapes, names or the checksum is found', () => {
  const values = Float64Array.from([...model.arrays.values()].flatMap((array) => [...array.values]))
  expect(codesOfFlips(region(new Uint8Array(values.buffer)))).toEqual(['model/damaged'])
  expect(codesOfFlips(region(new Uint8Array(Int32Array.of(2, 3, 2, 0, 3).buffer)))).toEqual(['model/damaged'])
  expect(codesOfFlips(region(utf8('thetascatteremptyone')))).toEqual(['model/damaged'])
  const checksum = decodeIpc(bytes)[0]!.schema.metadata.get('astrolabel:checksum')!
  expect(codesOfFlips(region(utf8(checksum)))).toEqual(['model/damaged'])
})

test('any flipped bit where one matrix ends and the next begins is found', () => {
  for (const ends of [
    [0, 2, 3, 5, 5],
    [0, 6, 8, 8, 9],
  ]) {
    const codes = codesOfFlips(region(new Uint8Array(Int32Array.from(ends).buffer)))
    expect(['model/damaged', 'arrow/unreadable']).toEqual(expect.arrayContaining(codes))
  }
})

test('any flipped bit of the description is found', () => {
  const description = decodeIpc(bytes)[0]!.schema.metadata.get('astrolabel:model')!
  const codes = codesOfFlips(region(utf8(description)))
  expect(codes).toEqual(['model/damaged', 'model/newer-format', 'model/wrong-kind'])
  expect(codesOfFlips(region(utf8('astrolabel:model')))).toEqual(['model/not-a-model'])
})

test('a model file cut anywhere is refused', () => {
  for (let length = 0; length < bytes.length; length++) {
    expect(caught(() => decodeModelFile(bytes.slice(0, length))).code).toBe('arrow/unreadable')
  }
})

test('numbers of every type come back as they were, views and empty ones too', () => {
  const mixed: ModelFile = {
    kind: 'forest',
    formatVersion: 1,
    description: { labels: ['teff'] },
    arrays: new Map<string, ModelArray>([
      ['u8', { shape: [3], values: Uint8Array.of(1, 2, 255) }],
      ['f64', { shape: [2], values: Float64Array.of(Math.PI, Number.NaN) }],
      ['i32', { shape: [2, 1], values: Int32Array.of(9, -1, 2 ** 31 - 1).subarray(1) }],
      ['none', { shape: [0], values: new Uint32Array(0) }],
      ['u32', { shape: [1], values: Uint32Array.of(2 ** 32 - 1) }],
      ['f32', { shape: [2], values: Float32Array.of(0.1, Number.POSITIVE_INFINITY) }],
    ]),
  }
  const file = encodeModelFile(mixed)
  expect(decodeModelFile(file)).toEqual(mixed)
  expect(modelArrayOf('i32', decodeModelFile(file), 'i32', 2, 1)).toEqual(Int32Array.of(-1, 2 ** 31 - 1))
  expect(caught(() => modelArrayOf('f32', mixed, 'i32', 2, 1)).message).toBe(
    'Matrix i32 has numbers of another type: got i32, expected f32',
  )
  // The type of a matrix and its bytes are both under the checksum.
  const types = Buffer.from('u8f64i32u32u32f32')
  for (const needle of [types, Buffer.from(Float64Array.of(Math.PI).buffer)]) {
    const at = Buffer.from(file).lastIndexOf(needle)
    expect(at).toBeGreaterThan(0)
    for (let byte = at; byte < at + needle.length; byte++) {
      const damaged = file.slice()
      damaged[byte]! ^= 1
      expect(caught(() => decodeModelFile(damaged)).code).toBe('model/damaged')
    }
  }
})

test('a file of doubles alone is laid out as it was before other numbers could be written', () => {
  expect(decodeIpc(bytes)[0]!.schema.names).toEqual(['name', 'shape', 'values'])
})
