import type { Labels, RunOptions, Spectra, Table } from '@astrolabel/spectra'
import {
  AstrolabelError,
  MAX_BATCH_ROWS,
  concatTables,
  isLabelsSchema,
  isSpectraSchema,
  makeTable,
  spectraFromRecordBatch,
  tableFromRecordBatch,
  tableToRecordBatch,
  throwIfAborted,
} from '@astrolabel/spectra'
import { IpcFileWriter, readIpcFile, readIpcSchema } from '@astrolabel/spectra/node'
import { detachTable, sliceTable, tablePieces } from './table-parts.js'

/** What an Arrow file holds. */
export type ArrowKind = 'spectra' | 'labels' | 'model' | 'table'

/** Tell what an Arrow file holds, by the metadata of its schema. @throws `arrow/unreadable`. */
export async function arrowKind(path: string): Promise<ArrowKind> {
  const schema = await readIpcSchema(path)
  if (isSpectraSchema(schema)) return 'spectra'
  if (isLabelsSchema(schema)) return 'labels'
  return schema.metadata.has('astrolabel:model') ? 'model' : 'table'
}

/**
 * An Arrow file as a catalogue: of spectra the identifiers, positions, signal to noise and catalogue columns, whose
 * matrices pass through memory batch by batch and do not stay there.
 *
 * @throws `formats/model` for a model file, `arrow/unreadable`, `arrow/unsupported-type`.
 */
export async function readArrowTable(path: string, options: RunOptions = {}): Promise<Table> {
  const kind = await arrowKind(path)
  if (kind === 'model')
    throw new AstrolabelError('formats/model', `${path} holds a model, not a table`, {
      remedy: 'See what is in it with `astrolabel inspect`',
    })
  const parts: Table[] = []
  let rows = 0
  for await (const batch of readIpcFile(path)) {
    throwIfAborted(options)
    parts.push(detachTable(kind === 'spectra' ? starTable(spectraFromRecordBatch(batch)) : tableFromRecordBatch(batch)))
    rows += batch.numRows
    options.onProgress?.(rows, 0)
  }
  return concatTables(parts)
}

/** What is known of the stars of a batch besides their spectra: `star_id`, `ra`, `dec`, `snr`, catalogue columns. */
export function starTable(spectra: Spectra): Table {
  const own = [
    { name: 'star_id', values: spectra.starId },
    { name: 'ra', values: spectra.ra, unit: 'deg' },
    { name: 'dec', values: spectra.dec, unit: 'deg' },
    { name: 'snr', values: spectra.snr },
  ]
  const names = new Set(own.map((column) => column.name))
  const catalog = [...spectra.catalog.columns.values()].map((column) =>
    names.has(column.name) ? { ...column, name: `${column.name}_catalog` } : column,
  )
  return makeTable([...own, ...catalog], spectra.n)
}

/** Write tables to an Arrow file, aside and in flat memory. @returns Rows written. */
export async function writeArrowTable(
  path: string,
  source: Table | AsyncIterable<Table>,
  options: RunOptions = {},
): Promise<number> {
  const writer = new IpcFileWriter(path)
  try {
    for await (const piece of tablePieces(source, MAX_BATCH_ROWS)) {
      throwIfAborted(options)
      writer.write(tableToRecordBatch(piece))
      options.onProgress?.(writer.rows, 0)
    }
    writer.close()
    return writer.rows
  } finally {
    writer.discard()
  }
}

/** The same batches, with progress told and a stop where the signal asks for one. */
export async function* watchedSpectra(
  batches: AsyncIterable<Spectra>,
  options: RunOptions = {},
): AsyncGenerator<Spectra> {
  let rows = 0
  for await (const batch of batches) {
    throwIfAborted(options)
    yield batch
    rows += batch.n
    options.onProgress?.(rows, 0)
  }
}

/** The same labels in batches of at most 1024 stars, with progress told and a stop where the signal asks for one. */
export async function* labelPieces(batches: AsyncIterable<Labels>, options: RunOptions = {}): AsyncGenerator<Labels> {
  let rows = 0
  for await (const batch of batches) {
    throwIfAborted(options)
    for (let start = 0; start === 0 || start < batch.n; start += MAX_BATCH_ROWS)
      yield sliceLabels(batch, start, Math.min(start + MAX_BATCH_ROWS, batch.n))
    rows += batch.n
    options.onProgress?.(rows, 0)
  }
}

function sliceLabels(labels: Labels, start: number, end: number): Labels {
  const count = labels.labels.length
  return {
    n: end - start,
    starId: labels.starId.slice(start, end),
    labels: labels.labels,
    values: labels.values.subarray(start * count, end * count),
    errors: labels.errors.subarray(start * count, end * count),
    flags: labels.flags.subarray(start, end),
    flagBits: labels.flagBits,
    ...(labels.covariance === undefined
      ? {}
      : { covariance: labels.covariance.subarray(start * count * count, end * count * count) }),
    ...(labels.extra === undefined ? {} : { extra: sliceTable(labels.extra, start, end) }),
  }
}
