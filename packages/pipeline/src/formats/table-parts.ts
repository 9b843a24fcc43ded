import type { Column, ColumnValues, Table } from '@astrolabel/spectra'
import { AstrolabelError, findColumn } from '@astrolabel/spectra'
import { canonicalName } from '@astrolabel/surveys'

/** Rows `start` up to, not including, `end` of a table; numbers are not copied. */
export function sliceTable(table: Table, start: number, end: number): Table {
  if (start === 0 && end === table.n) return table
  return {
    n: end - start,
    columns: new Map([...table.columns].map(([name, column]) => [name, sliceColumn(column, start, end)])),
  }
}

function sliceColumn(column: Column, start: number, end: number): Column {
  const width = column.width ?? 1
  const values: ColumnValues = Array.isArray(column.values)
    ? column.values.slice(start * width, end * width)
    : (column.values as Float64Array).subarray(start * width, end * width)
  return column.valid === undefined
    ? { ...column, values }
    : { ...column, values, valid: column.valid.subarray(start, end) }
}

/** A table, or tables one after another, in pieces of at most `rows` rows; a table without rows is one piece. */
export async function* tablePieces(source: Table | AsyncIterable<Table>, rows: number): AsyncGenerator<Table> {
  const tables = Symbol.asyncIterator in source ? source : [source]
  for await (const table of tables)
    for (let start = 0; start === 0 || start < table.n; start += rows)
      yield sliceTable(table, start, Math.min(start + rows, table.n))
}

/**
 * The table with NaN and `valid` 0 meaning the same in its floating-point columns; a vector is missing when all of its
 * elements are NaN.
 */
export function alignMissing(table: Table): Table {
  return mapColumns(table, (column) => {
    const { values, valid, width = 1 } = column
    if (!(values instanceof Float64Array || values instanceof Float32Array)) return column
    if (valid === undefined && !values.some(Number.isNaN)) return column
    const missing = (row: number): boolean =>
      valid?.[row] === 0 || values.subarray(row * width, (row + 1) * width).every(Number.isNaN)
    const mask = Uint8Array.from({ length: table.n }, (_, row) => (missing(row) ? 0 : 1))
    const filled = values.map((value, i) => (mask[Math.floor(i / width)] === 0 ? Number.NaN : value))
    const { valid: _, ...rest } = column
    return mask.includes(0) ? { ...rest, values: filled, valid: mask } : { ...rest, values: filled }
  })
}

/** The table on memory of its own: a view would keep the whole record batch, matrices too, that it was cut from. */
export function detachTable(table: Table): Table {
  return mapColumns(table, (column) => ({ ...column, values: column.values.slice() as ColumnValues }))
}

/**
 * The columns named, in that order; case does not matter, and a label is found by any of its names.
 *
 * @throws `formats/no-column`, listing the columns there are.
 */
export function pickColumns(table: Table, names: readonly string[], source: string): Table {
  const columns = new Map<string, Column>()
  for (const name of names) {
    const column = findColumn(table, name) ?? findColumn(table, canonicalName(name) ?? name)
    if (column === undefined) throw noColumn(name, [...table.columns.keys()], source)
    columns.set(column.name, column)
  }
  return { n: table.n, columns }
}

/** The error of a column that is not there. */
export function noColumn(name: string, there: readonly string[], source: string): AstrolabelError {
  const shown = there.length > 60 ? `${there.slice(0, 60).join(', ')}, … (${there.length})` : there.join(', ')
  return new AstrolabelError('formats/no-column', `${source} has no column ${name}`, {
    expected: `one of ${shown || '(no columns)'}`,
    remedy: 'Name one of these columns',
  })
}

function mapColumns(table: Table, change: (column: Column) => Column): Table {
  return { n: table.n, columns: new Map([...table.columns].map(([name, column]) => [name, change(column)])) }
}
