import { AstrolabelError } from './errors.js'

/** The storage of a column: one typed array, or strings. */
export type ColumnValues =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array
  | readonly string[]

/** One column of a catalogue. */
export interface Column {
  readonly name: string
  /** rows × width values, row-major. */
  readonly values: ColumnValues
  /** Values a row; 1 when absent. */
  readonly width?: number
  /** One byte a row, 0 = missing; absent when every row has a value. Missing floating-point values are NaN as well. */
  readonly valid?: Uint8Array
  readonly unit?: string
  /** True when a Uint8Array holds truth values. */
  readonly boolean?: boolean
}

/** A catalogue: named columns of equal length, in memory. */
export interface Table {
  readonly n: number
  readonly columns: ReadonlyMap<string, Column>
}

/**
 * Put columns together to a table.
 *
 * @throws `table/ragged` when the columns differ in length or one has a piece of a row, `table/duplicate-column` when two share a name.
 */
export function makeTable(columns: Iterable<Column>, n?: number): Table {
  const map = new Map<string, Column>()
  let rows = n
  for (const column of columns) {
    const length = column.values.length / (column.width ?? 1)
    if (!Number.isInteger(length)) {
      throw new AstrolabelError('table/ragged', `Column ${column.name} does not have whole rows`, {
        got: `${column.values.length} values`,
        expected: `${column.width} a row`,
      })
    }
    rows ??= length
    if (length !== rows || (column.valid !== undefined && column.valid.length !== rows)) {
      throw new AstrolabelError('table/ragged', `Column ${column.name} has another length than the table`, {
        got: length === rows ? `${column.valid!.length} rows of validity` : length,
        expected: rows,
      })
    }
    if (map.has(column.name))
      throw new AstrolabelError('table/duplicate-column', 'Two columns share a name', { got: column.name })
    map.set(column.name, column)
  }
  return { n: rows ?? 0, columns: map }
}

/** The name under which a table holds a column: exact first, then ignoring case; undefined when there is none. */
export function findColumn(table: Table, ...names: readonly string[]): Column | undefined {
  for (const name of names) {
    const exact = table.columns.get(name)
    if (exact !== undefined) return exact
  }
  for (const name of names) {
    const lower = name.toLowerCase()
    for (const column of table.columns.values()) if (column.name.toLowerCase() === lower) return column
  }
  return undefined
}

/**
 * A column that must be there.
 *
 * @param names Accepted names, first wins; case does not matter when no name matches exactly.
 * @throws `table/no-column`, listing the columns there are.
 */
export function requireColumn(table: Table, ...names: readonly string[]): Column {
  const column = findColumn(table, ...names)
  if (column !== undefined) return column
  const all = [...table.columns.keys()]
  const shown = all.length > 40 ? `${all.slice(0, 40).join(', ')}, … (${all.length})` : all.join(', ')
  throw new AstrolabelError('table/no-column', `The table has no column ${names.join(' or ')}`, {
    expected: `one of ${shown || '(no columns)'}`,
    remedy: 'Name one of these columns',
  })
}

/** A column as numbers, (n) Float64, NaN where it is missing. @throws `table/not-numeric` for strings and vectors. */
export function columnNumbers(column: Column): Float64Array {
  requireScalars(column, 'table/not-numeric')
  const { values, valid } = column
  const out = new Float64Array(values.length)
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!
    const number = typeof value === 'string' ? (value.trim() === '' ? Number.NaN : Number(value)) : Number(value)
    if (
      typeof value === 'string' &&
      value.trim() !== '' &&
      Number.isNaN(number) &&
      value.trim().toLowerCase() !== 'nan'
    ) {
      throw new AstrolabelError('table/not-numeric', `Column ${column.name} is not numeric, row ${i}`, {
        got: value,
        expected: 'a number',
      })
    }
    out[i] = valid !== undefined && valid[i] === 0 ? Number.NaN : number
  }
  return out
}

/**
 * A column as strings, (n); the empty string where it is missing. Integers keep every digit.
 *
 * @throws `table/not-scalar` for vectors.
 */
export function columnStrings(column: Column): string[] {
  requireScalars(column, 'table/not-scalar')
  const out: string[] = []
  for (let i = 0; i < column.values.length; i++)
    out.push(column.valid?.[i] === 0 ? '' : String(column.values[i]).trim())
  return out
}

