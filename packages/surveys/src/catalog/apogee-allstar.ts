import type { FitsFile, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnNumbers, columnStrings, findLabel, requireColumn, takeRows } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import type { ReadOptions } from '../ingest.js'
import { canonicalColumns, canonicalName } from './canonical-names.js'
import { readControl, tableFromFits } from './fits-catalog.js'
import { clearColumn, clearErrors, missingToNull } from './missing-values.js'

/** Options of {@link readApogeeCatalog}. */
export interface ApogeeCatalogOptions extends ReadOptions {
  /** Columns by the file's or the canonical name, read besides the star's identifier; labels, errors, flags, positions and velocities when absent. */
  readonly columns?: readonly string[] | undefined
  /** Columns read besides those that are usual, where the file has them; not with `columns`. */
  readonly also?: readonly string[] | undefined
  /**
   * Which row of each star is kept: that of highest signal to noise (`best`, default), of lowest (`lowest`), or every
   * row (`all`).
   */
  readonly duplicates?: 'best' | 'lowest' | 'all' | undefined
}

/** Columns read when none are named, besides labels, their errors and their flags, where a release has them. */
const USEFUL = new Set(
  (
    'APOGEE_ID RA DEC TELESCOPE LOCATION_ID FIELD NVISITS SNR VHELIO_AVG VSCATTER VERR J H K STARFLAG ANDFLAG ASPCAPFLAG ' +
    'EXTRATARG GAIAEDR3_SOURCE_ID GAIA_SOURCE_ID FILE PMRA PMDEC GAIA_PMRA GAIA_PMDEC GAIAEDR3_PMRA GAIAEDR3_PMDEC ' +
    // DR19, as astra writes it.
    'SDSS_ID SDSS4_APOGEE_ID GAIA_DR3_SOURCE_ID RELEASE APRED J_MAG H_MAG K_MAG N_VISITS STD_V_RAD SPECTRUM_FLAGS ' +
    'RESULT_FLAGS FLAG_WARN FLAG_BAD'
  ).split(' '),
)

/**
 * Names that the vocabulary takes otherwise or not at all. DR12's ALPHAFE means [α/M], as DESI's does not; VERR is the
 * error of VHELIO_AVG; DR19 calls the parameters of the atmosphere `_atm` and ionised and neutral species by number.
 */
const RENAMES: ReadonlyMap<string, string> = new Map([
  ['ALPHAFE', 'alpha_m'],
  ['VERR', 'v_rad_err'],
  ...(
    [
      ['M_H_ATM', 'm_h'],
      ['ALPHA_M_ATM', 'alpha_m'],
      ['C_M_ATM', 'c_m'],
      ['N_M_ATM', 'n_m'],
      ['C_1_H', 'ci_h'],
      ['TI_2_H', 'tiii_h'],
    ] as const
  ).flatMap(([name, label]) => [[name, label] as const, [`E_${name}`, `${label}_err`] as const]),
])

const MAGNITUDES = new Set(['J', 'H', 'K', 'J_MAG', 'H_MAG', 'K_MAG'])

/** What names a star, by preference: DR12 to DR17, then DR19, where stars of SDSS-V have no name of the other kind. */
const IDS = ['APOGEE_ID', 'SDSS_ID', 'SDSS4_APOGEE_ID']

/**
 * Read the catalogue of APOGEE's stars: allStar of DR12 to DR17, or astraAllStarASPCAP of DR19.
 *
 * Labels and their errors get canonical names (`TEFF` → `teff`, `PARAM_M_H`, `M_H` and `m_h_atm` → `m_h`, `VHELIO_AVG` →
 * `v_rad`, `e_teff` → `teff_err`), other columns keep the file's; `raw_*` of DR19 are read when named. Missing are -9999,
 * NaN, errors below 0 and magnitudes of 99. A star observed by two telescopes or in two fields stands there twice:
 * `surveys/duplicates` tells how many stars and rows that concerns.
 *
 * @throws `surveys/no-table` when no table of the file names stars of APOGEE, `surveys/no-column` listing the columns,
 * `surveys/empty-catalog`.
 */
