import type { Data, RecordBatch } from 'apache-arrow'
import { Field, Float64, Int32, List, makeData } from 'apache-arrow'
import { stringColumn } from './arrow/columns.js'
import { decodeIpc, encodeIpc } from './arrow/ipc.js'
import { makeRecordBatch } from './arrow/record-batch.js'
import { crc32 } from './crc32.js'
import type { ErrorDetails } from './errors.js'
import { AstrolabelError } from './errors.js'

const META_KEY = 'astrolabel:model'
const CHECKSUM_KEY = 'astrolabel:checksum'

/** One weight matrix of a model, row-major. */
export interface ModelArray {
  readonly shape: readonly number[]
  readonly values: Float64Array
}

/** A model as it lies in a file: what it is, everything about it that is not a matrix, and its matrices. */
export interface ModelFile {
  /** `cannon`, `forest`, … */
  readonly kind: string
  readonly formatVersion: number
  /** Labels, scaling, grid, preprocessing, hull, seeds, metrics: plain JSON. */
  readonly description: Readonly<Record<string, unknown>>
  readonly arrays: ReadonlyMap<string, ModelArray>
}

/**
 * A model as one Arrow IPC file: rows (name, shape, values), the rest and a checksum in the metadata.
 *
 * @throws `model/shape` when a matrix does not have as many values as its shape says.
 */
export function encodeModelFile(model: ModelFile): Uint8Array {
  const names = [...model.arrays.keys()]
  const arrays = [...model.arrays.values()]
  arrays.forEach(({ shape, values }, i) => {
    if (values.length === sizeOf(shape)) return
    throw new AstrolabelError('model/shape', `Matrix ${names[i]} does not have the size of its shape`, {
      got: `${values.length} values`,
      expected: shape.join(' × '),
    })
  })
  const shapes = arrays.map((array) => Int32Array.from(array.shape))
  const values = arrays.map((array) => array.values)
  const columns = [
    stringColumn('name', names),
    listColumn('shape', shapes, new Int32()),
    listColumn('values', values, new Float64()),
  ]
  const description = JSON.stringify({ ...model.description, kind: model.kind, formatVersion: model.formatVersion })
  const metadata = new Map([
    [META_KEY, description],
    [CHECKSUM_KEY, checksum(description, names, arrays)],
  ])
  return encodeIpc([makeRecordBatch(columns, names.length, metadata)])
}

/**
 * A model file's content, checked.
 *
 * @param kind The kind that is expected; any when undefined.
 * @param formatVersion The newest version that the caller understands.
 * @throws `model/not-a-model`, `model/wrong-kind`, `model/newer-format`, `model/damaged` (the checksum does not agree),
 * `arrow/unreadable`.
 */
export function decodeModelFile(
  bytes: Uint8Array,
  kind?: string,
  formatVersion: number = Number.POSITIVE_INFINITY,
): ModelFile {
  const { batch, text } = openModel(bytes)
  const { kind: found, formatVersion: version, ...description } = parseDescription(text)
  if (kind !== undefined && found !== kind) {
    throw new AstrolabelError('model/wrong-kind', 'The model is of another kind', { got: found, expected: kind })
  }
  if (version > formatVersion) {
    throw new AstrolabelError('model/newer-format', 'The model was written by a newer version', {
      got: `format ${version}`,
      expected: `${formatVersion} or older`,
      remedy: 'Update astrolabel',
    })
  }
  return { kind: found, formatVersion: version, description, arrays: readArrays(batch, text) }
}

/**
 * The kind of the model in a file; its matrices and checksum are not looked at.
 *
 * @throws `model/not-a-model`, `model/damaged` when the description cannot be read, `arrow/unreadable`.
 */
export function modelKind(bytes: Uint8Array): string {
  return parseDescription(openModel(bytes).text).kind
}

function openModel(bytes: Uint8Array): { batch: RecordBatch; text: string } {
  const batch = decodeIpc(bytes, 'The model file')[0]
  const text = batch?.schema.metadata.get(META_KEY)
  if (batch !== undefined && text !== undefined) return { batch, text }
  throw new AstrolabelError('model/not-a-model', 'The Arrow file does not hold a model', {
    got: `columns ${batch?.schema.names.slice(0, 12).map(String).join(', ') || '(none)'}`,
    remedy: 'Make one with `astrolabel train`',
  })
}

