import type { Card } from '../header/card.js'
import { badInput } from './bad-input.js'
import type { EncodedColumn } from './encode-column.js'
import { encodeColumn } from './encode-column.js'
import type { EncodedHdu } from './encoded-hdu.js'
import { card, encodedHdu, encodeHeader } from './encoded-hdu.js'
import type { TableInput } from './hdu-input.js'

const MAX_COLUMNS = 999

/** A binary table HDU. Fails with `fits/bad-input`. */
export function encodeTable(input: TableInput): EncodedHdu {
  const label = `table ${JSON.stringify(input.name ?? '')}`
  const columns = input.columns.map(encodeColumn)
  requireNames(columns, label)
  const rows = countRows(columns, input.rows, label)
  const rowBytes = columns.reduce((sum, column) => sum + column.width, 0)
  const header = encodeHeader(structuralCards(columns, rows, rowBytes), input)
  return encodedHdu(header, rows, rowBytes, (view, row, count) => {
    let offset = 0
    for (const column of columns) {
      if (column.width > 0) column.write(view, offset, rowBytes, count, row)
      offset += column.width
    }
  })
}

function requireNames(columns: readonly EncodedColumn[], label: string): void {
  if (columns.length > MAX_COLUMNS) {
    throw badInput(`${label} has too many columns`, columns.length, `at most ${MAX_COLUMNS}`, 'Write several tables.')
  }
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (name.trim() === '' || seen.has(name)) {
      throw badInput(
        `${label} has columns without a name of their own`,
        JSON.stringify(name),
        'distinct names',
        'Rename.',
      )
    }
    seen.add(name)
  }
}

function countRows(columns: readonly EncodedColumn[], given: number | undefined, label: string): number {
  let rows = given
  for (const column of columns) {
    if (column.rows === undefined) continue
    rows ??= column.rows
    if (column.rows !== rows) {
      throw badInput(
        `${label} has columns of different lengths`,
        `${column.rows} rows in ${column.name}`,
        `${rows} rows`,
        'Give every column the same rows, and the shape of a cell where it is not one value.',
      )
    }
  }
  return rows ?? 0
}

function structuralCards(columns: readonly EncodedColumn[], rows: number, rowBytes: number): Card[] {
  const cards = [
    card('XTENSION', 'BINTABLE', 'binary table extension'),
    card('BITPIX', 8, 'array data type'),
    card('NAXIS', 2, 'number of array dimensions'),
    card('NAXIS1', rowBytes, 'bytes in a row'),
    card('NAXIS2', rows, 'number of rows'),
    card('PCOUNT', 0, 'number of parameters'),
    card('GCOUNT', 1, 'number of groups'),
    card('TFIELDS', columns.length, 'number of columns'),
  ]
  columns.forEach((column, i) => {
    const n = i + 1
    cards.push(card(`TTYPE${n}`, column.name), card(`TFORM${n}`, column.tform))
    if (column.unit !== undefined) cards.push(card(`TUNIT${n}`, column.unit))
    if (column.scale !== undefined) cards.push(card(`TSCAL${n}`, column.scale))
    if (column.zero !== undefined) cards.push(card(`TZERO${n}`, column.zero))
    if (column.null !== undefined) cards.push(card(`TNULL${n}`, column.null))
    if (column.tdim !== undefined) cards.push(card(`TDIM${n}`, column.tdim))
  })
  return cards
}
