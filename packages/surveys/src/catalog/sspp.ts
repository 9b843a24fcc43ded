import type { FitsFile, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, findLabel } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import type { ReadOptions } from '../ingest.js'
import { canonicalColumns, canonicalName } from './canonical-names.js'
import { readControl, tableFromFits } from './fits-catalog.js'
import { KEY_PARTS } from './identifiers.js'
import { clearColumn, clearErrors, missingToNull } from './missing-values.js'

/** Options of {@link readSsppCatalog}. */
export interface SsppCatalogOptions extends ReadOptions {
  /** Columns by the file's or the canonical name, read besides the identifiers; the adopted labels, their errors, flags, positions and signal to noise when absent. */
  readonly columns?: readonly string[] | undefined
}

/**
 * What the adopted values are called, each with the spellings of ssppOut files, of the table sppParams of DR8 and later
 * and of that of DR6 and DR7.
 */
const ADOPTED: ReadonlyMap<string, string> = new Map(
  (
    [
      ['teff', ['TEFF_ADOP', 'TEFFADOP', 'TEFFA']],
      ['logg', ['LOGG_ADOP', 'LOGGADOP', 'LOGGA']],
      ['fe_h', ['FEH_ADOP', 'FEHADOP', 'FEHA']],
      ['v_rad', ['RV_ADOP', 'RVADOP']],
      ['teff_err', ['TEFF_ADOP_UNC', 'TEFFADOPUNC', 'TEFFAERR']],
      ['logg_err', ['LOGG_ADOP_UNC', 'LOGGADOPUNC', 'LOGGAERR']],
      ['fe_h_err', ['FEH_ADOP_UNC', 'FEHADOPUNC', 'FEHAERR']],
      ['v_rad_err', ['RV_ADOP_UNC', 'RVADOPUNC', 'RVADOPERR']],
    ] as const
  ).flatMap(([label, names]) => names.map((name) => [name, label] as const)),
)

/** Columns read when none are named, besides the adopted values, where a release has them. */
const USEFUL = 'SPECOBJID RA DEC SNR FLAG ZWARNING EBV SPECTYPE_HAMMER HAMMERSPTYPE SURVEY'.split(' ')

/** SSPP writes -9999, and the parameter tables -9.999 for abundances and errors that it could not determine. */
const FILLS = [-9.999, -9999]

/** True when a table with these columns is of the SEGUE Stellar Parameter Pipeline: adopted labels, and a spectrum's name. */
export function isSsppNames(names: Iterable<string>): boolean {
  const upper = new Set([...names].map((name) => name.toUpperCase()))
  const adopted = new Set([...upper].map((name) => ADOPTED.get(name)))
  const named = upper.has('SPECOBJID') || (upper.has('PLATE') && upper.has('MJD'))
  return named && adopted.has('teff') && adopted.has('logg') && adopted.has('fe_h')
}

/**
 * Read a catalogue of the SEGUE Stellar Parameter Pipeline: an ssppOut file, of one plate or of a whole release.
 *
 * The adopted values get canonical names (`TEFF_ADOP` → `teff`, `FEH_ADOP_UNC` → `fe_h_err`, `RV_ADOP` → `v_rad`), other
 * columns keep the file's. Spectra are found in it by PLATE, MJD and FIBER, or by SPECOBJID, of which every digit is
 * kept. Missing are -9999, -9.999, NaN and errors below 0.
 *
 * @throws `surveys/no-table` when no table has the adopted labels, `surveys/no-column` listing the columns,
 * `surveys/empty-catalog`.
 */
export async function readSsppCatalog(
  file: FitsFile,
  source: string,
  options: SsppCatalogOptions = {},
): Promise<Table> {
  const hdu = ssppTable(file, source)
  const names = hdu.columns.map((info) => info.name)
  const wanted =
    options.columns === undefined
      ? names.filter((name) => isUseful(name))
      : [...names.filter(isIdentifier), ...options.columns.map((name) => resolve(name, hdu, source))]
  const table = tableFromFits(await hdu.read({ columns: [...new Set(wanted)], ...readControl(options) }))
  if (table.n === 0)
    throw new AstrolabelError('surveys/empty-catalog', `${source} has no rows`, { expected: 'one row a spectrum' })
  return ssppColumns(table)
}

/** A table of SSPP, however it was read, with canonical labels and fills missing. */
export function ssppColumns(table: Table): Table {
  const columns = [...missingToNull(table).columns].map(([name, column]) => [name, clearSpecial(column)] as const)
  return canonicalColumns({ n: table.n, columns: new Map(columns) }, ADOPTED)
}

function clearSpecial(column: Column): Column {
  const meaning = meaningOf(column.name)
  if (meaning === undefined) return column
  return meaning.endsWith('_err') ? clearErrors(clearColumn(column, FILLS)) : clearColumn(column, FILLS)
}

function meaningOf(name: string): string | undefined {
  return ADOPTED.get(name.toUpperCase()) ?? canonicalName(name)
}

function isIdentifier(name: string): boolean {
  const upper = name.toUpperCase()
  return upper === 'SPECOBJID' || KEY_PARTS.includes(upper)
}

function isUseful(name: string): boolean {
  const upper = name.toUpperCase()
  return isIdentifier(name) || ADOPTED.has(upper) || USEFUL.includes(upper)
}

function ssppTable(file: FitsFile, source: string): TableHdu {
  const hdu = findSsppTable(file)
  if (hdu !== undefined) return hdu
  throw new AstrolabelError('surveys/no-table', `${source} has no table of SSPP`, {
    expected: 'a binary table with TEFF_ADOP, LOGG_ADOP and FEH_ADOP, and PLATE, MJD, FIBER or SPECOBJID',
    got: file.hdus.map(({ index, name, type }) => `${index} ${name} (${type})`),
    remedy: 'Give an ssppOut file, or read it as a plain table',
  })
}

/** The table of SSPP in a file; undefined when there is none. */
export function findSsppTable(file: FitsFile): TableHdu | undefined {
  return file.hdus.filter(isTableHdu).find((hdu) => isSsppNames(hdu.columns.map((info) => info.name)))
}

/** The column that a name means: itself, else the one whose canonical name it is. */
function resolve(name: string, hdu: TableHdu, source: string): string {
  const lower = name.toLowerCase()
  const canonical = findLabel(name)?.name ?? lower
  const found =
    hdu.columns.find((info) => info.name.toLowerCase() === lower) ??
    hdu.columns.find((info) => ADOPTED.get(info.name.toUpperCase()) === canonical) ??
    hdu.columns.find((info) => canonicalName(info.name) === canonical)
  if (found !== undefined) return found.name
  throw new AstrolabelError('surveys/no-column', `${source} has no column ${name}`, {
    expected: `one of ${hdu.columns.map((info) => info.name).join(', ')}`,
    remedy: 'Name one of these columns',
  })
}
