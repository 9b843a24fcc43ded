import type { Data, RecordBatch } from 'apache-arrow'
import { Field, Float64, Int32, List, Uint8, makeData } from 'apache-arrow'
import { stringColumn } from './arrow/columns.js'
import { decodeIpc, encodeIpc } from './arrow/ipc.js'
import { makeRecordBatch } from './arrow/record-batch.js'
import { crc32 } from './crc32.js'
import type { ErrorDetails } from './errors.js'
import { AstrolabelError } from './errors.js'

const META_KEY = 'astrolabel:model'
const CHECKSUM_KEY = 'astrolabel:checksum'

/** Numbers of a model: doubles for what is fitted, smaller ones for what is stored by the million. */
export type ModelValues = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array

/** One weight matrix of a model, row-major. */
export interface ModelArray<Values extends ModelValues = ModelValues> {
  readonly shape: readonly number[]
  readonly values: Values
}

/** Types of numbers by the names that files give them. */
export interface ModelValueTypes {
  readonly f64: Float64Array
  readonly f32: Float32Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly u8: Uint8Array
}

type TypeName = keyof ModelValueTypes

const TYPES: { readonly [Name in TypeName]: new (buffer: ArrayBuffer) => ModelValueTypes[Name] } = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  u8: Uint8Array,
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
 * A model of doubles alone has them as lists of doubles, as every version reads; one with other numbers too says the type
 * of each matrix in a column `type`, and has their bytes, lowest first.
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
  const columns = [
    stringColumn('name', names),
    listColumn(
      'shape',
      arrays.map((array) => Int32Array.from(array.shape)),
      new Int32(),
    ),
    ...valueColumns(arrays.map((array) => array.values)),
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
    const values = readValues(batch)
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

function valueColumns(values: readonly ModelValues[]): { field: Field; data: Data }[] {
  if (values.every((array) => array instanceof Float64Array)) return [listColumn('values', values, new Float64())]
  const bytes = values.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return [stringColumn('type', values.map(typeName)), listColumn('values', bytes, new Uint8())]
}

function readValues(batch: RecordBatch): ModelValues[] {
  const types = batch.getChild('type')
  const column = batch.getChild('values')!.data[0]!
  if (types === null) return listValues<Float64Array>(column)
  // A copy of its own begins where numbers of any size may begin.
  return listValues<Uint8Array>(column).map(
    (bytes, i) => new TYPES[String(types.get(i)) as TypeName](bytes.buffer as ArrayBuffer),
  )
}

function typeName(values: ModelValues): TypeName {
  return (Object.keys(TYPES) as TypeName[]).find((name) => values instanceof TYPES[name])!
}

/** A matrix of doubles that a model must have. @throws `model/damaged` when it is not there or has another size or type. */
export function modelArray(model: ModelFile, name: string, ...shape: readonly number[]): Float64Array {
  return modelArrayOf('f64', model, name, ...shape)
}

/** A matrix of a given type of number that a model must have. @throws as {@link modelArray}. */
export function modelArrayOf<Type extends keyof ModelValueTypes>(
  type: Type,
  model: Pick<ModelFile, 'arrays'>,
  name: string,
  ...shape: readonly number[]
): ModelValueTypes[Type] {
  const array = model.arrays.get(name)
  if (array === undefined)
    throw new AstrolabelError('model/damaged', `The model lacks its matrix ${name}`, { got: [...model.arrays.keys()] })
  if (array.values.length !== sizeOf(shape)) {
    throw new AstrolabelError('model/damaged', `Matrix ${name} has another shape`, {
      got: array.shape.join(' × '),
      expected: shape.join(' × '),
    })
  }
  if (typeName(array.values) !== type)
    throw new AstrolabelError('model/damaged', `Matrix ${name} has numbers of another type`, {
      got: typeName(array.values),
      expected: type,
    })
  return array.values as unknown as ModelValueTypes[Type]
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

function checksum(description: string, names: readonly string[], arrays: readonly ModelArray[]): string {
  let crc = crc32(
    new TextEncoder().encode(description + names.join('\n') + arrays.map((array) => array.shape.join('x')).join('\n')),
  )
  for (const { values } of arrays) {
    // Doubles without a word on it: the checksum of files that hold nothing else stays what it was.
    if (!(values instanceof Float64Array)) crc = crc32(new TextEncoder().encode(typeName(values)), crc)
    crc = crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), crc)
  }
  return crc.toString(16).padStart(8, '0')
}

function listColumn(
  name: string,
  lists: readonly (Int32Array | Float64Array | Uint8Array)[],
  child: Int32 | Float64 | Uint8,
): { field: Field; data: Data } {
  const valueOffsets = new Int32Array(lists.length + 1)
  lists.forEach((list, i) => {
    valueOffsets[i + 1] = valueOffsets[i]! + list.length
  })
  const flat = new child.ArrayType(valueOffsets[lists.length]!)
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

function listValues<T extends Int32Array | Float64Array | Uint8Array>(data: Data): T[] {
  const offsets = data.valueOffsets as Int32Array
  const flat = data.children[0]!.values as T
  return Array.from({ length: data.length }, (_, i) => flat.slice(offsets[i], offsets[i + 1]) as T)
}
