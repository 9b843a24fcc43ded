import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileSource, openFitsFile } from '@astrolabel/io-fits/node'
import type { FitsFile } from '@astrolabel/io-fits'
import { AstrolabelError, concatTables } from '@astrolabel/spectra'
import type { Table } from '@astrolabel/spectra'
import { isApogeeCatalog, readApogeeCatalog } from './catalog/apogee-allstar.js'
import type { ApogeeCatalogOptions } from './catalog/apogee-allstar.js'
import { alignTable } from './catalog/align-table.js'
import { canonicalColumns } from './catalog/canonical-names.js'
import { readFitsTable } from './catalog/fits-catalog.js'
import { isDesiCatalog, readDesiCatalog } from './catalog/desi-redshifts.js'
import { lamostRenames } from './catalog/lamost-names.js'
import { selectColumns } from './catalog/join-catalog.js'
import { isMilesNames, isMilesParams, parseMilesNames, parseMilesParams } from './catalog/miles-labels.js'
import { missingToNull } from './catalog/missing-values.js'
import { findSsppTable, isSsppNames, readSsppCatalog, ssppColumns } from './catalog/sspp.js'
import { NODE_ENGINES } from './catalog/table-engines.node.js'
import { readTableFile, tableFileKind, tableFromText } from './catalog/table-file.js'
import { CONTENT_BYTES, contentFormat } from './content-format.js'
import { findFiles } from './find-files.node.js'
import { textOfSource } from './spectra/text-of-source.js'

/** Text that gzip packed, which else would pass for FITS. */
const TEXT = /\.(?:csv|txt|dat|tsv|ecsv|vot|votable|xml)\.gz$/i

/** Options of {@link readCatalog}. */
export interface CatalogOptions extends ApogeeCatalogOptions {
  /** What the file is; told from its contents when absent. */
  readonly kind?: 'apogee-allstar' | 'sspp' | 'desi' | 'miles' | 'table' | undefined
  /** HDU of a FITS table by name or index; the first binary table when absent. */
  readonly hdu?: string | number | undefined
}

/**
 * Read a catalogue of labels: an allStar file of APOGEE, an ssppOut file of SEGUE, redshifts or radial velocities of DESI,
 * MILES's parameters, any FITS table, text, ECSV, VOTable, Parquet or HDF5, told by its contents. A pattern with `*` reads
 * all that it matches.
 *
 * Labels and their errors get canonical names, missing values are NaN with `valid` 0. With `columns` a table gives
 * these, their errors and its identifiers only.
 *
 * @throws `surveys/no-files`, `surveys/no-column` listing the columns, `surveys/empty-catalog`, and what the format's
 * reader throws.
 */
export async function readCatalog(path: string, options: CatalogOptions = {}): Promise<Table> {
  if (/[*?]/.test(path) && (await stat(path).catch(() => undefined)) === undefined) return readSeveral(path, options)
  const format = contentFormat(await readHead(path))
  const fits = format === 'fits' || (format === 'gzip' && !TEXT.test(path))
  const table = fits ? await readFits(path, options) : await readOther(path, options)
  if (table.n === 0)
    throw new AstrolabelError('surveys/empty-catalog', `${path} has no rows`, {
      expected: 'one row a star',
      remedy: 'Check that it is the right file',
    })
  return table
}

/** Files of one kind, such as the redshifts of a production, one under another; columns are those of the first. */
async function readSeveral(pattern: string, options: CatalogOptions): Promise<Table> {
  const tables: Table[] = []
  for (const file of await findFiles([pattern], () => true, 'catalogues')) {
    options.signal?.throwIfAborted()
    const table = await readCatalog(file, options)
    tables.push(tables.length === 0 ? table : alignTable(table, tables[0]!))
  }
  return concatTables(tables)
}

async function readFits(path: string, options: CatalogOptions): Promise<Table> {
  const file = await openFitsFile(path)
  try {
    const kind = options.kind ?? (options.hdu === undefined ? kindOf(file) : 'table')
    if (kind === 'apogee-allstar') return await readApogeeCatalog(file, path, options)
    if (kind === 'sspp') return await readSsppCatalog(file, path, options)
    if (kind === 'desi')
      return await readDesiCatalog(file, path, {
        ...options,
        duplicates: options.duplicates === 'all' ? 'all' : 'best',
      })
    const table = plainTable(await readFitsTable(file, { hdu: options.hdu, signal: options.signal }))
    return options.columns === undefined ? table : selectColumns(table, options.columns, path)
  } finally {
    await file.close()
  }
}

function kindOf(file: FitsFile): 'apogee-allstar' | 'sspp' | 'desi' | 'table' {
  if (isApogeeCatalog(file)) return 'apogee-allstar'
  if (findSsppTable(file) !== undefined) return 'sspp'
  return isDesiCatalog(file) ? 'desi' : 'table'
}

async function readOther(path: string, options: CatalogOptions): Promise<Table> {
  const bytes = await fileSource(path)
  const source = basename(path)
  try {
    // Columns go by canonical names too, which a file does not know: they are chosen afterwards.
    const { columns: _, ...rest } = options
    const choices = { ...rest, engines: NODE_ENGINES }
    if ((await tableFileKind(bytes, path)) !== 'text') {
      const table = plainTable(await readTableFile(bytes, path, choices))
      return options.columns === undefined ? table : selectColumns(table, options.columns, source)
    }
    const text = await textOfSource(bytes, source)
    const table = isMilesParams(text)
      ? parseMilesParams(text, source, options)
      : isMilesNames(text)
        ? parseMilesNames(text, source, options)
        : options.kind === 'miles'
          ? notMiles(path)
          : plainTable(await tableFromText(text, source, choices))
    return options.columns === undefined ? table : selectColumns(table, options.columns, source)
  } finally {
    await bytes.close()
  }
}

/** Labels under canonical names, missing values as such. */
function plainTable(table: Table): Table {
  return isSsppNames(table.columns.keys())
    ? ssppColumns(table)
    : canonicalColumns(missingToNull(table), lamostRenames(table))
}

function notMiles(path: string): never {
  throw new AstrolabelError('surveys/not-miles', `${path} is no parameter file of MILES`, {
    expected: 'MILES_params.db or paramsMILES_v9.1.txt',
    remedy: 'Read it as a table, with kind table',
  })
}

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new AstrolabelError('surveys/no-files', `Cannot open ${path}`, {
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Check the path',
      cause,
    })
  })
  try {
    const head = new Uint8Array(CONTENT_BYTES)
    await handle.read(head, 0, head.length, 0)
    return head
  } finally {
    await handle.close()
  }
}