function requireScalars({ name, width = 1 }: Column, code: string): void {
  if (width === 1) return
  throw new AstrolabelError(code, `Column ${name} holds vectors`, {
    got: `${width} values a row`,
    expected: 'one value a row',
  })
}

/**
 * The rows `rows` of a table, in that order; a negative index gives a missing row.
 *
 * @throws `table/no-row` for an index behind the last row.
 */
export function takeRows(table: Table, rows: ArrayLike<number>): Table {
  for (let i = 0; i < rows.length; i++) {
    if (!(rows[i]! < table.n)) {
      throw new AstrolabelError('table/no-row', 'The table has no such row', {
        got: rows[i],
        expected: `fewer than ${table.n}`,
      })
    }
  }
  return {
    n: rows.length,
    columns: new Map([...table.columns].map(([name, column]) => [name, takeColumn(column, rows)])),
  }
}

function takeColumn(column: Column, rows: ArrayLike<number>): Column {
  const { values, valid, width = 1 } = column
  const n = rows.length
  let missing = false
  const outValid = new Uint8Array(n)
  for (let i = 0; i < n; i++) {
    const row = rows[i]!
    outValid[i] = row >= 0 && (valid === undefined || valid[row] === 1) ? 1 : 0
    if (outValid[i] === 0) missing = true
  }
  let out: ColumnValues
  if (isStrings(values)) {
    const strings: string[] = []
    for (let i = 0; i < n; i++)
      for (let j = 0; j < width; j++) strings.push(rows[i]! < 0 ? '' : values[rows[i]! * width + j]!)
    out = strings
  } else {
    const typed = new (values.constructor as new (length: number) => Float64Array)(n * width)
    const source = values as Float64Array
    if (isFloat(values) && missing) (typed as Float64Array).fill(Number.NaN)
    for (let i = 0; i < n; i++)
      if (rows[i]! >= 0) typed.set(source.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
    out = typed
  }
  const { valid: _, ...rest } = column
  return missing ? { ...rest, values: out, valid: outValid } : { ...rest, values: out }
}

/** Several tables of the same columns, one under another. @throws `table/columns-differ`, naming the column. */
export function concatTables(tables: readonly Table[]): Table {
  if (tables.length === 1) return tables[0]!
  const first = tables[0]
  if (first === undefined) return { n: 0, columns: new Map() }
  for (const table of tables) {
    for (const name of table.columns.keys()) if (!first.columns.has(name)) throw columnsDiffer(name)
  }
  const columns: Column[] = []
  for (const column of first.columns.values()) columns.push(concatColumns(column, tables))
  return makeTable(
    columns,
    tables.reduce((sum, table) => sum + table.n, 0),
  )
}

function concatColumns(first: Column, tables: readonly Table[]): Column {
  const parts = tables.map((table) => {
    const part = table.columns.get(first.name)
    if (
      part === undefined ||
      part.values.constructor !== first.values.constructor ||
      (part.width ?? 1) !== (first.width ?? 1)
    ) {
      throw columnsDiffer(first.name)
    }
    return part
  })
  const { valid: _, ...rest } = first
  let values: ColumnValues
  if (isStrings(first.values)) values = parts.flatMap((part) => part.values as readonly string[])
  else {
    const typed = new (first.values.constructor as new (length: number) => Float64Array)(
      parts.reduce((sum, part) => sum + part.values.length, 0),
    )
    let at = 0
    for (const part of parts) {
      typed.set(part.values as Float64Array, at)
      at += part.values.length
    }
    values = typed
  }
  if (parts.every((part) => part.valid === undefined)) return { ...rest, values }
  const valid = new Uint8Array(values.length / (first.width ?? 1))
  let at = 0
  for (const part of parts) {
    const n = part.values.length / (first.width ?? 1)
    if (part.valid === undefined) valid.fill(1, at, at + n)
    else valid.set(part.valid, at)
    at += n
  }
  return { ...rest, values, valid }
}

function columnsDiffer(name: string): AstrolabelError {
  return new AstrolabelError('table/columns-differ', `Column ${name} is not the same in all tables`, {
    remedy: 'Read files of one kind at a time',
  })
}

function isStrings(values: ColumnValues): values is readonly string[] {
  return Array.isArray(values)
}

function isFloat(values: ColumnValues): boolean {
  return values instanceof Float64Array || values instanceof Float32Array
}
