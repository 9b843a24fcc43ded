import type { FitsFile, TableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnStrings, findLabel, requireColumn, takeRows } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import type { ReadOptions } from '../ingest.js'
import { canonicalColumns, canonicalName } from './canonical-names.js'
import { readControl, tableFromFits } from './fits-catalog.js'
import { clearColumn, missingToNull } from './missing-values.js'

/** Options of {@link readApogeeCatalog}. */
export interface ApogeeCatalogOptions extends ReadOptions {
  /** Columns by the file's or the canonical name, read besides APOGEE_ID; labels, errors, flags, positions and velocities when absent. */
  readonly columns?: readonly string[] | undefined
  /** `best` (default) keeps the row of highest signal to noise of each APOGEE_ID, `all` every row. */
  readonly duplicates?: 'best' | 'all' | undefined
}

/** Columns read when none are named, besides labels and their errors, where a release has them. */
const USEFUL =
  'APOGEE_ID RA DEC TELESCOPE LOCATION_ID FIELD NVISITS SNR VHELIO_AVG VSCATTER VERR J H K STARFLAG ANDFLAG ASPCAPFLAG EXTRATARG GAIAEDR3_SOURCE_ID GAIA_SOURCE_ID FILE'.split(
    ' ',
  )

/** DR12's ALPHAFE means [α/M], which the vocabulary takes for [α/Fe] as DESI does; VERR is the error of VHELIO_AVG. */
const RENAMES: ReadonlyMap<string, string> = new Map([
  ['ALPHAFE', 'alpha_m'],
  ['VERR', 'v_rad_err'],
])

const MAGNITUDES = new Set(['J', 'H', 'K'])

/**
 * Read the allStar catalogue of APOGEE, DR12 to DR17.
 *
 * Labels and their errors get canonical names (`TEFF` → `teff`, `PARAM_M_H` and `M_H` → `m_h`, `VHELIO_AVG` → `v_rad`),
 * other columns keep the file's. Missing are -9999, NaN, errors below 0 and magnitudes of 99. A star observed by two
 * telescopes or in two fields stands there twice: `surveys/duplicates` tells how many rows went.
 *
 * @throws `surveys/no-table` when no table of the file has APOGEE_ID, `surveys/no-column` listing the columns,
 * `surveys/empty-catalog`.
 */
export async function readApogeeCatalog(
  file: FitsFile,
  source: string,
  options: ApogeeCatalogOptions = {},
): Promise<Table> {
  const hdu = allStarTable(file, source)
  const wanted =
    options.columns === undefined
      ? defaultColumns(hdu)
      : [...new Set(['APOGEE_ID', ...options.columns].map((name) => resolve(name, hdu, source)))]
  const best = options.duplicates !== 'all'
  const needed = new Set(best ? [...wanted, resolve('SNR', hdu, source)] : wanted)
  const raw = tableFromFits(await hdu.read({ columns: [...needed], ...readControl(options) }))
  if (raw.n === 0)
    throw new AstrolabelError('surveys/empty-catalog', `${source} has no rows`, { expected: 'one row a star' })
  const kept = best ? takeRows(raw, bestRows(raw)) : raw
  if (kept.n < raw.n)
    options.onWarning?.({
      code: 'surveys/duplicates',
      source,
      message: `${raw.n - kept.n} of ${raw.n} rows repeat a star: the row of highest SNR of each APOGEE_ID is kept`,
    })
  const picked: Table = { n: kept.n, columns: new Map(wanted.map((name) => [name, kept.columns.get(name)!])) }
  const cleared = missingToNull(picked)
  const columns = [...cleared.columns].map(([name, column]) => [name, clearSpecial(column)] as const)
  return canonicalColumns({ n: cleared.n, columns: new Map(columns) }, RENAMES)
}

function allStarTable(file: FitsFile, source: string): TableHdu {
  for (const hdu of file.hdus)
    if (hdu.type === 'bintable' && hdu.columns.some((info) => info.name.toUpperCase() === 'APOGEE_ID')) return hdu
  throw new AstrolabelError('surveys/no-table', `${source} has no table of stars`, {
    expected: 'a binary table with a column APOGEE_ID',
    got: file.hdus.map((hdu) => `${hdu.index} ${hdu.name} (${hdu.type})`),
    remedy: 'Give an allStar file, or read it as a plain table',
  })
}

function defaultColumns(hdu: TableHdu): string[] {
  const useful = new Set(USEFUL)
  return hdu.columns
    .filter(
      (info) => useful.has(info.name.toUpperCase()) || (info.shape.length === 0 && meaning(info.name) !== undefined),
    )
    .map((info) => info.name)
}

/** The column of the file that a name means: itself, else the one whose canonical name it is. */
function resolve(name: string, hdu: TableHdu, source: string): string {
  const lower = name.toLowerCase()
  const canonical = findLabel(name)?.name ?? lower
  const found =
    hdu.columns.find((info) => info.name.toLowerCase() === lower) ??
    hdu.columns.find((info) => meaning(info.name) === canonical)
  if (found !== undefined) return found.name
  const names = hdu.columns.map((info) => info.name)
  throw new AstrolabelError('surveys/no-column', `${source} has no column ${name}`, {
    expected: `one of ${names.join(', ')}`,
    remedy: 'Name one of these columns',
  })
}

function meaning(name: string): string | undefined {
  return RENAMES.get(name.toUpperCase()) ?? canonicalName(name)
}

function bestRows(table: Table): number[] {
  const id = columnStrings(requireColumn(table, 'APOGEE_ID'))
  const snr = requireColumn(table, 'SNR').values as ArrayLike<number>
  const best = new Map<string, number>()
  for (let row = 0; row < table.n; row++) {
    // Rows without an identifier cannot be told apart, so none of them is a repetition.
    const key = id[row] === '' ? `#${row}` : id[row]!
    const held = best.get(key)
    if (held === undefined || snr[row]! > snr[held]!) best.set(key, row)
  }
  return [...best.values()].sort((a, b) => a - b)
}

function clearSpecial(column: Column): Column {
  if (MAGNITUDES.has(column.name.toUpperCase())) return clearColumn(column, [99, 99.99, 99.999])
  if (/FLAG$|TARGET\d?$/i.test(column.name)) return unsigned(column)
  const error =
    /_ERR$|^VERR$/i.test(column.name) &&
    (column.values instanceof Float32Array || column.values instanceof Float64Array)
  if (!error) return column
  const negative = [...new Set(column.values as Float64Array)].filter((value) => value < 0)
  return negative.length === 0 ? column : clearColumn(column, negative)
}

/** FITS has no unsigned flags: bit 31 would read as bits 31 to 63 when the number is widened. */
function unsigned(column: Column): Column {
  const { values } = column
  if (values instanceof Int32Array)
    return { ...column, values: new Uint32Array(values.buffer, values.byteOffset, values.length) }
  if (values instanceof BigInt64Array)
    return { ...column, values: new BigUint64Array(values.buffer, values.byteOffset, values.length) }
  return column
}
