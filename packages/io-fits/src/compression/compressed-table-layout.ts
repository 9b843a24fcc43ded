import { DTYPE_BYTES } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { Header } from '../header/header.js'
import type { ColumnLayout } from '../read/column-layout.js'
import type { DataLayout } from '../read/data-layout.js'
import { badKeyword, dataLayout } from '../read/data-layout.js'
import type { HduBase, TableCompressionAlgorithm } from '../read/hdu.js'
import { hduLabel } from '../read/hdu.js'
import type { TableLayout } from '../read/table-layout.js'
import { tableLayout } from '../read/table-layout.js'
import { tableHeader } from './table-header.js'

/** How the bytes of a column, or of one variable-length array of it, are compressed. */
export interface ColumnCompression {
  readonly algorithm: TableCompressionAlgorithm
  /** Bytes that GZIP_2 sorted by significance together; 1 where it left them as they were. */
  readonly sorted: number
  /** Bytes of an integer for RICE_1. */
  readonly bytePix: 1 | 2 | 4 | undefined
}

/** All that the header of a compressed table says. */
export interface CompressedTableLayout {
  /** Of the table that is meant. */
  readonly header: Header
  readonly table: TableLayout
  /** Of the table of tiles: its columns, of descriptors, stand as those of `table` do. */
  readonly tiles: TableLayout
  readonly tileRows: number
  readonly compression: readonly ColumnCompression[]
}

const ALGORITHMS: readonly TableCompressionAlgorithm[] = ['RICE_1', 'GZIP_1', 'GZIP_2', 'NOCOMPRESS']

/** The layout of a compressed table. Fails with `fits/bad-header` or `fits/bad-table`. */
export function compressedTableLayout(base: HduBase, layout: DataLayout): CompressedTableLayout {
  const label = hduLabel(base)
  const tiles = tableLayout(base, layout)
  const header = tableHeader(base.header)
  const meant = dataLayout(header, label)
  const table = tableLayout({ ...base, header, dataSize: meant.size }, meant)
  const broken = [...tiles.columns, ...table.columns].find(({ unread }) => unread?.code === 'fits/bad-table')?.unread
  if (broken !== undefined) throw broken
  const odd = tiles.columns.find(({ descriptor, format }) => descriptor === undefined || format?.stored !== 'u1')
  if (odd !== undefined) throw noTiles(label, odd)
  const tileRows = tileRowsOf(base.header, label, table.rows, tiles.rows)
  const needed = table.rows === 0 ? 0 : Math.ceil(table.rows / tileRows)
  if (needed !== tiles.rows && table.rows > 0) {
    throw new FitsError('fits/bad-header', `${label} has another number of tiles than its table`, {
      got: `${tiles.rows} rows`,
      expected: `${needed} tiles of ${tileRows} rows for ${table.rows} rows`,
      remedy: 'The header is damaged: fetch the file again.',
    })
  }
  const compression = table.columns.map((column, i) => compressionOf(base.header, label, i + 1, column))
  return { header, table, tiles, tileRows, compression }
}

/** Early writers leave ZTILELEN out and make one tile. */
function tileRowsOf(header: Header, label: string, rows: number, tiles: number): number {
  if (!header.has('ZTILELEN') && tiles <= 1) return Math.max(1, rows)
  const given = header.getNumber('ZTILELEN')
  if (given !== undefined && Number.isInteger(given) && given >= 1) return Math.max(1, Math.min(given, rows))
  throw badKeyword(label, 'ZTILELEN', header, 'a whole number, 1 or more')
}

function compressionOf(header: Header, label: string, n: number, column: ColumnLayout): ColumnCompression {
  const named = (header.getString(`ZCTYP${n}`) ?? 'GZIP_2').trim()
  const algorithm = ALGORITHMS.find((known) => known === named)
  if (algorithm === undefined) throw badKeyword(label, `ZCTYP${n}`, header, `one of ${ALGORITHMS.join(', ')}`)
  const { kind, format, descriptor } = column
  const stored = format?.stored
  const bytePix = stored === 'u1' ? 1 : stored === 'i2' ? 2 : stored === 'i4' ? 4 : undefined
  if (algorithm === 'RICE_1' && (bytePix === undefined || kind !== 'number')) {
    throw badKeyword(label, `ZCTYP${n}`, header, `GZIP_1 or GZIP_2 for a column of TFORM ${column.info.format}`)
  }
  const bytes = stored === undefined ? 1 : DTYPE_BYTES[stored]
  // cfitsio, by whose files the form is known, does not sort complex numbers but takes single ones in arrays for 8 bytes.
  const complex = descriptor !== undefined && stored === 'f4' ? 8 : 1
  return { algorithm, sorted: kind === 'complex' ? complex : bytes, bytePix }
}

function noTiles(label: string, { info }: ColumnLayout): FitsError {
  return new FitsError('fits/bad-table', `${label} has a column ${info.name} that cannot hold tiles`, {
    got: `TFORM ${info.format}`,
    expected: '1QB or 1PB',
    remedy: 'The header is damaged: fetch the file again.',
  })
}