function parseDescription(text: string): { kind: string; formatVersion: number } & Record<string, unknown> {
  try {
    return JSON.parse(text) as { kind: string; formatVersion: number } & Record<string, unknown>
  } catch (cause) {
    throw damaged('its description cannot be read', { got: text.slice(0, 60), cause })
  }
}

function readArrays(batch: RecordBatch, description: string): Map<string, ModelArray> {
  let names: string[]
  let arrays: ModelArray[]
  let sum: string
  try {
    names = Array.from(batch.getChild('name')!, String)
    const shapes = listValues<Int32Array>(batch.getChild('shape')!.data[0]!)
    const values = listValues<Float64Array>(batch.getChild('values')!.data[0]!)
    arrays = names.map((_, i) => ({ shape: Array.from(shapes[i]!), values: values[i]! }))
    sum = checksum(description, names, arrays)
  } catch (cause) {
    throw damaged('its matrices cannot be read', { cause })
  }
  const expected = batch.schema.metadata.get(CHECKSUM_KEY)
  if (sum !== expected) throw damaged('its checksum does not agree', { got: sum, expected: expected ?? '(none)' })
  // The checksum sees the values one after another: where one matrix ends and the next begins, the shapes tell.
  arrays.forEach(({ shape, values }, i) => {
    if (values.length === sizeOf(shape)) return
    throw damaged(`matrix ${names[i]} has another size`, { got: values.length, expected: sizeOf(shape) })
  })
  return new Map(names.map((name, i) => [name, arrays[i]!]))
}

function damaged(what: string, details: ErrorDetails): AstrolabelError {
  return new AstrolabelError('model/damaged', `The model file is damaged: ${what}`, {
    ...details,
    remedy: 'Copy or train it again',
  })
}

/** A matrix that a model must have. @throws `model/damaged` when it is not there or has another size. */
export function modelArray(model: ModelFile, name: string, ...shape: readonly number[]): Float64Array {
  const array = model.arrays.get(name)
  if (array === undefined)
    throw new AstrolabelError('model/damaged', `The model lacks its matrix ${name}`, { got: [...model.arrays.keys()] })
  if (array.values.length !== sizeOf(shape)) {
    throw new AstrolabelError('model/damaged', `Matrix ${name} has another shape`, {
      got: array.shape.join(' × '),
      expected: shape.join(' × '),
    })
  }
  return array.values
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

function checksum(description: string, names: readonly string[], arrays: readonly ModelArray[]): string {
  let crc = crc32(
    new TextEncoder().encode(description + names.join('\n') + arrays.map((array) => array.shape.join('x')).join('\n')),
  )
  for (const { values } of arrays) crc = crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), crc)
  return crc.toString(16).padStart(8, '0')
}

function listColumn(
  name: string,
  lists: readonly (Int32Array | Float64Array)[],
  child: Int32 | Float64,
): { field: Field; data: Data } {
  const valueOffsets = new Int32Array(lists.length + 1)
  lists.forEach((list, i) => {
    valueOffsets[i + 1] = valueOffsets[i]! + list.length
  })
  const flat =
    child instanceof Float64
      ? new Float64Array(valueOffsets[lists.length]!)
      : new Int32Array(valueOffsets[lists.length]!)
  lists.forEach((list, i) => flat.set(list, valueOffsets[i]))
  const type = new List(new Field('item', child, false))
  const data = makeData({
    type,
    length: lists.length,
    nullCount: 0,
    valueOffsets,
    child: makeData({ type: child, length: flat.length, nullCount: 0, data: flat } as never),
  } as never) as Data
  return { field: new Field(name, type, false), data }
}

function listValues<T extends Int32Array | Float64Array>(data: Data): T[] {
  const offsets = data.valueOffsets as Int32Array
  const flat = data.children[0]!.values as T
  return Array.from({ length: data.length }, (_, i) => flat.slice(offsets[i], offsets[i + 1]) as T)
}
