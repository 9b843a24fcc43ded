import { FitsError } from '../fits-error.js'
import type { ByteSource } from '../source/byte-source.js'
import { requireBytes, rowRange } from './check-bytes.js'
import { columnDecoder } from './column-decoder.js'
import type { ColumnLayout } from './column-layout.js'
import type { DataLayout } from './data-layout.js'
import { FitsTable, findColumn, noColumn } from './fits-table.js'
import type { FitsColumn, HduBase, TableHdu, TableReadOptions } from './hdu.js'
import { hduLabel } from './hdu.js'
import { readRows } from './read-rows.js'
import type { TableLayout } from './table-layout.js'
import { tableLayout } from './table-layout.js'

/**
 * A binary table HDU over a source. `warn` is told of what is wrong but does not keep the table from opening: reading
 * fails then, of the table or of the columns concerned.
 */
export function tableHdu(
  base: HduBase,
  layout: DataLayout,
  source: ByteSource,
  warn: (message: string) => void,
): TableHdu {
  const table = tryTableLayout(base, layout)
  if (table instanceof FitsError) warn(table.message)
  const columns = table instanceof FitsError ? [] : table.columns
  const broken = columns.find((column) => column.unread?.code === 'fits/bad-table')?.unread
  if (broken !== undefined) warn(`${hduLabel(base)}: ${broken.message}`)
  return {
    ...base,
    type: 'bintable',
    rows: layout.axes[1] ?? 0,
    columns: columns.map((column) => column.info),
    read: async (options = {}) => {
      if (table instanceof FitsError) throw table
      return readTable(source, base, table, options)
    },
  }
}

function tryTableLayout(base: HduBase, layout: DataLayout): TableLayout | FitsError {
  try {
    return tableLayout(base, layout)
  } catch (error) {
    if (error instanceof FitsError) return error
    throw error
  }
}

async function readTable(
  source: ByteSource,
  base: HduBase,
  table: TableLayout,
  options: TableReadOptions,
): Promise<FitsTable> {
  const label = hduLabel(base)
  const { rowBytes } = table
  const [start, end] = rowRange(options.rows, table.rows, label)
  const columns = chooseColumns(table, label, options.columns)
  requireBytes(source.size, label, base.dataOffset + start * rowBytes, (end - start) * rowBytes)

  const decoders = columns.map((column) => columnDecoder(column, end - start))
  const range = { offset: base.dataOffset + start * rowBytes, rowBytes, rows: end - start, label }
  await readRows(source, range, columns, options, (index, view, offset, stride, rows, row) =>
    decoders[index]?.push(view, offset, stride, rows, row),
  )
  const read = new Map<string, FitsColumn>()
  columns.forEach((column, i) => {
    const decoder = decoders[i]
    if (decoder !== undefined) read.set(column.info.name, decoder.finish())
  })
  return new FitsTable(end - start, read, unreadColumns(table))
}

/** The columns named, once each; where none are, all but those of types that this version does not read. */
function chooseColumns(table: TableLayout, label: string, names: readonly string[] | undefined): ColumnLayout[] {
  if (names === undefined) {
    const damaged = table.columns.find((column) => column.unread?.code === 'fits/bad-table')?.unread
    if (damaged !== undefined) throw damaged
    return table.columns.filter((column) => column.unread === undefined)
  }
  const there = table.columns.map((column) => column.info.name)
  const chosen = new Set<ColumnLayout>()
  for (const name of names) {
    const found = findColumn(name, there)
    const column = table.columns.find(({ info }) => info.name === found)
    if (column === undefined) throw noColumn(name, label, there)
    if (column.unread !== undefined) throw column.unread
    chosen.add(column)
  }
  return [...chosen]
}

function unreadColumns(table: TableLayout): Map<string, FitsError> {
  const unread = new Map<string, FitsError>()
  for (const column of table.columns) if (column.unread !== undefined) unread.set(column.info.name, column.unread)
  return unread
}
