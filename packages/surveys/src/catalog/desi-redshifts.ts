import type { FitsFile, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnNumbers, columnStrings, findColumn, requireColumn, takeRows } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import type { ReadOptions } from '../ingest.js'
import { FIBERMAP_ALWAYS, FIBERMAP_USEFUL } from '../spectra/desi/desi-tables.js'
import { canonicalColumns, canonicalName } from './canonical-names.js'
import { readControl, tableFromFits } from './fits-catalog.js'
import { selectColumns } from './join-catalog.js'
import { missingToNull } from './missing-values.js'
import { numbersColumn } from './value-columns.js'

/** Options of {@link readDesiCatalog}. */
export interface DesiCatalogOptions extends ReadOptions {
  /** Columns by the file's or the canonical name, besides TARGETID; all but vectors when absent. */
  readonly columns?: readonly string[] | undefined
  /** `best` (default) keeps the primary row of each TARGETID where the table says which, else the first; `all` all. */
  readonly duplicates?: 'best' | 'all' | undefined
}

/** Redshifts of redrock (files by tile or healpix, the first ones called ZBEST, and catalogues of them), of RVSpecfit. */
const TABLES = ['RVTAB', 'REDSHIFTS', 'ZBEST', 'ZCATALOG']

/** True of a file with a table of redshifts or radial velocities of DESI. */
export function isDesiCatalog(file: FitsFile): boolean {
  return desiTable(file) !== undefined
}

/**
 * Read a table of redrock or of RVSpecfit (`rvtab_*.fits`, `rvpix-*.fits`, `mwsall-*.fits`), a row a target, identified by
 * TARGETID to the last digit.
 *
 * Redrock: Z, ZERR, ZWARN, SPECTYPE, SUBTYPE, …, and `v_rad` = c × Z of what it takes for a star. RVSpecfit: `v_rad`,
 * `v_sini`, `teff`, `logg`, `fe_h`, `alpha_fe` with errors, RVS_WARN, SUCCESS. Positions and what else is useful of
 * the FIBERMAP beside it are joined by TARGETID. A target that stands there twice is told of by `surveys/duplicates`.
 *
 * @throws `surveys/no-table`, `surveys/no-column` listing the columns.
 */
export async function readDesiCatalog(
  file: FitsFile,
  source: string,
  options: DesiCatalogOptions = {},
): Promise<Table> {
  const hdu = desiTable(file)
  if (hdu === undefined)
    throw new AstrolabelError('surveys/no-table', `${source} has no redshifts of DESI`, {
      got: file.hdus.map((candidate) => `${candidate.index} ${candidate.name} (${candidate.type})`),
      expected: `a table ${TABLES.join(', ')} with TARGETID`,
      remedy: 'Give a redrock-*.fits or rvtab_*.fits file, or read it as a plain table',
    })
  const raw = await read(hdu, options)
  const fibermap = await besides(file, raw, options)
  const joined: Table = { n: raw.n, columns: new Map([...raw.columns, ...fibermap]) }
  const kept = options.duplicates === 'all' ? joined : takeRows(joined, bestRows(joined))
  if (kept.n < joined.n)
    options.onWarning?.({
      code: 'surveys/duplicates',
      source,
      message: `${joined.n - kept.n} of ${joined.n} rows repeat a target: the primary or first of each TARGETID is kept`,
    })
  const cleared = missingToNull(kept)
  const named = hdu.name === 'RVTAB' ? canonicalColumns(unsignedFlags(cleared)) : withVelocity(cleared)
  if (options.columns === undefined) return named
  const names = options.columns.map((name) =>
    findColumn(named, name) === undefined ? (canonicalName(name) ?? name) : name,
  )
  return selectColumns(named, names, source)
}

function desiTable(file: FitsFile): TableHdu | undefined {
  for (const name of TABLES)
    for (const hdu of file.hdus)
      if (isTableHdu(hdu) && hdu.name === name && hdu.columns.some((info) => info.name === 'TARGETID')) return hdu
  return undefined
}

