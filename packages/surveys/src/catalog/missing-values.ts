import type { Column, Table } from '@astrolabel/spectra'

/** What surveys write where there is no value: the second stands in the photometry of APOGEE's catalogues. */
const FILLS: readonly number[] = [-9999, -9999.99]

/** Options of {@link missingToNull}. */
export interface MissingOptions {
  /** Fill values besides -9999 and -9999.99, such as MILES's 9999 and 99999. */
  readonly fills?: readonly number[]
}

/**
 * Turn what stands for "no value" into missing values: -9999, NaN and infinities.
 *
 * A fill must match exactly, after rounding to the column's precision, so that -9998.9 stays. In columns of vectors the
 * elements become NaN and the row is missing when all of them are. Strings, truth values and 64-bit integers, which are
 * identifiers and flags, stay as they are. Columns without fills are passed on, not copied.
 */
export function missingToNull(table: Table, options: MissingOptions = {}): Table {
  const fills = [...FILLS, ...(options.fills ?? [])]
  return {
    n: table.n,
    columns: new Map([...table.columns].map(([name, column]) => [name, clearColumn(column, fills)])),
  }
}

/** One column without fills; see {@link missingToNull}. */
export function clearColumn(column: Column, fills: readonly number[]): Column {
  const { values, width = 1 } = column
  if (
    Array.isArray(values) ||
    values instanceof BigInt64Array ||
    values instanceof BigUint64Array ||
    column.boolean === true
  )
    return column
  const numbers = values as Float64Array
  const float = values instanceof Float64Array || values instanceof Float32Array
  const wanted = new Set(values instanceof Float32Array ? fills.map(Math.fround) : fills)
  const bad: number[] = []
  for (let i = 0; i < numbers.length; i++)
    if (wanted.has(numbers[i]!) || (float && !Number.isFinite(numbers[i]!))) bad.push(i)
  if (bad.length === 0) return column
  const rows = numbers.length / width
  const valid = column.valid === undefined ? new Uint8Array(rows).fill(1) : column.valid.slice()
  const badInRow = new Uint32Array(rows)
  for (const i of bad) badInRow[Math.floor(i / width)]!++
  for (let row = 0; row < rows; row++) if (badInRow[row] === width) valid[row] = 0
  if (!float) return { ...column, valid }
  const cleared = numbers.slice()
  for (const i of bad) cleared[i] = Number.NaN
  return { ...column, values: cleared, valid }
}

/** A column of errors without what stands for "none": surveys write a negative number, which an error cannot be. */
export function clearErrors(column: Column): Column {
  if (!(column.values instanceof Float32Array || column.values instanceof Float64Array)) return column
  const negative = new Set<number>()
  for (const value of column.values as Float64Array) if (value < 0) negative.add(value)
  return negative.size === 0 ? column : clearColumn(column, [...negative])
}
