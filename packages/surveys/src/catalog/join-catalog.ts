import { AstrolabelError, columnStrings, findColumn, makeTable, takeRows } from '@astrolabel/spectra'
import type { Column, Spectra, Table } from '@astrolabel/spectra'
import { ID_COLUMNS, KEY_PARTS, PLATE_KEY, indexKey, sharedKeys, surveyKey } from './identifiers.js'
import { withoutReserved } from './reserved-names.js'

/** A catalogue that can be looked up by the identifier of a star. */
export interface CatalogIndex {
  readonly table: Table
  readonly idColumn: string
  readonly rowOf: ReadonlyMap<string, number>
}

/** A catalogue, and what of the spectra is to be looked up in it. */
export interface CatalogJoin extends CatalogIndex {
  /** What a batch's stars are called in the catalogue, (n); empty for stars without the identifier. */
  readonly keysOf: (spectra: Spectra) => readonly string[]
}

/**
 * Index a catalogue by identifier; of rows with the same one the first counts.
 *
 * @param idColumn Its column; found among the usual names (`star_id`, `TARGETID`, `APOGEE_ID`, …) when absent.
 * @param source What messages call it.
 * @throws `surveys/no-column` listing the columns, `surveys/empty-catalog`.
 */
export function indexCatalog(table: Table, source: string, idColumn?: string): CatalogIndex {
  requireRows(table, source)
  const column = idColumn === undefined ? findColumn(table, ...ID_COLUMNS) : findColumn(table, idColumn)
  if (column === undefined)
    throw noColumn(table, source, idColumn === undefined ? ID_COLUMNS.slice(0, 5).join(', ') : idColumn)
  return { table, idColumn: column.name, rowOf: indexKey({ name: column.name, values: columnStrings(column) }) }
}

/**
 * Decide by which identifier stars are looked up in a catalogue, from their first batch.
 *
 * An identifier that means the same in both (plate, MJD and fibre; SPECOBJID; TARGETID; APOGEE_ID; …) goes before the
 * name of a star, and one under which stars are found before one under which none is.
 *
 * @param first The first batch; later ones have the same columns.
 * @param idColumn The catalogue's column to use instead, against the spectra's column of that name, else their name.
 * @throws as {@link indexCatalog}.
 */
export function chooseJoin(first: Spectra, table: Table, source: string, idColumn?: string): CatalogJoin {
  requireRows(table, source)
  if (idColumn !== undefined) {
    const index = indexCatalog(table, source, idColumn)
    return { ...index, keysOf: (spectra) => namesUnder(spectra, idColumn) }
  }
  const shared = sharedKeys(first.catalog, table)
  const found = shared.find(({ common }) => common > 0)
  const named = found === undefined ? byName(first, table) : undefined
  const chosen = found ?? (named === undefined ? shared[0] : undefined)
  if (chosen === undefined) return { ...(named ?? indexCatalog(table, source)), keysOf: ({ starId }) => starId }
  const { name, b } = chosen
  return {
    table,
    idColumn: name,
    rowOf: indexKey(b),
    keysOf: (spectra) => surveyKey(spectra.catalog, name)?.values ?? spectra.starId,
  }
}

/** The first column of identifiers that knows one of the stars. */
function byName({ starId }: Spectra, table: Table): CatalogIndex | undefined {
  for (const name of ID_COLUMNS) {
    const column = findColumn(table, name)
    if (column === undefined || (column.width ?? 1) !== 1) continue
    const rowOf = indexKey({ name, values: columnStrings(column) })
    if (starId.some((id) => rowOf.has(id))) return { table, idColumn: column.name, rowOf }
  }
  return undefined
}

function namesUnder(spectra: Spectra, name: string): readonly string[] {
  const column = findColumn(spectra.catalog, name)
  return column === undefined ? spectra.starId : columnStrings(column)
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
  const has = new Set([...columns.keys()].map((name) => name.toLowerCase()))
  for (const [name, column] of withoutReserved(joined).columns)
    if (!isOwn(name, catalog, has)) columns.set(name, column)
  return { ...spectra, catalog: { n: spectra.n, columns }, ...positions(spectra, joined) }
}

/** True for what the spectra were looked up by, of which they have their own, also where the catalogue lacks a star. */
function isOwn(name: string, { idColumn }: CatalogIndex, has: ReadonlySet<string>): boolean {
  if (idColumn === PLATE_KEY) return KEY_PARTS.includes(name.toUpperCase())
  return name.toLowerCase() === idColumn.toLowerCase() && has.has(name.toLowerCase())
}

/**
 * The columns of a catalogue that were asked for, with their errors, and the identifiers.
 *
 * @throws `surveys/no-column`, listing the columns.
 */
export function selectColumns(table: Table, names: readonly string[], source: string): Table {
  const columns = new Map<string, Column>()
  for (const name of [...ID_COLUMNS, ...KEY_PARTS]) {
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
  return makeTable(columns.values(), table.n)
}

function requireRows(table: Table, source: string): void {
  if (table.n > 0) return
  throw new AstrolabelError('surveys/empty-catalog', `${source} has no rows`, {
    expected: 'one row a star',
    remedy: 'Check that it is the right file',
  })
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
