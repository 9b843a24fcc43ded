import type { Column, RunOptions, Table } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import type { ParquetReadOptions } from '@astrolabel/surveys'
import { PARQUET_UNITS_KEY, parquetKindOf, parquetMetadata, readParquet } from '@astrolabel/surveys'
import { parquetPath } from '@astrolabel/surveys/node'
import type { FileMetaData, SchemaElement } from 'hyparquet'
import { parquetSchema } from 'hyparquet'
import type { ColumnSource } from 'hyparquet-writer'
import { ParquetWriter, fileWriter } from 'hyparquet-writer'
import { rename, rm } from 'node:fs/promises'
import { schemaOfColumn } from './parquet-schema.js'
import { noColumn, tablePieces } from './table-parts.js'

const GROUP_ROWS = 100_000

/** What the footer of a Parquet file says. @throws `parquet/unreadable`. */
export async function readParquetMetadata(path: string): Promise<FileMetaData> {
  return parquetMetadata(await parquetPath(path))
}

/** Names of the columns of a Parquet file. @throws `parquet/unreadable`. */
export async function parquetSchemaNames(path: string): Promise<string[]> {
  return parquetSchema(await readParquetMetadata(path)).children.map((child) => child.element.name)
}

/** A Parquet file as a table; see readParquet. @throws `parquet/unreadable`, `formats/no-column`. */
export async function readParquetTable(path: string, options: ParquetReadOptions = {}): Promise<Table> {
  const names = options.columns === undefined ? [] : await parquetSchemaNames(path)
  const unknown = options.columns?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw noColumn(unknown, names, path)
  return readParquet(await parquetPath(path), options)
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

function unitMetadata(columns: readonly Column[]): { key: string; value: string }[] {
  const units = Object.fromEntries(columns.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit]])))
  return Object.keys(units).length === 0 ? [] : [{ key: PARQUET_UNITS_KEY, value: JSON.stringify(units) }]
}

/** A column as the writer takes it: arrays with null where a value is missing. */
function cellsOf(column: Column): ColumnSource {
  const { name, values, valid, width = 1 } = column
  const kind = parquetKindOf(column)
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
