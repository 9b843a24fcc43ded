import { fileSource } from '@astrolabel/io-fits/node'
import type { Column, RunOptions, Spectra, SpectraMeta } from '@astrolabel/spectra'
import {
  AstrolabelError,
  MAX_BATCH_ROWS,
  concatSpectra,
  findLabel,
  makeSpectra,
  makeTable,
  pixelCount,
  pixelWavelengths,
  throwIfAborted,
} from '@astrolabel/spectra'
import type { IngestWarning, NpyArray, NpzFile } from '@astrolabel/surveys'
import { npzReader, openNpz, writeNpz } from '@astrolabel/surveys'
import { writeAside } from '../run/write-aside.js'
import { arraysOfTable, columnOfArray, maskOf, withNpz } from './npz-table.js'
import { freeCatalogNames, packMeta, unpackMeta } from './spectra-meta.js'

const OWN = [
  'wavelength',
  'flux',
  'ivar',
  'mask',
  'wave',
  'star_id',
  'ra',
  'dec',
  'snr',
  'labels',
  'label_errors',
  'label_names',
  'meta',
  'columns',
]

/** What `columns` keeps of a catalogue column, in the order of the catalogue. */
interface ColumnNote {
  readonly name: string
  readonly unit?: string
  /** Where a label lies in `labels`, an error in `label_errors`. */
  readonly label?: number
  readonly error?: number
  /** Set where the matrix of labels widened it. */
  readonly single?: true
}

/**
 * Write spectra as an archive of numpy: `wavelength` (P), `flux` and `ivar` (n × P), `star_id`, `ra`, `dec`, `snr`,
 * `labels` (n × L) with `label_names` and `label_errors` (NaN = missing), an array for each other catalogue column, and
 * `meta` and `columns`, the rest as JSON, from which {@link readNpzSpectra} restores everything. All of it is in memory.
 *
 * @returns Stars written. @throws `npz/too-large`.
 */
export async function writeNpzSpectra(path: string, batches: AsyncIterable<Spectra>): Promise<number> {
  const all: Spectra[] = []
  for await (const batch of batches) all.push(batch)
  const spectra = concatSpectra(all)
  await writeAside(path, writeNpz(arraysOfSpectra(spectra)))
  return spectra.n
}

/**
 * Batches of spectra of an archive, undefined when it holds no flux with wavelengths: exactly as written when this
 * package wrote it, else by the reader of surveys.
 */
export async function readNpzSpectra(
  path: string,
  options: RunOptions & { readonly onWarning?: ((warning: IngestWarning) => void) | undefined } = {},
): Promise<AsyncGenerator<Spectra> | undefined> {
  // Opening unpacks what is compressed, so one look has to do.
  const found = await withNpz(path, async (file) =>
    holdsSpectra(file) ? { meta: await ownMeta(file, path) } : undefined,
  )
  if (found === undefined) return undefined
  return found.meta === undefined ? foreignBatches(path, options) : ownBatches(path, found.meta, options)
}

/** True when an archive holds spectra and their wavelengths. */
export function holdsSpectra({ arrays }: NpzFile): boolean {
  const names = new Set([...arrays.keys()].map((name) => name.toLowerCase()))
  return (
    (names.has('flux') || names.has('spectra')) &&
    ['wavelength', 'wave', 'loglam', 'lambda'].some((name) => names.has(name))
  )
}

async function* foreignBatches(path: string, options: Parameters<typeof readNpzSpectra>[1]): AsyncGenerator<Spectra> {
  yield* npzReader.read([{ name: path, open: () => fileSource(path) }], {
    signal: options?.signal,
    onWarning: options?.onWarning,
  })
}

async function* ownBatches(path: string, meta: SpectraMeta, options: RunOptions): AsyncGenerator<Spectra> {
  const source = await fileSource(path)
  try {
    const file = await openNpz(source)
    const n = file.arrays.get('flux')!.shape[0]!
    const notes = JSON.parse(String((await file.read('columns')).data[0])) as ColumnNote[]
    for (let start = 0; start === 0 || start < n; start += MAX_BATCH_ROWS) {
      throwIfAborted(options)
      yield await batchOf(file, meta, notes, [start, Math.min(start + MAX_BATCH_ROWS, n)])
    }
  } finally {
    await source.close()
  }
}

function arraysOfSpectra(spectra: Spectra): Map<string, NpyArray> {
  const { n, nPix, meta } = spectra
  const catalog = [...freeCatalogNames(spectra, OWN).columns.values()]
  const labels = catalog.filter((column) => isLabel(column))
  const notes = catalog.map((column) => noteOf(column, labels))
  const matrix = (data: NpyArray['data']): NpyArray => ({ shape: [n, nPix], data })
  const arrays = new Map<string, NpyArray>([
    ['wavelength', { shape: [nPix], data: pixelWavelengths(meta) }],
    ['flux', matrix(spectra.flux)],
    ['ivar', matrix(spectra.ivar)],
    ['star_id', { shape: [n], data: spectra.starId }],
    ['ra', { shape: [n], data: spectra.ra }],
    ['dec', { shape: [n], data: spectra.dec }],
    ['snr', { shape: [n], data: spectra.snr }],
  ])
  if (spectra.mask !== undefined) arrays.set('mask', matrix(spectra.mask))
  if (spectra.wave !== undefined) arrays.set('wave', matrix(spectra.wave))
  if (labels.length > 0) {
    const errors = labels.map((label) =>
      catalog.find((column) => column.name === `${label.name}_err` && isFloat(column)),
    )
    arrays.set('labels', { shape: [n, labels.length], data: interleave(labels, n) })
    arrays.set('label_errors', { shape: [n, labels.length], data: interleave(errors, n) })
    arrays.set('label_names', { shape: [labels.length], data: labels.map((label) => label.name) })
  }
  const rest = catalog.filter((_, i) => notes[i]!.label === undefined && notes[i]!.error === undefined)
  for (const [name, array] of arraysOfTable(makeTable(rest, n))) arrays.set(name, array)
  arrays.set('meta', { shape: [], data: [packMeta(meta)] })
  arrays.set('columns', { shape: [], data: [JSON.stringify(notes)] })
  return arrays
}

