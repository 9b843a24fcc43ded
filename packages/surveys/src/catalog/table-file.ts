import type { ByteSource } from '@astrolabel/io-fits'
import type { RunOptions, Table } from '@astrolabel/spectra'
import type { Compressors } from 'hyparquet'
import { CONTENT_BYTES, contentFormat } from '../content-format.js'
import { openHdf5 } from '../hdf5/hdf5-engine.js'
import type { HdfFile } from '../hdf5/hdf5-engine.js'
import { tableFromHdf5 } from '../hdf5/hdf5-table.js'
import type { IngestWarning } from '../ingest.js'
import { textOfSource } from '../spectra/text-of-source.js'
import { tableFromCsv } from './csv.js'
import { tableFromEcsv } from './ecsv.js'
import { isEcsv } from './ecsv-header.js'
import { readParquet } from './parquet.js'
import { isVotable, tableFromVotable } from './votable.js'

/** Options of {@link readTableFile}. */
export interface TableFileOptions extends RunOptions {
  readonly onWarning?: ((warning: IngestWarning) => void) | undefined
  /** Group or dataset of an HDF5 file. */
  readonly group?: string | undefined
  /** What the environment has for files that are not in memory, and for packed ones. */
  readonly engines?: TableEngines | undefined
}

/** How files are opened where there are paths. */
export interface TableEngines {
  /** Opens an HDF5 file by its name; it is read into memory when absent. */
  readonly openHdf5?: ((name: string) => Promise<HdfFile>) | undefined
  /** Unpacks Parquet besides Snappy. */
  readonly unpackers?: Compressors | undefined
}

/** What a table's file is, told by its first bytes. */
export type TableFileKind = 'hdf5' | 'parquet' | 'text'

/** The kind of a file that is no FITS: what its first bytes say, else what its name promises. */
export async function tableFileKind(bytes: ByteSource, source: string): Promise<TableFileKind> {
  const format = contentFormat(await bytes.read(0, Math.min(CONTENT_BYTES, bytes.size)))
  if (format === 'hdf5' || /\.(?:h5|hdf5?)$/i.test(source)) return 'hdf5'
  return format === 'parquet' || /\.parquet$/i.test(source) ? 'parquet' : 'text'
}

/**
 * A table of any format but FITS, told by its contents: HDF5, Parquet (only the bytes of its columns are read), VOTable,
 * ECSV and other text, the last three plain or packed by gzip.
 *
 * Columns are as the file has them: names, units, missing values, 64-bit integers exact.
 *
 * @throws what the format's reader throws.
 */
export async function readTableFile(bytes: ByteSource, source: string, options: TableFileOptions = {}): Promise<Table> {
  const kind = await tableFileKind(bytes, source)
  options.signal?.throwIfAborted()
  if (kind === 'hdf5') {
    const file = await openHdf5Source(bytes, source, options)
    try {
      return tableFromHdf5(file, source, options.group)
    } finally {
      file.close()
    }
  }
  if (kind === 'parquet') {
    const slice = async (start: number, end = bytes.size): Promise<ArrayBuffer> =>
      Uint8Array.from(await bytes.read(start, end - start)).buffer
    const file = { byteLength: bytes.size, slice }
    return readParquet({ name: source, bytes: file, unpackers: options.engines?.unpackers }, options)
  }
  return tableFromText(await textOfSource(bytes, source), source, options)
}

/** A VOTable, ECSV or other text, whichever it is. */
export async function tableFromText(text: string, source: string, options: TableFileOptions): Promise<Table> {
  if (isVotable(text) || /\.(?:vot|votable|xml)(?:\.gz)?$/i.test(source)) return tableFromVotable(text, source, options)
  return isEcsv(text) ? tableFromEcsv(text, source, options) : tableFromCsv(text, source)
}

/** An HDF5 file, by its name where the environment can. */
export async function openHdf5Source(bytes: ByteSource, source: string, options: TableFileOptions): Promise<HdfFile> {
  return options.engines?.openHdf5?.(source) ?? openHdf5(await bytes.read(0, bytes.size), source)
}
