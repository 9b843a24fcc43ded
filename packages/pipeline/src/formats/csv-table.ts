import type { Column, RunOptions, Table } from '@astrolabel/spectra'
import { AstrolabelError, makeTable, throwIfAborted } from '@astrolabel/spectra'
import type { IngestWarning } from '@astrolabel/surveys'
import {
  contentFormat,
  isEcsv,
  isMilesNames,
  isMilesParams,
  parseMilesNames,
  parseMilesParams,
  tableFromCsv,
  tableFromEcsv,
  tableToCsv,
} from '@astrolabel/surveys'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { tablePieces } from './table-parts.js'
import { writeChunks } from './write-chunks.js'

const PIECE_ROWS = 8192

/** A table of text, gzip or not; the parameter files of MILES and ECSV are recognised. @throws `surveys/csv`, `surveys/ecsv`. */
export async function readCsvTable(
  path: string,
  onWarning: ((warning: IngestWarning) => void) | undefined,
): Promise<Table> {
  const bytes = await readFile(path)
  const text = new TextDecoder().decode(contentFormat(bytes) === 'gzip' ? gunzipSync(bytes) : bytes)
  const source = basename(path)
  if (isMilesParams(text)) return withSpectrumId(parseMilesParams(text, source, { onWarning }))
  if (isMilesNames(text)) return withSpectrumId(parseMilesNames(text, source, { onWarning }))
  return isEcsv(text) ? tableFromEcsv(text, source, { onWarning }) : tableFromCsv(text, source)
}

/**
 * Write tables as comma-separated text, aside and in flat memory: missing values are empty, vectors one column an
 * element, numbers as short as they can be and still read back the same.
 *
 * @returns Rows written. @throws `formats/columns-differ` when a later table has other columns than the first.
 */
export async function writeCsvTable(
  path: string,
  source: Table | AsyncIterable<Table>,
  options: RunOptions = {},
): Promise<number> {
  let rows = 0
  await writeChunks(
    path,
    (async function* () {
      let header: string | undefined
      for await (const piece of tablePieces(source, PIECE_ROWS)) {
        throwIfAborted(options)
        const empty = tableToCsv({
          n: 0,
          columns: new Map([...piece.columns].map(([name, column]) => [name, { ...column, values: [] }])),
        })
        if (header !== undefined && empty !== header) {
          throw new AstrolabelError(
            'formats/columns-differ',
            `A part of ${path} has other columns than those before it`,
            {
              got: empty.trim().slice(0, 200),
              expected: header.trim().slice(0, 200),
              remedy: 'Write tables of one kind to one file',
            },
          )
        }
        const text = tableToCsv(shortFloats(piece))
        yield header === undefined ? text : text.slice(header.length)
        header ??= empty
        rows += piece.n
        options.onProgress?.(rows, 0)
      }
      if (header === undefined)
        throw new AstrolabelError('formats/nothing', `Nothing was written to ${path}`, {
          remedy: 'Check that the input has any rows',
        })
    })(),
  )
  return rows
}

function shortFloats(table: Table): Table {
  return { n: table.n, columns: new Map([...table.columns].map(([name, column]) => [name, shortColumn(column)])) }
}

/** Single precision as the shortest decimal that gives the same: 0.1, not 0.10000000149011612. */
function shortColumn(column: Column): Column {
  if (!(column.values instanceof Float32Array)) return column
  return { ...column, values: Float64Array.from(column.values, shortest) }
}

function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

/** MILES lists its stars by number; its spectra, and labels of them, are called by their file: number 81 is `m0081V`. */
function withSpectrumId(table: Table): Table {
  const number = table.columns.get('number')!.values as readonly string[]
  return makeTable(
    [{ name: 'star_id', values: number.map((digits) => `m${digits}V`) }, ...table.columns.values()],
    table.n,
  )
}