export async function readApogeeCatalog(
  file: FitsFile,
  source: string,
  options: ApogeeCatalogOptions = {},
): Promise<Table> {
  const hdu = findApogeeTable(file) ?? noTable(file, source)
  const ids = IDS.flatMap((id) => hdu.columns.filter((info) => info.name.toUpperCase() === id).map(({ name }) => name))
  const id = ids[0]!
  const wanted =
    options.columns === undefined
      ? [...new Set([...defaultColumns(hdu), ...namedColumns(hdu, options.also ?? [])])]
      : [...new Set([...ids, ...options.columns.map((name) => resolve(name, hdu, source))])]
  const { duplicates = 'best' } = options
  const snr = duplicates === 'all' ? undefined : resolve('SNR', hdu, source)
  const needed = new Set(snr === undefined ? wanted : [...wanted, snr])
  const raw = tableFromFits(await hdu.read({ columns: [...needed], ...readControl(options) }))
  if (raw.n === 0)
    throw new AstrolabelError('surveys/empty-catalog', `${source} has no rows`, { expected: 'one row a star' })
  const { rows, stars } = snr === undefined ? {} : chosenRows(raw, id, snr, duplicates)
  const kept = rows === undefined || rows.length === raw.n ? raw : takeRows(raw, rows)
  if (kept.n < raw.n)
    options.onWarning?.({
      code: 'surveys/duplicates',
      source,
      message: `${raw.n - kept.n} of ${raw.n} rows repeat a star (${stars === 1 ? '1 star' : `${stars} stars`}): the row of ${duplicates === 'best' ? 'highest' : 'lowest'} SNR of each ${id} is kept`,
    })
  const picked: Table = { n: kept.n, columns: new Map(wanted.map((name) => [name, kept.columns.get(name)!])) }
  const cleared = missingToNull(picked)
  const columns = [...cleared.columns].map(([name, column]) => [name, clearSpecial(column)] as const)
  return canonicalColumns({ n: cleared.n, columns: new Map(columns) }, RENAMES)
}

/**
 * The table of APOGEE's stars in a file: the first with APOGEE_ID, else the one with results of ASPCAP that astra wrote,
 * of which the first HDU, for BOSS, is empty. Undefined when there is none.
 */
function findApogeeTable(file: FitsFile): TableHdu | undefined {
  const tables = file.hdus.filter(isTableHdu)
  const old = tables.find((hdu) => names(hdu).has('APOGEE_ID'))
  if (old !== undefined) return old
  const astra = tables.filter((hdu) => isAstra(names(hdu)))
  return astra.find((hdu) => hdu.rows > 0 && instrumentOf(hdu) !== 'BOSS') ?? astra.at(-1)
}

/** True when a file's table of APOGEE's stars has what ASPCAP finds: other tables with an APOGEE_ID are read as they are. */
export function isApogeeCatalog(file: FitsFile): boolean {
  return file.hdus
    .filter(isTableHdu)
    .map(names)
    .some((have) => isAstra(have) || ['APOGEE_ID', 'SNR', 'ASPCAPFLAG'].every((name) => have.has(name)))
}

function isAstra(have: ReadonlySet<string>): boolean {
  return ['SDSS_ID', 'SNR', 'TEFF', 'M_H_ATM'].every((name) => have.has(name))
}

function names(hdu: TableHdu): Set<string> {
  return new Set(hdu.columns.map((info) => info.name.toUpperCase()))
}

function instrumentOf({ header, name }: TableHdu): string {
  return (header.getString('INSTRMNT') ?? name).trim().toUpperCase()
}

function noTable(file: FitsFile, source: string): never {
  throw new AstrolabelError('surveys/no-table', `${source} has no table of stars`, {
    expected: 'a binary table with a column APOGEE_ID, or sdss_id and m_h_atm',
    got: file.hdus.map((hdu) => `${hdu.index} ${hdu.name} (${hdu.type})`),
    remedy: 'Give an allStar file, or read it as a plain table',
  })
}

