import { flagWords } from '../catalogs/labels-of-table.js'
import type { Column, Labels, RunOptions, Table } from '@astrolabel/spectra'
import { concatTables, makeTable } from '@astrolabel/spectra'
import { writeLabelsFile } from '@astrolabel/spectra/node'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { labelPieces, writeArrowTable } from './arrow-table.js'
import { writeCsvTable } from './csv-table.js'
import { formatToWrite } from './file-format.js'
import { writeFitsTable } from './fits-table.js'
import { writeNpzTable } from './npz-table.js'
import { writeParquetTable } from './parquet-table.js'

/**
 * Write a table, or tables of the same columns one under another, in the format of the extension: .arrow, .parquet,
 * .csv, .npz or .fits. The file is written aside and takes its name when it is whole; Arrow, Parquet and CSV in flat
 * memory.
 *
 * Integers stay exact in all of them. CSV loses types, npz units, FITS the difference between a missing and an empty
 * string; strings outside ASCII do not go into FITS.
 *
 * @returns Rows written. @throws `formats/unknown`, what the format cannot hold, and what the iteration throws.
 */
export async function writeTable(
  path: string,
  source: Table | AsyncIterable<Table>,
  options: RunOptions = {},
): Promise<number> {
  const format = formatToWrite(path)
  await mkdir(dirname(path), { recursive: true })
  switch (format) {
    case 'arrow':
      return writeArrowTable(path, source, options)
    case 'parquet':
      return writeParquetTable(path, source, options)
    case 'csv':
      return writeCsvTable(path, source, options)
    case 'npz':
      return writeNpzTable(path, await wholeTable(source, options))
    case 'fits':
      return writeFitsTable(path, await wholeTable(source, options), options)
  }
}

/**
 * Write labels in the format of the extension: `star_id` first, then `name`, `name_err` of each label, `flags`, and what
 * else is known of each star; covariances in Arrow only.
 *
 * @returns Stars written. @throws as {@link writeTable}.
 */
export async function writeLabels(
  path: string,
  batches: AsyncIterable<Labels>,
  options: RunOptions = {},
): Promise<number> {
  if (formatToWrite(path) !== 'arrow') return writeTable(path, labelTables(batches), options)
  await mkdir(dirname(path), { recursive: true })
  return writeLabelsFile(path, labelPieces(batches, options))
}

/** Labels as a table: `star_id`, `teff`, `teff_err`, …, `flags`, the flags in words, then the extra columns. */
function tableOfLabels(labels: Labels): Table {
  const count = labels.labels.length
  const column = (matrix: Float64Array, j: number): Float64Array =>
    Float64Array.from({ length: labels.n }, (_, i) => matrix[i * count + j]!)
  const columns = labels.labels.flatMap(({ name, unit }, j): Column[] => {
    const of = (columnName: string, values: Float64Array): Column => ({
      name: columnName,
      values,
      valid: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)),
      ...(unit === '' ? {} : { unit }),
    })
    return [of(name, column(labels.values, j)), of(`${name}_err`, column(labels.errors, j))]
  })
  return makeTable(
    [
      { name: 'star_id', values: labels.starId },
      ...columns,
      { name: 'flags', values: labels.flags },
      // These formats do not keep what the bits are called.
      { name: 'flag_names', values: flagWords(labels) },
      ...(labels.extra?.columns.values() ?? []),
    ],
    labels.n,
  )
}

async function* labelTables(batches: AsyncIterable<Labels>): AsyncGenerator<Table> {
  for await (const batch of batches) yield tableOfLabels(batch)
}

async function wholeTable(source: Table | AsyncIterable<Table>, options: RunOptions): Promise<Table> {
  if (!(Symbol.asyncIterator in source)) return source
  const parts: Table[] = []
  for await (const part of source) {
    options.signal?.throwIfAborted()
    parts.push(part)
  }
  return concatTables(parts)
}
