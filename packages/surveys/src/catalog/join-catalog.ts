import { AstrolabelError, columnStrings, findColumn, makeTable, takeRows } from '@astrolabel/spectra'
import type { Column, Spectra, Table } from '@astrolabel/spectra'
import { ID_COLUMNS, KEY_PARTS, PLATE_KEY, SURVEY_KEYS, indexKey, surveyKey } from './identifiers.js'
import type { StarKey } from './identifiers.js'
import { withoutReserved } from './reserved-names.js'

/** Names of columns for messages. */
const USUAL = ID_COLUMNS.slice(0, 5).join(', ')

/** A catalogue that can be looked up by the identifier of a star. */
export interface CatalogIndex {
  readonly table: Table
  readonly idColumn: string
  readonly rowOf: ReadonlyMap<string, number>
}

/** A catalogue whose identifiers are indexed when they are first asked for, so that many batches can be joined to it. */
export interface CatalogLookup {
  readonly table: Table
  /** What messages call it. */
  readonly source: string
  /** The column that is to be used instead of those that are found. */
  readonly idColumn: string | undefined
  /** Rows by the identifier of this name, `PLATE-MJD-FIBER` or a column; undefined when the catalogue lacks it. */
  readonly index: (name: string) => CatalogIndex | undefined
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
  if (column === undefined) throw noColumn(table, source, idColumn ?? USUAL)
  return { table, idColumn: column.name, rowOf: indexKey({ name: column.name, values: columnStrings(column) }) }
}

/**
 * Make a catalogue ready for {@link chooseJoin}.
 *
 * @param idColumn The column to use, against the spectra's column of that name, else their name; found when absent.
 * @throws as {@link indexCatalog}.
 */
export function catalogLookup(table: Table, source: string, idColumn?: string): CatalogLookup {
  requireRows(table, source)
  const cache = new Map<string, CatalogIndex | undefined>()
  const index = (name: string): CatalogIndex | undefined => {
    if (!cache.has(name)) cache.set(name, indexOf(table, name))
    return cache.get(name)
  }
  const known = idColumn === undefined ? [...SURVEY_KEYS, ...ID_COLUMNS] : [idColumn]
  if (!known.some((name) => index(name) !== undefined)) throw noColumn(table, source, idColumn ?? USUAL)
  return { table, source, idColumn, index }
}

/**
 * Decide by which identifier stars are looked up in a catalogue, from their first batch.
 *
 * An identifier that means the same in both (plate, MJD and fibre; SPECOBJID; TARGETID; APOGEE_ID; …) goes before the
 * name of a star, and one under which stars are found before one under which none is.
 *
 * @param first The first batch; later ones have the same columns.
 * @throws `surveys/no-column` when the catalogue's identifiers are none that the spectra have.
 */
export function chooseJoin(first: Spectra, { table, source, idColumn, index }: CatalogLookup): CatalogJoin {
  if (idColumn !== undefined) return { ...index(idColumn)!, keysOf: (spectra) => namesUnder(spectra, idColumn) }
  const byKey = SURVEY_KEYS.flatMap((name): CatalogJoin[] => {
    const found = surveyKey(first.catalog, name) === undefined ? undefined : index(name)
    if (found === undefined) return []
    return [{ ...found, keysOf: ({ catalog, starId }) => surveyKey(catalog, name)?.values ?? starId }]
  })
  const byName = ID_COLUMNS.flatMap((name): CatalogJoin[] => {
    const found = index(name)
    return found === undefined ? [] : [{ ...found, keysOf: ({ starId }) => starId }]
  })
  const all = [...byKey, ...byName]
  const [likeliest] = all
  // The catalogue names its rows by plates, the spectra do not.
  if (likeliest === undefined) throw noColumn(table, source, USUAL)
  return all.find((join) => join.keysOf(first).some((key) => join.rowOf.has(key))) ?? likeliest
}

function indexOf(table: Table, name: string): CatalogIndex | undefined {
  const key = surveyKey(table, name) ?? columnKey(table, name)
  return key === undefined ? undefined : { table, idColumn: key.name, rowOf: indexKey(key) }
}

function columnKey(table: Table, name: string): StarKey | undefined {
  const column = findColumn(table, name)
  if (column === undefined || (column.width ?? 1) !== 1) return undefined
  return { name: column.name, values: columnStrings(column) }
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