function defaultColumns(hdu: TableHdu): string[] {
  return hdu.columns
    .filter(
      (info) =>
        USEFUL.has(info.name.toUpperCase()) ||
        (info.shape.length === 0 && (meaning(info.name) !== undefined || isLabelFlag(info.name))),
    )
    .map((info) => info.name)
}

/** Single values that the file has under names that are asked for. */
function namedColumns(hdu: TableHdu, asked: readonly string[]): string[] {
  const lower = new Set(asked.map((name) => name.toLowerCase()))
  return hdu.columns
    .filter((info) => info.shape.length === 0 && lower.has(info.name.toLowerCase()))
    .map(({ name }) => name)
}

/** `MG_FE_FLAG`, `mg_h_flags`: what ASPCAP thinks of one label. */
function isLabelFlag(name: string): boolean {
  const label = /^(.+)_flags?$/i.exec(name)?.[1]
  return label !== undefined && meaning(label) !== undefined
}

/** The column of the file that a name means: itself, else the one whose canonical name it is. */
function resolve(name: string, hdu: TableHdu, source: string): string {
  const lower = name.toLowerCase()
  const canonical = findLabel(name)?.name ?? lower
  const found =
    hdu.columns.find((info) => info.name.toLowerCase() === lower) ??
    hdu.columns.find((info) => meaning(info.name) === canonical)
  if (found !== undefined) return found.name
  throw new AstrolabelError('surveys/no-column', `${source} has no column ${name}`, {
    expected: `one of ${hdu.columns.map((info) => info.name).join(', ')}`,
    remedy: 'Name one of these columns',
  })
}

function meaning(name: string): string | undefined {
  return RENAMES.get(name.toUpperCase()) ?? canonicalName(name)
}

/** The row to keep of each star, in the file's order, and how many stars have several. */
function chosenRows(
  table: Table,
  idName: string,
  snrName: string,
  which: 'best' | 'lowest' | 'all',
): { rows: number[]; stars: number } {
  const id = columnStrings(requireColumn(table, idName))
  const snr = columnNumbers(requireColumn(table, snrName))
  const sign = which === 'lowest' ? -1 : 1
  // A signal to noise that is not there loses to any.
  const rank = (row: number): number => (Number.isFinite(snr[row]) ? sign * snr[row]! : Number.NEGATIVE_INFINITY)
  const kept = new Map<string, number>()
  const repeated = new Set<string>()
  for (let row = 0; row < table.n; row++) {
    // Rows without an identifier cannot be told apart, so none of them is a repetition.
    const key = id[row] === '' || id[row] === '-1' ? `#${row}` : id[row]!
    const held = kept.get(key)
    if (held !== undefined) repeated.add(key)
    if (held === undefined || rank(row) > rank(held)) kept.set(key, row)
  }
  return { rows: [...kept.values()].sort((a, b) => a - b), stars: repeated.size }
}

function clearSpecial(column: Column): Column {
  if (MAGNITUDES.has(column.name.toUpperCase())) return clearColumn(column, [99, 99.99, 99.999])
  if (/FLAGS?$|TARGET\d?$|^EXTRATARG$/i.test(column.name)) return unsigned(column)
  return /_ERR$|^VERR$|^E_/i.test(column.name) ? clearErrors(column) : column
}

/** FITS has no unsigned flags: bit 31 would read as bits 31 to 63 when the number is widened. */
function unsigned(column: Column): Column {
  const { values } = column
  if (values instanceof Int16Array)
    return { ...column, values: new Uint16Array(values.buffer, values.byteOffset, values.length) }
  if (values instanceof Int32Array)
    return { ...column, values: new Uint32Array(values.buffer, values.byteOffset, values.length) }
  if (values instanceof BigInt64Array)
    return { ...column, values: new BigUint64Array(values.buffer, values.byteOffset, values.length) }
  return column
}