function isFloat(column: Column): column is Column & { values: Float64Array | Float32Array } {
  return (column.width ?? 1) === 1 && (column.values instanceof Float64Array || column.values instanceof Float32Array)
}

function isLabel(column: Column): boolean {
  return isFloat(column) && findLabel(column.name)?.name === column.name
}

function noteOf(column: Column, labels: readonly Column[]): ColumnNote {
  const { name, unit, values } = column
  const label = labels.indexOf(column)
  const error = isFloat(column) ? labels.findIndex((one) => name === `${one.name}_err`) : -1
  return {
    name,
    ...(unit === undefined ? {} : { unit }),
    ...(label < 0 ? {} : { label }),
    ...(error < 0 ? {} : { error }),
    ...((label >= 0 || error >= 0) && values instanceof Float32Array ? { single: true as const } : {}),
  }
}

/** Columns side by side, (n × L) row-major; NaN where a value is missing or a column absent. */
function interleave(columns: readonly (Column | undefined)[], n: number): Float64Array {
  const out = new Float64Array(n * columns.length).fill(Number.NaN)
  columns.forEach((column, j) => {
    if (column === undefined) return
    for (let row = 0; row < n; row++)
      if (column.valid?.[row] !== 0) out[row * columns.length + j] = Number(column.values[row])
  })
  return out
}

/** The metadata of an archive that this package wrote and whose pixels nobody has changed since. */
async function ownMeta(file: NpzFile, path: string): Promise<SpectraMeta | undefined> {
  const needed = ['meta', 'columns', 'wavelength', 'flux', 'ivar', 'star_id', 'ra', 'dec', 'snr']
  const { arrays } = file
  if (!needed.every((name) => arrays.has(name)) || arrays.get('meta')!.shape.length > 0) return undefined
  const text = String((await file.read('meta')).data[0])
  if (!text.startsWith('{"formatVersion"')) return undefined
  const wave = Float64Array.from((await file.read('wavelength')).data as ArrayLike<number>)
  const meta = unpackMeta(text, wave, path)
  const own = pixelWavelengths(meta)
  const unchanged =
    arrays.get('flux')!.shape[1] === pixelCount(meta) &&
    own.length === wave.length &&
    own.every((value, i) => Math.abs(value - wave[i]!) < 1e-6)
  return unchanged ? meta : undefined
}

async function batchOf(
  file: NpzFile,
  meta: SpectraMeta,
  notes: readonly ColumnNote[],
  rows: readonly [number, number],
): Promise<Spectra> {
  const n = rows[1] - rows[0]
  const read = async <T>(name: string): Promise<T> => (await file.read(name, rows)).data as T
  const typed = async <T extends Float32Array | Float64Array | Uint32Array>(
    name: string,
    like: new (values: ArrayLike<number>) => T,
  ): Promise<T> => {
    const data = await read<ArrayLike<number>>(name)
    return data instanceof like ? data : new like(data)
  }
  const labels = notes.some((note) => note.label !== undefined)
    ? {
        values: await typed('labels', Float64Array),
        errors: await typed('label_errors', Float64Array),
        count: file.arrays.get('labels')!.shape[1]!,
      }
    : undefined
  const columns: Column[] = []
  for (const note of notes) {
    const { name, unit } = note
    const at = note.label ?? note.error
    if (at !== undefined && labels === undefined)
      throw new AstrolabelError('spectra/damaged', `The archive lacks its labels`, { expected: 'an array labels' })
    const column =
      at === undefined
        ? columnOfArray(name, await file.read(name, rows), await maskOf(file, name, rows))
        : {
            name,
            values: takeLabel(
              note.label === undefined ? labels!.errors : labels!.values,
              labels!.count,
              at,
              note.single === true,
            ),
          }
    columns.push(unit === undefined ? column : { ...column, unit })
  }
  return makeSpectra({
    meta,
    starId: Array.from(await read<ArrayLike<unknown>>('star_id'), String),
    ra: await typed('ra', Float64Array),
    dec: await typed('dec', Float64Array),
    flux: await typed('flux', Float32Array),
    ivar: await typed('ivar', Float32Array),
    snr: await typed('snr', Float32Array),
    ...(file.arrays.has('mask') ? { mask: await typed('mask', Uint32Array) } : {}),
    ...(file.arrays.has('wave') ? { wave: await typed('wave', Float64Array) } : {}),
    catalog: makeTable(columns, n),
  })
}

function takeLabel(matrix: Float64Array, count: number, at: number, single: boolean): Float64Array | Float32Array {
  const n = matrix.length / count
  const values = Float64Array.from({ length: n }, (_, row) => matrix[row * count + at]!)
  return single ? Float32Array.from(values) : values
}
