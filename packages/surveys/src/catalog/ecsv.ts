import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import type { ReadOptions } from '../ingest.js'
import { CellColumn, columnOfLists, numberOfText, textColumn } from './cell-columns.js'
import type { CellNumber, CellType } from './cell-columns.js'
import { records } from './csv.js'
import { parseEcsvHeader } from './ecsv-header.js'
import type { EcsvColumn } from './ecsv-header.js'

/** What datatypes are kept as: half precision as single, long double as double. */
const TYPES: Readonly<Record<string, CellType>> = {
  bool: 'bool',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  float16: 'float32',
  float32: 'float32',
  float64: 'float64',
  float128: 'float64',
}

/** The cells of a column: row by row its text, and the line that it stands in. */
interface Cells {
  readonly n: number
  readonly text: (row: number) => string
  readonly line: (row: number) => number
}

/**
 * Read an ECSV table (astropy's Enhanced Character-Separated Values, version 1.0).
 *
 * Columns have the types and units of the header; empty cells and JSON's null are missing. Cells of a fixed shape become
 * vectors, those of varying length too where all are as long; objects stay as their JSON text. Columns of complex numbers
 * and lists of different lengths are left out, with the warning `surveys/column-left-out`.
 *
 * @param source What messages call it.
 * @throws `surveys/ecsv`, naming line and column: a header that is none, a row of another number of cells, a cell that is
 * not of its column's type.
 */
export function tableFromEcsv(text: string, source = 'the table', options: Pick<ReadOptions, 'onWarning'> = {}): Table {
  const { columns, delimiter } = parseEcsvHeader(text, source)
  const [names, ...rows] = [...records(text.replace(/^\uFEFF/, ''), delimiter)]
  const expected = columns.map(({ name }) => name)
  const found = names?.fields.map((field) => field.text.trim()) ?? []
  if (found.length !== expected.length || found.some((name, i) => name !== expected[i]))
    throw badCell(source, names?.line ?? 0, found.join(', ') || 'no row of names', expected.join(', '))
  for (const { line, fields } of rows)
    if (fields.length !== columns.length) throw badCell(source, line, `${fields.length} cells`, `${columns.length}`)
  const out: Column[] = []
  columns.forEach((column, j) => {
    const cells: Cells = { n: rows.length, text: (row) => rows[row]!.fields[j]!.text, line: (row) => rows[row]!.line }
    const made = columnOf(column, cells, source)
    if (made !== undefined) out.push(made)
    else
      options.onWarning?.({
        code: 'surveys/column-left-out',
        source,
        message: `Column ${column.name} holds ${column.subtype ?? column.datatype}, which has no place in a table, and is left out`,
      })
  })
  return makeTable(out, rows.length)
}

function columnOf(column: EcsvColumn, cells: Cells, source: string): Column | undefined {
  const { name, datatype, subtype, unit } = column
  const [, of, shape] = /^(\w+)\[([^\]]*)\]$/.exec(subtype ?? '') ?? []
  if (of !== undefined && shape !== undefined) return vectorColumn(column, TYPES[of], shape, cells, source)
  if (datatype === 'string')
    return textColumn(
      name,
      Array.from({ length: cells.n }, (_, row) => cells.text(row)),
      unit,
    )
  const type = TYPES[datatype]
  if (type === undefined) return undefined
  const out = new CellColumn(type, 1)
  for (let row = 0; row < cells.n; row++) {
    const bare = cells.text(row).trim()
    out.push(bare === '' ? undefined : cellOf(bare, type, source, cells.line(row), name))
  }
  return out.column(name, unit)
}

/** Arrays of a fixed shape, `2,3`, or one whose last axis varies, `2,null`. */
function vectorColumn(
  { name, unit }: EcsvColumn,
  type: CellType | undefined,
  shape: string,
  cells: Cells,
  source: string,
): Column | undefined {
  if (type === undefined) return undefined
  const axes = shape.split(',').map((length) => length.trim())
  const lists = Array.from({ length: cells.n }, (_, row) => {
    const text = cells.text(row)
    return text.trim() === '' ? undefined : flatJson(text, type, source, cells.line(row), name)
  })
  // A shape that no row bears out may be any number.
  if (lists.length > 0 && lists.every((list) => list === undefined)) return undefined
  const width = axes.includes('null')
    ? lists.find((list) => list !== undefined)?.length
    : axes.reduce((product, length) => product * Number(length), 1)
  if (width === undefined || width === 0) return undefined
  const odd = lists.findIndex((list) => list !== undefined && list.length !== width)
  if (odd >= 0 && axes.includes('null')) return undefined
  if (odd >= 0) throw badCell(source, cells.line(odd), `${lists[odd]!.length} values`, `${width}, column ${name}`)
  return columnOfLists(name, type, lists, width, unit)
}

/** Numbers of nested JSON lists, one after another. Read from the text, since JSON.parse rounds 64-bit integers. */
function flatJson(text: string, type: CellType, source: string, line: number, name: string): CellNumber[] {
  if (!/^\s*\[[[\]\s\w.,+"-]*\]\s*$/.test(text))
    throw badCell(source, line, text.slice(0, 40), `a list, column ${name}`)
  const words = text.match(/[^[\]\s,]+/g) ?? []
  return words.map((word) => (word === 'null' ? undefined : cellOf(word.replaceAll('"', ''), type, source, line, name)))
}

function cellOf(text: string, type: CellType, source: string, line: number, name: string): number | bigint {
  const value = numberOfText(text, type)
  if (value === null) throw badCell(source, line, text.slice(0, 40), `${type}, column ${name}`)
  return value
}

function badCell(source: string, line: number, got: string, expected: string): AstrolabelError {
  return new AstrolabelError('surveys/ecsv', `${source}, line ${line}, does not fit its header`, {
    got,
    expected,
    remedy: 'Write the table again, or correct that line',
  })
}
