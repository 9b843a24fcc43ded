import type { Column, ColumnValues, RunOptions, Table } from '@astrolabel/spectra'
import { AstrolabelError, isTypedError, makeTable, throwIfAborted } from '@astrolabel/spectra'
import type { IngestWarning } from '@astrolabel/surveys'
import type { Compressors, DecodedArray, FileMetaData, SchemaElement } from 'hyparquet'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet'
import type { ColumnSource } from 'hyparquet-writer'
import { ParquetWriter, fileWriter } from 'hyparquet-writer'
import { rename, rm } from 'node:fs/promises'
import zlib from 'node:zlib'
import type { ParquetKind } from './parquet-schema.js'
import { kindOfColumn, kindOfSchema, schemaOfColumn } from './parquet-schema.js'
import { noColumn, tablePieces } from './table-parts.js'

const UNITS_KEY = 'astrolabel:units'
const GROUP_ROWS = 100_000

/** Zstandard came with Node 22.15. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }

/** What other writers pack with; hyparquet itself unpacks snappy. */
const UNPACKERS: Compressors = {
  GZIP: (bytes) => zlib.gunzipSync(bytes),
  BROTLI: (bytes) => zlib.brotliDecompressSync(bytes),
  ...(zstdDecompressSync === undefined ? {} : { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) }),
}

/** Options of {@link readParquetTable}. */
interface ParquetReadOptions extends RunOptions {
  /** Names of columns to read, as the file has them; all when undefined. */
  readonly columns?: readonly string[] | undefined
  readonly onWarning?: ((warning: IngestWarning) => void) | undefined
}

/** What the footer of a Parquet file says. @throws `parquet/unreadable`. */
export async function readParquetMetadata(path: string): Promise<FileMetaData> {
  return readable(path, async () => parquetMetadataAsync(await asyncBufferFromFile(path)))
}

/** Names of the columns of a Parquet file. @throws `parquet/unreadable`. */
export async function parquetSchemaNames(path: string): Promise<string[]> {
  return parquetSchema(await readParquetMetadata(path)).children.map((child) => child.element.name)
}

/** Units that {@link writeParquetTable} kept in the footer, by column. */
export function parquetUnits(metadata: FileMetaData): Readonly<Record<string, string>> {
  const text = metadata.key_value_metadata?.find(({ key }) => key === UNITS_KEY)?.value
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>)
}

/**
 * A Parquet file as a table; lists of one length become vectors. Columns nested otherwise are left out, with the warning
 * `formats/column-left-out`.
 *
 * @throws `parquet/unreadable`, `formats/no-column`.
 */
export async function readParquetTable(path: string, options: ParquetReadOptions = {}): Promise<Table> {
  const metadata = await readParquetMetadata(path)
  const n = Number(metadata.num_rows)
  const units = parquetUnits(metadata)
  const children = parquetSchema(metadata).children
  const names = children.map((child) => child.element.name)
  const unknown = options.columns?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw noColumn(unknown, names, path)
  const columns: Column[] = []
  for (const child of children) {
    throwIfAborted(options)
    const { name } = child.element
    if (options.columns !== undefined && !options.columns.includes(name)) continue
    const found = kindOfSchema(child)
    const cells = found === undefined ? undefined : await readable(path, () => readCells(path, metadata, name, n))
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

/**
 * Write tables to a Parquet file (Snappy), aside, one row group after another.
 *
 * @returns Rows written. @throws `formats/columns-differ` when a later table has other columns than the first.
 */
export async function writeParquetTable(
  path: string,
  source: Table | AsyncIterable<Table>,
  options: RunOptions = {},
): Promise<number> {
  const aside = `${path}.${process.pid}.part`
  let writer: ParquetWriter | undefined
  let schema: SchemaElement[] = []
  let rows = 0
  try {
    for await (const piece of tablePieces(source, GROUP_ROWS)) {
      throwIfAborted(options)
      const columns = [...piece.columns.values()]
      const own: SchemaElement[] = [{ name: 'root', num_children: columns.length }, ...columns.flatMap(schemaOfColumn)]
      if (writer === undefined) {
        schema = own
        writer = new ParquetWriter({
          writer: fileWriter(aside),
          schema,
          kvMetadata: unitMetadata(columns),
          createdBy: 'astrolabel',
        })
      } else if (JSON.stringify(own) !== JSON.stringify(schema)) {
        throw new AstrolabelError(
          'formats/columns-differ',
          `A part of ${path} has other columns than those before it`,
          {
            got: [...piece.columns.keys()],
            expected: schema.slice(1).map((element) => element.name),
            remedy: 'Write tables of one kind to one file',
          },
        )
      }
      if (piece.n > 0) await writer.write({ columnData: columns.map(cellsOf), rowGroupSize: GROUP_ROWS })
      rows += piece.n
      options.onProgress?.(rows, 0)
    }
    if (writer === undefined)
      throw new AstrolabelError('formats/nothing', `Nothing was written to ${path}`, {
        remedy: 'Check that the input has any rows',
      })
    await writer.finish()
    await rename(aside, path)
    return rows
  } finally {
    await rm(aside, { force: true })
  }
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (isTypedError(cause)) throw cause
    throw new AstrolabelError('parquet/unreadable', `${path} is not a Parquet file that can be read`, {
      got: cause instanceof Error ? cause.message : String(cause),
      remedy:
        'Check that it was written to its end; of compressions Snappy, gzip and Brotli are read, and Zstandard from Node 22.15 on',
      cause,
    })
  }
}

/** The cells of a column, row after row, in the chunks that the file has. */
async function readCells(path: string, metadata: FileMetaData, name: string, n: number): Promise<DecodedArray[]> {
  const chunks: { at: number; cells: DecodedArray }[] = []
  await parquetRead({
    file: await asyncBufferFromFile(path),
    metadata,
    columns: [name],
    compressors: UNPACKERS,
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

function unitMetadata(columns: readonly Column[]): { key: string; value: string }[] {
  const units = Object.fromEntries(columns.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit]])))
  return Object.keys(units).length === 0 ? [] : [{ key: UNITS_KEY, value: JSON.stringify(units) }]
}

/** A column as the writer takes it: arrays with null where a value is missing. */
function cellsOf(column: Column): ColumnSource {
  const { name, values, valid, width = 1 } = column
  const kind = kindOfColumn(column)
  const plain = (at: number): unknown => (kind.boolean === true ? values[at] === 1 : values[at])
  const n = values.length / width
  if (width === 1 && valid === undefined && kind.boolean !== true)
    return { name, data: kind.type === 'INT32' ? Array.from(values as Int32Array) : (values as Float64Array) }
  const cells: unknown[] = []
  for (let row = 0; row < n; row++)
    cells.push(
      valid?.[row] === 0
        ? null
        : width === 1
          ? plain(row)
          : Array.from({ length: width }, (_, j) => plain(row * width + j)),
    )
  return { name, data: cells }
}
