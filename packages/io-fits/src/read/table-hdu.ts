import { FitsError } from '../fits-error.js'
import type { ByteSource } from '../source/byte-source.js'
import { requireBytes, rowRange } from './check-bytes.js'
import { asciiTableLayout } from './ascii-table-layout.js'
import type { ColumnDecoder } from './column-decoder.js'
import { columnDecoder, packedStringColumn } from './column-decoder.js'
import type { ColumnLayout } from './column-layout.js'
import type { DataLayout } from './data-layout.js'
import { FitsTable, findColumn, noColumn } from './fits-table.js'
import type { FitsColumn, HduBase, TableHdu, TableReadOptions } from './hdu.js'
import { hduLabel } from './hdu.js'
import { randomGroupsLayout } from './random-groups-layout.js'
import { readRows } from './read-rows.js'
import type { TableLayout } from './table-layout.js'
import { tableLayout } from './table-layout.js'
import { DescriptorReader, readVariableColumn } from './variable-column.js'

const LAYOUTS: Readonly<Record<TableHdu['type'], (base: HduBase, layout: DataLayout) => TableLayout>> = {
  bintable: tableLayout,
  'ascii-table': asciiTableLayout,
  'random-groups': randomGroupsLayout,
}

/**
 * A table HDU over a source, whatever form its rows have. `warn` is told of what is wrong but does not keep the table from opening: reading
 * fails then, of the table or of the columns concerned.
 */
export function tableHdu(
  base: HduBase,
  layout: DataLayout,
  source: ByteSource,
  warn: (message: string) => void,
  type: TableHdu['type'] = 'bintable',
): TableHdu {
  const table = tryTableLayout(base, layout, type)
  if (table instanceof FitsError) warn(table.message)
  const columns = table instanceof FitsError ? [] : table.columns
  const broken = columns.find((column) => column.unread?.code === 'fits/bad-table')?.unread
  if (broken !== undefined) warn(`${hduLabel(base)}: ${broken.message}`)
  return {
    ...base,
    type,
    rows: table instanceof FitsError ? (layout.axes[1] ?? 0) : table.rows,
    columns: columns.map((column) => column.info),
    read: async (options = {}) => {
      if (table instanceof FitsError) throw table
      return readTable(source, base, table, options)
    },
  }
}

function tryTableLayout(base: HduBase, layout: DataLayout, type: TableHdu['type']): TableLayout | FitsError {
  try {
    return LAYOUTS[type](base, layout)
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

  const decoders = columns.map((column) => cellDecoder(column, end - start, start, options.strings))
  const range = { offset: base.dataOffset + start * rowBytes, rowBytes, rows: end - start, label }
  await readRows(source, range, columns, options, (index, view, offset, stride, rows, row) =>
    decoders[index]?.push(view, offset, stride, rows, row),
  )
  const values = new Map<string, FitsColumn>()
  for (const [i, column] of columns.entries()) {
    const decoder = decoders[i]
    if (decoder === undefined) continue
    const read =
      decoder instanceof DescriptorReader
        ? await readVariableColumn(source, column, table.heap, decoder.descriptors, start, label, options)
        : decoder.finish()
    const pack = options.strings === 'utf8' && column.kind === 'string' && column.descriptor !== undefined
    values.set(column.info.name, pack ? packedStringColumn(read) : read)
  }
  return new FitsTable(end - start, values, unreadColumns(table))
}

function cellDecoder(
  column: ColumnLayout,
  rows: number,
  firstRow: number,
  strings: TableReadOptions['strings'],
): ColumnDecoder | DescriptorReader {
  const { descriptor } = column
  if (descriptor !== undefined) return new DescriptorReader(descriptor, rows)
  return columnDecoder(column, rows, firstRow, strings)
}

/** The columns named, once each; all where none are. */
export function chooseColumns(table: TableLayout, label: string, names: readonly string[] | undefined): ColumnLayout[] {
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

/** Why columns of the table were not read, by name. */
export function unreadColumns(table: TableLayout): Map<string, FitsError> {
  const unread = new Map<string, FitsError>()
  for (const column of table.columns) if (column.unread !== undefined) unread.set(column.info.name, column.unread)
  return unread
}
