import { FitsError } from '../fits-error.js'
import type { FitsColumn } from './hdu.js'

/** Columns read from a table HDU. */
export class FitsTable {
  readonly rows: number
  /** By the name in `FitsColumnInfo`, in the order asked for. */
  readonly columns: Map<string, FitsColumn>
  readonly #unread: ReadonlyMap<string, FitsError>

  /** `unread` holds, by name, why columns of the table were not read. */
  constructor(rows: number, columns: Map<string, FitsColumn>, unread: ReadonlyMap<string, FitsError> = new Map()) {
    this.rows = rows
    this.columns = columns
    this.#unread = unread
  }

  /** One column, case ignored unless columns differ by case only. Fails with `fits/no-column` or why it was not read. */
  column(name: string): FitsColumn {
    const key = findColumn(name, [...this.columns.keys()])
    const found = key === undefined ? undefined : this.columns.get(key)
    if (found !== undefined) return found
    const unread = findColumn(name, [...this.#unread.keys()])
    throw (
      (unread === undefined ? undefined : this.#unread.get(unread)) ?? noColumn(name, 'table', [...this.columns.keys()])
    )
  }
}

/** The name among `names` that is meant: the exact one, else the first that differs by case only. */
export function findColumn(name: string, names: readonly string[]): string | undefined {
  if (names.includes(name)) return name
  const lower = name.trim().toLowerCase()
  return names.find((candidate) => candidate.trim().toLowerCase() === lower)
}

/** The error for a column that is not there; its message lists those that are. */
export function noColumn(name: string, where: string, names: readonly string[]): FitsError {
  return new FitsError('fits/no-column', `${where} has no column ${JSON.stringify(name)}`, {
    got: JSON.stringify(name),
    expected: names.length === 0 ? 'nothing, for it has no columns' : `one of ${names.join(', ')}`,
    remedy: 'Ask for a column that is there.',
  })
}
