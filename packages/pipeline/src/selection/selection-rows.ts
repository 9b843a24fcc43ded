import type { Column, Spectra, Table } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, columnStrings, findColumn, requireColumn } from '@astrolabel/spectra'
import { FLAG_COLUMNS, flagSetOf } from '@astrolabel/surveys'

/** What a selection can ask of the rows of a table. Every function gives NaN (or '') where a row has no value. */
export interface SelectionRows {
  readonly n: number
  /** Values of a column, by name, ignoring case. @throws `table/no-column`. */
  column(name: string): (row: number) => number | string
  /** Whether a named bit is set. @throws `selection/no-flags`, `flags/unknown`. */
  flag(column: string, flag: string): (row: number) => number
}

/** The rows of a catalogue. */
export function rowsOfTable(table: Table): SelectionRows {
  return {
    n: table.n,
    column: (name) => valuesOf(requireColumn(table, name)),
    flag: (name, flag) => bitOf(requireColumn(table, name), flag),
  }
}

/** The stars of a batch of spectra: their catalogue, and `snr`, their own signal to noise. */
export function rowsOfSpectra(spectra: Spectra): SelectionRows {
  const rows = rowsOfTable(spectra.catalog)
  const own = findColumn(spectra.catalog, 'snr') === undefined
  return {
    ...rows,
    column: (name) => (own && name.toLowerCase() === 'snr' ? (row) => spectra.snr[row]! : rows.column(name)),
  }
}

function valuesOf(column: Column): (row: number) => number | string {
  if (!Array.isArray(column.values)) {
    const numbers = columnNumbers(column)
    return (row) => numbers[row]!
  }
  const strings = columnStrings(column)
  return (row) => strings[row]!
}

function bitOf(column: Column, flag: string): (row: number) => number {
  const set = (column.width ?? 1) === 1 ? flagSetOf(column.name) : undefined
  if (set === undefined) {
    throw new AstrolabelError('selection/no-flags', `The bits of column ${column.name} have no names`, {
      expected: `one of ${FLAG_COLUMNS.join(', ')}`,
      remedy: 'Compare the column with a number instead',
    })
  }
  const mask = set.mask(flag)
  const values = column.values as ArrayLike<number | bigint>
  return (row) => (column.valid?.[row] === 0 ? Number.NaN : set.any(values[row]!, mask) ? 1 : 0)
}
