import { fileSource } from '@astrolabel/io-fits/node'
import type { Column, ColumnValues, Table } from '@astrolabel/spectra'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { IngestWarning, NpyArray, NpzFile } from '@astrolabel/surveys'
import { ID_ARRAYS, openNpz, writeNpz } from '@astrolabel/surveys'
import { writeAside } from '../run/write-aside.js'
import { alignMissing } from './table-parts.js'

/** Mark of the arrays that say which rows of integers, truth values and strings are missing. */
const MISSING = '__missing'
const MATRICES = new Set(['flux', 'ivar', 'sigma', 'mask', 'wave', 'flux_err', 'error', 'err'])
const PER_PIXEL = new Set(['wavelength', 'wave', 'loglam'])
const LABEL_ARRAYS: readonly (readonly [string, string])[] = [
  ['labels', ''],
  ['label_errors', '_err'],
]

/** Options of {@link readNpzTable}. */
interface NpzTableOptions {
  /** Read matrices of spectra too, as vector columns; left out when false or undefined. */
  readonly matrices?: boolean
  readonly onWarning?: ((warning: IngestWarning) => void) | undefined
}

/** Open an archive, use it, close it. */
export async function withNpz<T>(path: string, use: (file: NpzFile) => Promise<T>): Promise<T> {
  const source = await fileSource(path)
  try {
    return await use(await openNpz(source))
  } finally {
    await source.close()
  }
}

/**
 * The arrays of an archive that have one row a star, as a table: `labels` (n × L) by `label_names`, the others under
 * their own names. Stars of spectra without identifiers are numbered from 0. Arrays of other lengths are left out, with
 * the warning `formats/array-left-out`.
 *
 * @throws `formats/no-table` when the arrays have no length in common.
 */
export async function readNpzTable(path: string, options: NpzTableOptions = {}): Promise<Table> {
  return withNpz(path, async (file) => {
    const n = rowsOf(file, path)
    const spectra = file.arrays.has('flux')
    const columns: Column[] = []
    const left: string[] = []
    const aside = new Set([
      'label_names',
      'meta',
      ...[...file.arrays.keys()].filter((name) => name.endsWith(MISSING)),
      ...(spectra ? PER_PIXEL : []),
    ])
    for (const [name, { shape }] of file.arrays) {
      if (aside.has(name)) continue
      if (shape[0] !== n || shape.length > 2) left.push(`${name} (${shape.join(' × ')})`)
      else if (!(spectra && options.matrices !== true && shape.length === 2 && MATRICES.has(name)))
        columns.push(...columnsOf(name, await file.read(name), await labelNames(file, name), await maskOf(file, name)))
    }
    if (spectra && !columns.some(({ name }) => ID_ARRAYS.includes(name.toLowerCase())))
      columns.unshift({ name: 'star_id', values: Array.from({ length: n }, (_, row) => String(row)) })
    if (left.length > 0)
      options.onWarning?.({
        code: 'formats/array-left-out',
        source: path,
        message: `Arrays without ${n} rows are left out: ${left.join(', ')}`,
      })
    return makeTable(columns, n)
  })
}

/**
 * A table as an archive: an array a column, vectors as matrices. Missing numbers are NaN in arrays of floats; of other
 * arrays `NAME__missing` says which rows are. Units are lost.
 */
export async function writeNpzTable(path: string, table: Table): Promise<number> {
  await writeAside(path, writeNpz(arraysOfTable(table)))
  return table.n
}

/** Columns as arrays of an archive; see {@link writeNpzTable}. */
export function arraysOfTable(table: Table): Map<string, NpyArray> {
  const { n } = table
  const arrays = new Map<string, NpyArray>()
  for (const { name, values, valid, width = 1, boolean } of alignMissing(table).columns.values()) {
    const shape = width === 1 ? [n] : [n, width]
    arrays.set(name, { shape, data: values, ...(boolean === true ? { boolean } : {}) })
    const float = values instanceof Float64Array || values instanceof Float32Array
    if (valid?.includes(0) === true && !float) {
      arrays.set(name + MISSING, { shape: [n], data: valid.map((v) => 1 - v), boolean: true })
    }
  }
  return arrays
}

/** One column of an array and the mask that goes with it. */
export function columnOfArray(name: string, { shape, data, boolean }: NpyArray, mask: NpyArray | undefined): Column {
  const width = shape[1] ?? 1
  return {
    name,
    values: data as ColumnValues,
    ...(width === 1 ? {} : { width }),
    ...(boolean === true ? { boolean } : {}),
    ...(mask === undefined ? {} : { valid: (mask.data as Uint8Array).map((missing) => 1 - missing) }),
  }
}

/** The mask of an array of an archive, when there is one. */
export async function maskOf(
  file: NpzFile,
  name: string,
  rows?: readonly [number, number],
): Promise<NpyArray | undefined> {
  return file.arrays.has(name + MISSING) ? file.read(name + MISSING, rows) : undefined
}

async function labelNames(file: NpzFile, name: string): Promise<string[] | undefined> {
  if (!LABEL_ARRAYS.some(([array]) => array === name) || !file.arrays.has('label_names')) return undefined
  return Array.from((await file.read('label_names')).data as ArrayLike<unknown>, String)
}

function columnsOf(
  name: string,
  array: NpyArray,
  labels: readonly string[] | undefined,
  mask: NpyArray | undefined,
): Column[] {
  const count = array.shape[1] ?? 1
  if (labels === undefined || labels.length !== count) return [columnOfArray(name, array, mask)]
  const suffix = LABEL_ARRAYS.find(([labelArray]) => labelArray === name)![1]
  const n = array.shape[0]!
  return labels.map((label, j) => ({
    name: label + suffix,
    values: Float64Array.from({ length: n }, (_, row) => Number(array.data[row * count + j])),
  }))
}

/** Rows of the spectra when there are any; else the length that most arrays have. */
function rowsOf(file: NpzFile, path: string): number {
  const flux = file.arrays.get('flux')?.shape
  if (flux !== undefined) return flux.length === 1 ? 1 : flux[0]!
  const lengths = new Map<number, number>()
  for (const [name, { shape }] of file.arrays)
    if (shape.length > 0 && name !== 'label_names') lengths.set(shape[0]!, (lengths.get(shape[0]!) ?? 0) + 1)
  const most = Math.max(...lengths.values())
  const common = [...lengths].filter(([, count]) => count === most)
  if (common.length === 1) return common[0]![0]
  throw new AstrolabelError('formats/no-table', `The arrays of ${path} make no table`, {
    got: Array.from(file.arrays, ([name, { shape }]) => `${name} (${shape.join(' × ')})`),
    expected: 'arrays of one length',
    remedy: 'Save those that belong together in an archive of their own',
  })
}
