import type { FitsColumn, FitsFile, FitsTable, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Column, RunOptions, Table } from '@astrolabel/spectra'

/** Options of {@link readFitsTable}. */
export interface FitsTableOptions extends RunOptions {
  /** HDU by EXTNAME or index; the first binary table when absent. */
  readonly hdu?: string | number | undefined
  /** Columns to read, ignoring case; all when absent. Only their bytes are read. */
  readonly columns?: readonly string[] | undefined
  /** Rows `start` up to, not including, `end`; all when absent. */
  readonly rows?: readonly [start: number, end: number] | undefined
}

/**
 * A binary table of a FITS file as a catalogue; vector columns keep their width. Columns of variable length and of
 * complex numbers are left out.
 *
 * @throws `surveys/no-table` when the file has none, `fits/no-column` listing the columns, and io-fits' other errors.
 */
export async function readFitsTable(file: FitsFile, options: FitsTableOptions = {}): Promise<Table> {
  const hdu = options.hdu === undefined ? firstTable(file) : file.table(options.hdu)
  const names =
    options.columns ??
    hdu.columns
      .filter((info) => info.variable === undefined && info.dtype !== 'c8' && info.dtype !== 'c16')
      .map((info) => info.name)
  return tableFromFits(
    await hdu.read({
      columns: names,
      ...readControl(options),
      ...(options.rows === undefined ? {} : { rows: options.rows }),
    }),
  )
}

/** The first table of a file. @throws `surveys/no-table`, listing the HDUs. */
export function firstTable(file: FitsFile): TableHdu {
  const hdu = file.hdus.find(isTableHdu)
  if (hdu !== undefined) return hdu
  throw new AstrolabelError('surveys/no-table', 'The file has no table', {
    got: file.hdus.map((candidate) => `${candidate.index} ${candidate.name} (${candidate.type})`),
    remedy: 'Give a catalogue as a FITS table or as .csv',
  })
}

/** Columns read from FITS as a catalogue. */
export function tableFromFits(fits: FitsTable): Table {
  return makeTable([...fits.columns.values()].map(columnFromFits), fits.rows)
}

/** The part of RunOptions that io-fits takes, without undefined members. */
export function readControl({ signal }: RunOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function columnFromFits(column: FitsColumn): Column {
  const { info, values, valid } = column
  const width = info.shape.reduce((product, length) => product * length, 1)
  return {
    name: info.name,
    values,
    ...(width === 1 ? {} : { width }),
    ...(info.unit === undefined ? {} : { unit: info.unit }),
    ...(info.dtype === 'bool' ? { boolean: true } : {}),
    ...(valid === undefined ? {} : { valid: width === 1 ? valid : rowValidity(valid, width) }),
  }
}

/** A row of a vector counts as missing when all of its elements are. */
function rowValidity(valid: Uint8Array, width: number): Uint8Array {
  return Uint8Array.from({ length: width === 0 ? 0 : valid.length / width }, (_, row) =>
    valid.subarray(row * width, (row + 1) * width).some((v) => v === 1) ? 1 : 0,
  )
}
