import { AstrolabelError } from '@astrolabel/spectra'
import type { NpyArray, NpyData } from '../npz/npy.js'
import type { HdfDataset, HdfFile, HdfGroup, HdfType } from './hdf5-engine.js'

/** HDF5's classes of types. */
const INTEGER = 0
const FLOAT = 1
const STRING = 3
const ENUM = 8
const ARRAY = 10

/** A column or matrix of an HDF5 file: a dataset, or a member of a compound one. */
export interface HdfArray {
  /** The dataset's path. */
  readonly path: string
  readonly shape: readonly number[]
  readonly unit: string | undefined
  /** The values, or rows `start` up to, not including, `end`. */
  read(rows?: readonly [start: number, end: number]): NpyArray
}

/** Groups of a file are visited to this depth, and no more datasets than this, for a file may hold a cycle of links. */
const MAX_DEPTH = 16
const MAX_DATASETS = 100_000

/**
 * All arrays of numbers and text of a file: datasets by name and members of compound datasets by theirs, which is how
 * astropy and PyTables write tables. Of arrays of one name in several groups the first counts, the others go by their
 * path. A fixed table of pandas gives its columns. Other types are left out.
 */
export function hdf5Arrays(file: HdfFile): Map<string, HdfArray> {
  const out = new Map<string, HdfArray>()
  const add = (name: string, array: HdfArray): void => {
    out.set(out.has(name) ? array.path : name, array)
  }
  let seen = 0
  const walk = (group: HdfGroup, path: string, depth: number): void => {
    const names = group.keys()
    for (const name of names) {
      if (++seen > MAX_DATASETS) return
      // What pandas puts its columns into is read by them.
      if (/^(?:axis\d|block\d+_(?:items|values))$/.test(name) && names.includes('axis0')) continue
      const member = group.get(name)
      const own = path === '' ? name : `${path}/${name}`
      if (member?.type === 'Group' && depth < MAX_DEPTH) walk(member as HdfGroup, own, depth + 1)
      if (member?.type === 'Dataset')
        for (const [key, array] of arraysOf(name, own, member as HdfDataset)) add(key, array)
    }
    for (const [name, array] of pandasColumns(group, path)) add(name, array)
  }
  walk(file.root, '', 0)
  return out
}

function* arraysOf(name: string, path: string, dataset: HdfDataset): Generator<[string, HdfArray]> {
  const { metadata } = dataset
  const shape = metadata.shape ?? []
  const members = metadata.compound_type?.members
  if (members === undefined) {
    if (isReadable(metadata))
      yield [
        name,
        { path, shape, unit: unitOf(dataset), read: (rows) => readDataset(dataset, path, shape, metadata, rows) },
      ]
    return
  }
  if (shape.length !== 1) return
  for (const [place, member] of members.entries()) {
    const cell = member.type === ARRAY ? member.array_type : member
    if (cell === undefined || !isReadable(cell)) continue
    const inner = member.type === ARRAY ? (cell.shape ?? []) : []
    const read = (rows: readonly [number, number] = [0, shape[0]!]): NpyArray => {
      const records = readSafely(path, () => dataset.slice([[...rows]])) as readonly (readonly unknown[])[]
      return arrayOf(records.map((record) => record[place]).flat(8), [rows[1] - rows[0], ...inner], cell)
    }
    yield [member.name, { path: `${path}/${member.name}`, shape: [shape[0]!, ...inner], unit: undefined, read }]
  }
}

function readDataset(
  dataset: HdfDataset,
  path: string,
  shape: readonly number[],
  type: HdfType,
  rows: readonly [number, number] | undefined,
): NpyArray {
  const sliced = rows !== undefined && shape.length > 0
  const value = readSafely(path, () =>
    sliced ? dataset.slice([[...rows], ...shape.slice(1).map(() => [])]) : dataset.value,
  )
  return arrayOf(value, sliced ? [rows[1] - rows[0], ...shape.slice(1)] : shape, type)
}

