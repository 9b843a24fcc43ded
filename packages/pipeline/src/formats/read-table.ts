import type { FitsFile, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import type { RunOptions, Table } from '@astrolabel/spectra'
import type { IngestWarning } from '@astrolabel/surveys'
import {
  canonicalColumns,
  canonicalName,
  findSsppTable,
  isApogeeCatalog,
  isDesiCatalog,
  lamostRenames,
  missingToNull,
  readApogeeCatalog,
  readDesiCatalog,
  readFitsTable,
  readSsppCatalog,
} from '@astrolabel/surveys'
import { readTablePath } from '@astrolabel/surveys/node'
import { readArrowTable } from './arrow-table.js'
import { readCsvTable } from './csv-table.js'
import { formatToRead, requireFile } from './file-format.js'
import { hduKey, withFits } from './fits-table.js'
import { readNpzTable } from './npz-table.js'
import { parquetSchemaNames, readParquetTable } from './parquet-table.js'
import { alignMissing, noColumn, pickColumns } from './table-parts.js'

/** Which rows of a star that repeats are kept. */
export type DuplicateRows = 'best' | 'lowest' | 'all'

/** Options of {@link readTable}. */
export interface ReadTableOptions extends RunOptions {
  /** Columns to read, in this order; case does not matter, a label goes by any of its names. All when undefined. */
  readonly columns?: readonly string[] | undefined
  /** Columns to read besides those that are usual of an allStar file, of which not all are, where it has them. */
  readonly also?: readonly string[] | undefined
  /** Table of a FITS file, by EXTNAME or index; the first one when undefined. */
  readonly hdu?: number | string | undefined
  /**
   * Rows of a star that repeats in a catalogue of APOGEE or DESI: the best is kept (`best`, default), that of lowest
   * signal to noise (`lowest`, APOGEE alone), or all. Other catalogues keep all rows, with a warning when asked otherwise.
   */
  readonly duplicates?: DuplicateRows | undefined
  /** Called for everything that was got over: rows of a star that repeats, columns that are no values. */
  readonly onWarning?: ((warning: IngestWarning) => void) | undefined
  /** Labels under canonical names and -9999 as missing, true; the file's own names and values when false. */
  readonly canonical?: boolean | undefined
}

/**
 * A catalogue from a file: FITS tables (allStar files of APOGEE, redshifts and radial velocities of DESI are recognised),
 * Arrow, Parquet, text (MILES's parameter files and ECSV are recognised), VOTable, HDF5 and archives of numpy, by extension. Of spectra the columns that are not spectra.
 *
 * Missing floating-point values are NaN with `valid` 0.
 *
 * @throws `formats/no-file` with the path looked for, `formats/unknown` listing the extensions, `formats/empty`,
 * `formats/no-column` listing the columns, and what the format's reader throws.
 */
export async function readTable(path: string, options: ReadTableOptions = {}): Promise<Table> {
  await requireFile(path)
  const format = formatToRead(path)
  options.signal?.throwIfAborted()
  const canonical = options.canonical !== false
  const table = await readFormat(path, format, options, canonical)
  if (format !== 'fits') tellRepeated(path, options)
  const named = canonical ? canonicalColumns(missingToNull(table), lamostRenames(table)) : table
  return alignMissing(options.columns === undefined ? named : pickColumns(named, options.columns, path))
}

async function readFormat(
  path: string,
  format: ReturnType<typeof formatToRead>,
  options: ReadTableOptions,
  canonical: boolean,
): Promise<Table> {
  switch (format) {
    case 'fits':
      return withFits(path, (file) => readFits(file, path, options, canonical))
    case 'arrow':
      return readArrowTable(path, options)
    case 'parquet': {
      const columns =
        options.columns === undefined ? undefined : namesInFile(await parquetSchemaNames(path), options.columns, path)
      return readParquetTable(path, { ...options, columns })
    }
    case 'csv':
      return readCsvTable(path, options.onWarning)
    case 'votable':
    case 'hdf5':
      return readTablePath(path, options)
    case 'npz':
      return readNpzTable(path, { onWarning: options.onWarning })
  }
}

async function readFits(file: FitsFile, path: string, options: ReadTableOptions, canonical: boolean): Promise<Table> {
  if (canonical && options.hdu === undefined) {
    const named = { columns: options.columns, onWarning: options.onWarning, signal: options.signal }
    const { duplicates, also } = options
    if (isAllStar(file)) return readApogeeCatalog(file, path, { ...named, duplicates, also })
    if (findSsppTable(file) !== undefined) {
      tellRepeated(path, options)
      return readSsppCatalog(file, path, named)
    }
    if (isDesiCatalog(file)) {
      if (duplicates === 'lowest') tellRepeated(path, options, 'the primary or first row of each target')
      return readDesiCatalog(file, path, { ...named, duplicates: duplicates === 'all' ? 'all' : 'best' })
    }
  }
  tellRepeated(path, options)
  const hdu = tableOf(file, options.hdu)
  const left =
    hdu?.columns
      .filter((info) => info.variable !== undefined || info.dtype === 'c8' || info.dtype === 'c16')
      .map((info) => info.name) ?? []
  if (left.length > 0 && options.columns === undefined)
    options.onWarning?.({
      code: 'formats/column-left-out',
      source: path,
      message: `Columns of variable length or complex numbers are left out: ${left.join(', ')}`,
    })
  const columns =
    options.columns === undefined || hdu === undefined
      ? undefined
      : namesInFile(
          hdu.columns.map((info) => info.name),
          options.columns,
          path,
        )
  return readFitsTable(file, { hdu: hdu?.index, columns, signal: options.signal })
}

/** Say that rows of a star that repeats are kept otherwise than was asked. */
function tellRepeated(path: string, { duplicates = 'all', onWarning }: ReadTableOptions, kept = 'all rows'): void {
  if (duplicates === 'all') return
  onWarning?.({
    code: 'surveys/duplicates',
    source: path,
    message: `${path} keeps ${kept}: those of ${duplicates === 'best' ? 'highest' : 'lowest'} signal to noise are known of allStar files of APOGEE${duplicates === 'best' ? ' and catalogues of DESI' : ''} alone`,
  })
}

/** An allStar file, also a part of one that was saved without the flags. */
function isAllStar(file: FitsFile): boolean {
  const part = file.hdus
    .filter(isTableHdu)
    .some((hdu) => ['APOGEE_ID', 'SNR'].every((name) => hdu.columns.some((info) => info.name === name)))
  return part || isApogeeCatalog(file)
}

/** The table that is meant; undefined when the file has none, which the reader then says. @throws io-fits' errors. */
function tableOf(file: FitsFile, key: number | string | undefined): TableHdu | undefined {
  if (key !== undefined) return file.table(hduKey(key))
  return file.hdus.find(isTableHdu)
}

/** The file's names of the columns that were asked for, so that the bytes of the others need not be read. */
function namesInFile(there: readonly string[], asked: readonly string[], path: string): string[] {
  return asked.map((name) => {
    const lower = name.toLowerCase()
    const label = canonicalName(name)
    const found =
      there.find((own) => own === name) ??
      there.find((own) => own.toLowerCase() === lower) ??
      there.find((own) => label !== undefined && canonicalName(own) === label)
    if (found === undefined) throw noColumn(name, there, path)
    return found
  })
}