/** Scalars, and vectors that are asked for. */
async function read(hdu: TableHdu, { columns = [], ...options }: DesiCatalogOptions): Promise<Table> {
  const asked = new Set(columns.map((name) => name.toUpperCase()))
  const names = hdu.columns
    .filter((info) => info.variable === undefined && (info.shape.length === 0 || asked.has(info.name.toUpperCase())))
    .map((info) => info.name)
  return tableFromFits(await hdu.read({ columns: names, ...readControl(options) }))
}

/** Useful columns of the FIBERMAP and those that are asked for, row after row those of the table's targets. */
async function besides(file: FitsFile, table: Table, options: DesiCatalogOptions): Promise<[string, Column][]> {
  const hdu = file.hdus.find((candidate) => candidate.name === 'FIBERMAP')
  if (hdu === undefined || !isTableHdu(hdu) || !hdu.columns.some((info) => info.name === 'TARGETID')) return []
  const wanted = new Set(
    [...FIBERMAP_ALWAYS, ...FIBERMAP_USEFUL, ...(options.columns ?? [])].map((name) => name.toUpperCase()),
  )
  const names = hdu.columns
    .filter((info) => info.variable === undefined && info.shape.length === 0 && wanted.has(info.name.toUpperCase()))
    .map((info) => info.name)
  const fibermap = tableFromFits(await hdu.read({ columns: names, ...readControl(options) }))
  const ids = idsOf(table)
  const theirs = idsOf(fibermap)
  const rowOf = new Map(theirs.map((id, row) => [id, row]).reverse() as [string, number][])
  // Row for row where both have the same targets, which tells repeated ones apart.
  const sameRows = ids.length === theirs.length && ids.every((id, row) => id === theirs[row])
  const rows = sameRows ? ids.map((_, row) => row) : ids.map((id) => rowOf.get(id) ?? -1)
  return [...takeRows(fibermap, rows).columns].filter(([name]) => !table.columns.has(name))
}

function idsOf(table: Table): string[] {
  return columnStrings(requireColumn(table, 'TARGETID'))
}

function bestRows(table: Table): number[] {
  const primary = findColumn(table, 'PRIMARY', 'ZCAT_PRIMARY')?.values
  const best = new Map<string, number>()
  idsOf(table).forEach((id, row) => {
    const held = best.get(id)
    if (held === undefined || (primary !== undefined && Number(primary[row]) > Number(primary[held]))) best.set(id, row)
  })
  return [...best.values()].sort((a, b) => a - b)
}

/** km/s, exact by definition. */
const SPEED_OF_LIGHT = 299_792.458

function withVelocity(table: Table): Table {
  const type = findColumn(table, 'SPECTYPE')
  const z = findColumn(table, 'Z')
  if (type === undefined || z === undefined) return table
  const star = columnStrings(type).map((word) => word === 'STAR')
  const velocity = (name: string, column: Column | undefined): Column => {
    const values = column === undefined ? new Float64Array(table.n).fill(Number.NaN) : columnNumbers(column)
    return numbersColumn(
      name,
      Array.from(values, (value, row) => (star[row] ? value * SPEED_OF_LIGHT : undefined)),
      'km/s',
    )
  }
  const columns = new Map(table.columns)
  columns.set('v_rad', velocity('v_rad', z))
  columns.set('v_rad_err', velocity('v_rad_err', findColumn(table, 'ZERR')))
  return { n: table.n, columns }
}

/** FITS has no unsigned flags. */
function unsignedFlags(table: Table): Table {
  const column = findColumn(table, 'RVS_WARN')
  if (column === undefined || Array.isArray(column.values) || column.values instanceof Uint32Array) return table
  const values = Uint32Array.from(column.values as ArrayLike<number | bigint>, (bits) => Number(bits) >>> 0)
  return { n: table.n, columns: new Map(table.columns).set(column.name, { ...column, values }) }
}