/** What the library reads of a dataset. @throws `hdf5/unreadable`, with its words. */
function readSafely(path: string, read: () => unknown): unknown {
  let cause: unknown
  try {
    const value = read()
    if (value !== null && value !== undefined) return value
  } catch (error) {
    cause = error
  }
  throw new AstrolabelError('hdf5/unreadable', `${path} cannot be read`, {
    got: cause instanceof Error ? cause.message.split('\n')[0] : 'nothing',
    expected: 'a dataset that the HDF5 library can unpack',
    remedy: 'Check that the file is whole, or write it again without filters or with gzip',
    cause,
  })
}

function arrayOf(value: unknown, shape: readonly number[], type: HdfType): NpyArray {
  const boolean = type.enum_type !== undefined && Object.keys(type.enum_type.members).sort().join() === 'FALSE,TRUE'
  if (type.type === STRING) {
    const words = Array.isArray(value) ? (value as unknown[]).flat(8) : [value]
    return { shape, data: words.map((word) => String(word).replace(/\0+$/, '')) }
  }
  if (ArrayBuffer.isView(value)) return { shape, data: value as NpyData, ...(boolean ? { boolean } : {}) }
  const cells = Array.isArray(value) ? (value as (number | bigint | boolean)[]).flat(8) : [value as number | bigint]
  return { shape, data: typedOf(cells, type), ...(boolean ? { boolean } : {}) }
}

function typedOf(cells: readonly (number | bigint | boolean)[], { type, size, signed }: HdfType): NpyData {
  if (type === FLOAT) return size === 4 ? Float32Array.from(cells, Number) : Float64Array.from(cells, Number)
  if (size === 8) return signed ? BigInt64Array.from(cells, BigInt) : BigUint64Array.from(cells, BigInt)
  if (size === 4) return signed ? Int32Array.from(cells, Number) : Uint32Array.from(cells, Number)
  if (size === 2) return signed ? Int16Array.from(cells, Number) : Uint16Array.from(cells, Number)
  return signed && type !== ENUM ? Int8Array.from(cells, Number) : Uint8Array.from(cells, Number)
}

function isReadable({ type, size, vlen }: HdfType): boolean {
  return (
    type === STRING ||
    (!vlen && (type === INTEGER || type === ENUM ? [1, 2, 4, 8] : type === FLOAT ? [4, 8] : []).includes(size))
  )
}

function unitOf({ attrs }: HdfDataset): string | undefined {
  for (const key of ['unit', 'units', 'UNIT', 'UNITS']) {
    const value = attrs[key]?.value
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
  }
  return undefined
}

/** The columns of a frame that pandas wrote as `fixed`: blocks of one type, with the names of their columns. */
function* pandasColumns(group: HdfGroup, path: string): Generator<[string, HdfArray]> {
  const names = group.keys()
  if (!names.includes('axis0')) return
  for (const block of names.filter((name) => /^block\d+_values$/.test(name))) {
    const dataset = group.get(block) as HdfDataset
    const items = group.get(block.replace('values', 'items')) as HdfDataset | null
    const shape = dataset.metadata.shape ?? []
    // Blocks of objects are pickled.
    if (items === null || shape.length !== 2 || dataset.metadata.vlen || !isReadable(dataset.metadata)) continue
    const columns = arrayOf(items.value, [shape[1]!], items.metadata).data
    for (let j = 0; j < shape[1]!; j++) {
      const read = (rows: readonly [number, number] = [0, shape[0]!]): NpyArray =>
        arrayOf(
          readSafely(path, () => dataset.slice([[...rows], [j, j + 1]])),
          [rows[1] - rows[0]],
          dataset.metadata,
        )
      yield [String(columns[j]), { path: `${path}/${String(columns[j])}`, shape: [shape[0]!], unit: undefined, read }]
    }
  }
}
