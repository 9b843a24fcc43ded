import { AstrolabelError, columnStrings, findColumn, takeRows } from '@astrolabel/spectra'
import type { Column, Spectra, Table } from '@astrolabel/spectra'
import { withoutReserved } from './reserved-names.js'

/** Columns that identify a star, by preference. */
const ID_COLUMNS = [
  'star_id',
  'TARGETID',
  'APOGEE_ID',
  'SPECOBJID',
  'sdss_id',
  'source_id',
  'obsid',
  'number',
  'id',
  'name',
]

/** A catalogue that can be looked up by the identifier of a star. */
export interface CatalogIndex {
  readonly table: Table
  readonly idColumn: string
  readonly rowOf: ReadonlyMap<string, number>
}

/**
 * Index a catalogue by identifier; of rows with the same one the first counts.
 *
 * @param idColumn Its column; found among the usual names (`star_id`, `TARGETID`, `APOGEE_ID`, …) when absent.
 * @param source What messages call it.
 * @throws `surveys/no-column` listing the columns, `surveys/empty-catalog`.
 */
export function indexCatalog(table: Table, source: string, idColumn?: string): CatalogIndex {
  if (table.n === 0)
    throw new AstrolabelError('surveys/empty-catalog', `${source} has no rows`, {
      expected: 'one row a star',
      remedy: 'Check that it is the right file',
    })
  const column = idColumn === undefined ? findColumn(table, ...ID_COLUMNS) : findColumn(table, idColumn)
  if (column === undefined)
    throw noColumn(table, source, idColumn === undefined ? ID_COLUMNS.slice(0, 5).join(', ') : idColumn)
  const rowOf = new Map<string, number>()
  columnStrings(column).forEach((id, row) => {
    if (id !== '' && !rowOf.has(id)) rowOf.set(id, row)
  })
  return { table, idColumn: column.name, rowOf }
}

/**
 * Let columns of a catalogue travel with spectra; stars it does not have get missing values. A column that the spectra
 * carry already is replaced.
 *
 * @param keys Identifier of each star in the catalogue, (n); its `star_id` when absent.
 */
export function joinCatalog(
  spectra: Spectra,
  catalog: CatalogIndex,
  keys: readonly string[] = spectra.starId,
): Spectra {
  const rows = keys.map((key) => catalog.rowOf.get(key) ?? -1)
  const joined = takeRows(catalog.table, rows)
  const columns = new Map<string, Column>(spectra.catalog.columns)
  for (const [name, column] of withoutReserved(joined).columns)
    if (name !== catalog.idColumn || !columns.has(name)) columns.set(name, column)
  return { ...spectra, catalog: { n: spectra.n, columns }, ...positions(spectra, joined) }
}

/**
 * The columns of a catalogue that were asked for, with their errors, and the identifier.
 *
 * @throws `surveys/no-column`, listing the columns.
 */
export function selectColumns(table: Table, names: readonly string[], source: string): Table {
  const columns = new Map<string, Column>()
  for (const name of ID_COLUMNS) {
    const column = findColumn(table, name)
    if (column !== undefined) columns.set(column.name, column)
  }
  for (const name of names) {
    const column = findColumn(table, name)
    if (column === undefined) throw noColumn(table, source, name)
    columns.set(column.name, column)
    const error = findColumn(table, `${name}_err`)
    if (error !== undefined) columns.set(error.name, error)
  }
  return { n: table.n, columns }
}

function noColumn(table: Table, source: string, wanted: string): AstrolabelError {
  return new AstrolabelError('surveys/no-column', `${source} has no column ${wanted}`, {
    expected: `one of ${[...table.columns.keys()].join(', ')}`,
    remedy: 'Name one of these columns',
  })
}

/** Positions from the catalogue where the spectra have none. */
function positions(spectra: Spectra, joined: Table): { ra: Float64Array; dec: Float64Array } {
  const fill = (own: Float64Array, ...names: readonly string[]): Float64Array => {
    const column = findColumn(joined, ...names)
    const values = column?.values
    if (!(values instanceof Float64Array || values instanceof Float32Array)) return own
    return own.map((value, i) => (Number.isNaN(value) ? values[i]! : value))
  }
  return { ra: fill(spectra.ra, 'ra', 'TARGET_RA'), dec: fill(spectra.dec, 'dec', 'TARGET_DEC') }
}
