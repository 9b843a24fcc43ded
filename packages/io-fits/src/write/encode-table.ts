import type { Card } from '../header/card.js'
import { badInput } from './bad-input.js'
import type { EncodedColumn } from './encode-column.js'
import { encodeColumn } from './encode-column.js'
import type { HeapColumn } from './encode-variable-column.js'
import { encodeVariableColumn } from './encode-variable-column.js'
import type { EncodedHdu, Tail } from './encoded-hdu.js'
import { card, encodedHdu, encodeHeader } from './encoded-hdu.js'
import type { ColumnInput, TableInput } from './hdu-input.js'

const MAX_COLUMNS = 999
const MAX_P_HEAP = 2 ** 31 - 1

/** A binary table HDU. Fails with `fits/bad-input`. */
export function encodeTable(input: TableInput): EncodedHdu {
  const { columns, heap, rows, rowBytes } = prepareTable(input)
  const header = encodeHeader(structuralCards(columns, rows, rowBytes, heap.size), input)
  const fill = (view: DataView, row: number, count: number): void => {
    let offset = 0
    for (const column of columns) {
      if (column.width > 0) column.write(view, offset, rowBytes, count, row)
      offset += column.width
    }
  }
  return encodedHdu(header, rows, rowBytes, fill, heap)
}

/** A table checked and ready to be written, plain or compressed. */
export interface PreparedTable {
  readonly label: string
  readonly columns: readonly EncodedColumn[]
  /** Of columns of variable-length arrays, where they stand among the columns. */
  readonly heaps: readonly (HeapColumn | undefined)[]
  readonly heap: Tail
  readonly rows: number
  readonly rowBytes: number
}

/** Prepares a table. Fails with `fits/bad-input`. */
export function prepareTable(input: TableInput): PreparedTable {
  const label = `table ${JSON.stringify(input.name ?? '')}`
  const { columns, heaps, heap } = encodeColumns(input.columns)
  requireNames(columns, label)
  const rows = countRows(columns, input.rows, label)
  const rowBytes = columns.reduce((sum, column) => sum + column.width, 0)
  return { label, columns, heaps, heap, rows, rowBytes }
}

/** The columns, and the heap of those of variable-length arrays, column after column. */
function encodeColumns(inputs: readonly ColumnInput[]): Pick<PreparedTable, 'columns' | 'heaps' | 'heap'> {
  const prepared = inputs.map((input) =>
    input.offsets === undefined ? encodeColumn(input) : encodeVariableColumn(input, input.offsets),
  )
  const heaps = prepared.filter((column): column is HeapColumn => 'place' in column)
  const size = heaps.reduce((sum, { heapSize }) => sum + heapSize, 0)
  let base = 0
  const columns = prepared.map((column) => {
    if (!('place' in column)) return column
    const placed = column.place(base, column.descriptor === 'Q' || size > MAX_P_HEAP)
    base += column.heapSize
    return placed
  })
  return {
    columns,
    heaps: prepared.map((column) => ('place' in column ? column : undefined)),
    heap: {
      size,
      *chunks() {
        for (const column of heaps) yield* column.heapChunks()
      },
    },
  }
}

/** Fails with `fits/bad-input` unless the columns have names of their own. */
export function requireNames(columns: readonly { readonly name: string }[], label: string): void {
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

/** The rows that all columns have. Fails with `fits/bad-input`. */
export function countRows(
  columns: readonly { readonly name: string; readonly rows: number | undefined }[],
  given: number | undefined,
  label: string,
): number {
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

/** The cards that say how a table lies. */
export function structuralCards(
  columns: readonly EncodedColumn[],
  rows: number,
  rowBytes: number,
  heapSize: number,
): Card[] {
  const cards = [
    card('XTENSION', 'BINTABLE', 'binary table extension'),
    card('BITPIX', 8, 'array data type'),
    card('NAXIS', 2, 'number of array dimensions'),
    card('NAXIS1', rowBytes, 'bytes in a row'),
    card('NAXIS2', rows, 'number of rows'),
    card('PCOUNT', heapSize, heapSize === 0 ? 'number of parameters' : 'bytes of variable-length arrays'),
    card('GCOUNT', 1, 'number of groups'),
    card('TFIELDS', columns.length, 'number of columns'),
  ]
  return [...cards, ...columns.flatMap((column, i) => columnCards(column, i + 1, column.tform))]
}

/** The cards of column `n`, counted from 1. */
export function columnCards(column: EncodedColumn, n: number, tform: string): Card[] {
  const cards = [card(`TTYPE${n}`, column.name), card(`TFORM${n}`, tform)]
  if (column.unit !== undefined) cards.push(card(`TUNIT${n}`, column.unit))
  if (column.scale !== undefined) cards.push(card(`TSCAL${n}`, column.scale))
  if (column.zero !== undefined) cards.push(card(`TZERO${n}`, column.zero))
  if (column.null !== undefined) cards.push(card(`TNULL${n}`, column.null))
  if (column.tdim !== undefined) cards.push(card(`TDIM${n}`, column.tdim))
  return cards
}
