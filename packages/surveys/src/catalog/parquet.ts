import type { Column, ColumnValues, RunOptions, Table } from '@astrolabel/spectra'
import { AstrolabelError, isTypedError, makeTable, throwIfAborted } from '@astrolabel/spectra'
import type { AsyncBuffer, Compressors, DecodedArray, FileMetaData } from 'hyparquet'
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet'
import type { IngestWarning } from '../ingest.js'
import { kindOfSchema } from './parquet-kinds.js'
import type { ParquetKind } from './parquet-kinds.js'

/** The key of the footer under which units are kept, by column, as JSON. */
export const PARQUET_UNITS_KEY = 'astrolabel:units'

/** A Parquet file to read: its bytes by range, and what unpacks it besides Snappy, which hyparquet does itself. */
export interface ParquetSource {
  readonly name: string
  readonly bytes: AsyncBuffer
  readonly unpackers?: Compressors | undefined
}

/** Options of {@link readParquet}. */
export interface ParquetReadOptions extends RunOptions {
  /** Names of columns to read, as the file has them; all when undefined. */
  readonly columns?: readonly string[] | undefined
  readonly onWarning?: ((warning: IngestWarning) => void) | undefined
}

/** What the footer of a Parquet file says. @throws `parquet/unreadable`. */
export async function parquetMetadata({ name, bytes }: Omit<ParquetSource, 'unpackers'>): Promise<FileMetaData> {
  return readable(name, async () => parquetMetadataAsync(bytes))
}

/** Units that the footer keeps, by column. */
export function parquetUnits(metadata: FileMetaData): Readonly<Record<string, string>> {
  const text = metadata.key_value_metadata?.find(({ key }) => key === PARQUET_UNITS_KEY)?.value
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>)
}

/**
 * A Parquet file as a table; lists of one length become vectors. Columns nested otherwise are left out, with the warning
 * `formats/column-left-out`.
 *
 * @throws `parquet/unreadable`, `surveys/no-column` listing the columns.
 */
export async function readParquet(source: ParquetSource, options: ParquetReadOptions = {}): Promise<Table> {
  const { name: path } = source
  const metadata = await parquetMetadata(source)
  const n = Number(metadata.num_rows)
  const units = parquetUnits(metadata)
  const children = parquetSchema(metadata).children
  const names = children.map((child) => child.element.name)
  const unknown = options.columns?.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new AstrolabelError('surveys/no-column', `${path} has no column ${unknown}`, {
      expected: `one of ${names.join(', ')}`,
      remedy: 'Name one of these columns',
    })
  const columns: Column[] = []
  for (const child of children) {
    throwIfAborted(options)
    const { name } = child.element
    if (options.columns !== undefined && !options.columns.includes(name)) continue
    const found = kindOfSchema(child)
    const cells = found === undefined ? undefined : await readable(path, () => readCells(source, metadata, name, n))
    const column =
      found === undefined || cells === undefined
        ? undefined
        : found.list
          ? vectorColumn(name, found.kind, cells)
          : scalarColumn(name, found.kind, cells)
    if (column === undefined)
      options.onWarning?.({
        code: 'formats/column-left-out',
        source: path,
        message: `Column ${name} is nested and is left out`,
      })
    else columns.push(units[name] === undefined ? column : { ...column, unit: units[name] })
    options.onProgress?.(columns.length, children.length)
  }
  return makeTable(columns, n)
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (isTypedError(cause)) throw cause
    throw new AstrolabelError('parquet/unreadable', `${path} is not a Parquet file that can be read`, {
      got: cause instanceof Error ? cause.message : String(cause),
      remedy:
        'Check that it was written to its end; of compressions Snappy is read; in Node also gzip and Brotli, and Zstandard from Node 22.15 on',
      cause,
    })
  }
}

/** The cells of a column, row after row, in the chunks that the file has. */
async function readCells(
  { bytes, unpackers }: ParquetSource,
  metadata: FileMetaData,
  name: string,
  n: number,
): Promise<DecodedArray[]> {
  const chunks: { at: number; cells: DecodedArray }[] = []
  await parquetRead({
    file: bytes,
    metadata,
    columns: [name],
    ...(unpackers === undefined ? {} : { compressors: unpackers }),
    onChunk: ({ columnData, rowStart }) => chunks.push({ at: rowStart, cells: columnData }),
  })
  chunks.sort((a, b) => a.at - b.at)
  const read = chunks.reduce((sum, { cells }) => sum + cells.length, 0)
  if (read !== n) throw new RangeError(`${read} of ${n} rows of column ${name}`)
  return chunks.map(({ cells }) => cells)
}

function scalarColumn(name: string, kind: ParquetKind, chunks: readonly DecodedArray[]): Column {
  const n = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const valid = new Uint8Array(n).fill(1)
  const values = valuesOf(kind, n)
  let row = 0
  for (const chunk of chunks)
    for (const cell of chunk as Iterable<unknown>) {
      if (cell === null || cell === undefined) valid[row] = 0
      setCell(values, row++, cell, kind)
    }
  return { name, values, ...(kind.boolean === true ? { boolean: true } : {}), ...(valid.includes(0) ? { valid } : {}) }
}

function vectorColumn(name: string, kind: ParquetKind, chunks: readonly DecodedArray[]): Column | undefined {
  const n = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  let width: number | undefined
  for (const chunk of chunks)
    for (const cell of chunk as Iterable<unknown>) {
      if (cell === null || cell === undefined) continue
      width ??= (cell as ArrayLike<unknown>).length
      if ((cell as ArrayLike<unknown>).length !== width) return undefined
    }
  if (width === undefined || width === 0) return undefined
  const valid = new Uint8Array(n).fill(1)
  const values = valuesOf(kind, n * width)
  let row = 0
  for (const chunk of chunks)
    for (const cell of chunk as Iterable<unknown>) {
      if (cell === null || cell === undefined) valid[row] = 0
      for (let j = 0; j < width; j++)
        setCell(values, row * width + j, (cell as ArrayLike<unknown> | null | undefined)?.[j], kind)
      row++
    }
  return { name, values, width, ...(valid.includes(0) ? { valid } : {}) }
}

type Writable = Exclude<ColumnValues, readonly string[]> | string[]

function valuesOf(kind: ParquetKind, length: number): Writable {
  if (kind.array === undefined) return Array.from({ length }, () => '')
  const values = new kind.array(length)
  return values instanceof Float64Array || values instanceof Float32Array ? values.fill(Number.NaN) : values
}

function setCell(values: Writable, at: number, cell: unknown, kind: ParquetKind): void {
  if (cell === null || cell === undefined) return
  if (Array.isArray(values)) values[at] = textOf(cell)
  else if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    values[at] = BigInt(cell as number | bigint)
  else values[at] = kind.boolean === true ? Number(cell === true) : Number(cell)
}

function textOf(cell: unknown): string {
  if (typeof cell === 'string') return cell
  return cell instanceof Date ? cell.toISOString() : JSON.stringify(cell)
}
