import { isTableHdu } from '@astrolabel/io-fits'
import type { RunOptions, Table } from '@astrolabel/spectra'
import { AstrolabelError, columnStrings, findColumn, takeRows } from '@astrolabel/spectra'
import { canonicalName } from '@astrolabel/surveys'
import { formatToRead, requireFile } from '../formats/file-format.js'
import { withFits } from '../formats/fits-table.js'
import { readTable } from '../formats/read-table.js'
import type { Expression } from '../selection/parse-selection.js'
import { parseSelection } from '../selection/parse-selection.js'
import type { ClauseReport } from '../selection/select-rows.js'
import { selectRows } from '../selection/select-rows.js'
import { rowsOfTable } from '../selection/selection-rows.js'

/** Rows of a catalogue that say what to fetch. */
export interface CatalogRows {
  readonly n: number
  /** The text of a cell under the first of these names that the table has; `''` where it is missing. */
  readonly cell: (row: number, ...names: readonly string[]) => string
  /** Whether the table has one of these columns. */
  readonly has: (...names: readonly string[]) => boolean
  /** @throws `fetch/no-column`, listing the columns, when the table has none of these. */
  readonly need: (...names: readonly string[]) => void
}

/** What a selection took away. */
export interface SelectedCatalog {
  readonly rows: CatalogRows
  readonly read: number
  readonly report: readonly ClauseReport[]
}

/**
 * The rows of a catalogue that a selection keeps. Of FITS tables only the columns that are asked for are read.
 *
 * @param identifying Columns that may say what to fetch.
 * @throws what the table's reader and the selection throw.
 */
export async function readCatalogRows(
  path: string,
  identifying: readonly string[],
  select: string | undefined,
  run: RunOptions,
): Promise<SelectedCatalog> {
  const selection = select === undefined ? undefined : parseSelection(select)
  const asked = [...identifying, ...(selection?.clauses.flatMap(({ expression }) => columnsOf(expression)) ?? [])]
  await requireFile(path)
  const columns = formatToRead(path) === 'fits' ? await presentColumns(path, asked) : undefined
  const table = await readTable(path, { columns, signal: run.signal })
  const { kept, report } =
    selection === undefined ? { kept: undefined, report: [] } : selectRows(selection, rowsOfTable(table))
  return { rows: rowsOf(kept === undefined ? table : takeRows(table, kept), path), read: table.n, report }
}

/** Rows of a table by name. */
function rowsOf(table: Table, source: string): CatalogRows {
  const texts = new Map<string, readonly string[] | undefined>()
  const find = (names: readonly string[]): readonly string[] | undefined => {
    const key = names.join(' ')
    if (!texts.has(key)) {
      const column = findColumn(table, ...names)
      texts.set(key, column === undefined ? undefined : columnStrings(column))
    }
    return texts.get(key)
  }
  return {
    n: table.n,
    cell: (row, ...names) => find(names)?.[row] ?? '',
    has: (...names) => find(names) !== undefined,
    need: (...names) => {
      if (find(names) !== undefined) return
      const there = [...table.columns.keys()]
      throw new AstrolabelError(
        'fetch/no-column',
        `${source} has no column ${names.join(' or ')}, which says what to fetch`,
        {
          expected: `one of ${there.length > 40 ? `${there.slice(0, 40).join(', ')}, … (${there.length})` : there.join(', ')}`,
        },
      )
    },
  }
}

/** Names of columns that an expression uses. */
function columnsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'column':
      return [expression.name]
    case 'flag':
      return [expression.column]
    case 'number':
    case 'text':
      return []
    case 'binary':
      return [...columnsOf(expression.left), ...columnsOf(expression.right)]
    case 'not':
    case 'negate':
    case 'abs':
    case 'missing':
      return columnsOf(expression.operand)
  }
}

/** Those of the names that the file's first table has; undefined, for all, when it has none of them. */
async function presentColumns(path: string, asked: readonly string[]): Promise<string[] | undefined> {
  return withFits(path, async (file) => {
    const there = file.hdus.find(isTableHdu)?.columns.map((column) => column.name) ?? []
    const has = (name: string): boolean =>
      there.some(
        (own) =>
          own.toLowerCase() === name.toLowerCase() ||
          (canonicalName(own) !== undefined && canonicalName(own) === canonicalName(name)),
      )
    const found = [...new Set(asked)].filter(has)
    return found.length === 0 ? undefined : found
  })
}
