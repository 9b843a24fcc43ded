import { AstrolabelError } from '@astrolabel/spectra'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'

/** A kind of file that tables and spectra are read from or written to. */
export type FileFormat = 'fits' | 'arrow' | 'parquet' | 'csv' | 'npz'

/** A kind of file that is read but not written. */
export type ReadFormat = FileFormat | 'votable' | 'hdf5'

const READABLE: readonly (readonly [RegExp, ReadFormat])[] = [
  [/\.(?:fits|fit|fts)(?:\.(?:gz|fz|bz2|Z|zip))?$/i, 'fits'],
  [/\.(?:arrow|feather|ipc)$/i, 'arrow'],
  [/\.parquet$/i, 'parquet'],
  [/\.(?:csv|tsv|txt|dat|db|ecsv)(?:\.gz)?$/i, 'csv'],
  [/\.npz$/i, 'npz'],
  [/\.(?:vot|votable|xml)(?:\.gz)?$/i, 'votable'],
  [/\.(?:h5|hdf5?)$/i, 'hdf5'],
]

const WRITABLE: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.fits(?:\.gz)?$/i, 'fits'],
  [/\.arrow$/i, 'arrow'],
  [/\.parquet$/i, 'parquet'],
  [/\.csv$/i, 'csv'],
  [/\.npz$/i, 'npz'],
]

/** The format that a file to read has by its extension. @throws `formats/unknown`, listing those that are known. */
export function formatToRead(path: string): ReadFormat {
  return formatOf(
    path,
    READABLE,
    'Cannot read',
    '.fits, .fit (also packed: .gz, .fz, .bz2, .Z, .zip), .arrow, .parquet, .csv, .tsv, .txt, .db, .ecsv, .vot, .xml, .h5, .npz',
  )
}

/** The format that a file to write has by its extension. @throws `formats/unknown`, listing those that are known. */
export function formatToWrite(path: string): FileFormat {
  return formatOf(path, WRITABLE, 'Cannot write', '.arrow, .parquet, .csv, .npz, .fits, .fits.gz')
}

function formatOf<Format extends ReadFormat>(
  path: string,
  known: readonly (readonly [RegExp, Format])[],
  what: string,
  list: string,
): Format {
  const format = known.find(([pattern]) => pattern.test(path))?.[1]
  if (format !== undefined) return format
  throw new AstrolabelError('formats/unknown', `${what} ${path}: its extension is not known`, {
    expected: list,
    remedy: 'Rename the file to one of these',
  })
}

/**
 * Check that there is a file to read.
 *
 * @returns Its size in bytes. @throws `formats/no-file` with the path that was looked for, `formats/folder`,
 * `formats/empty`.
 */
export async function requireFile(path: string): Promise<number> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new AstrolabelError('formats/no-file', `There is no file ${path}`, {
      remedy: `Looked for ${resolve(path)}; check the path`,
      cause,
    })
  })
  if (info.isDirectory())
    throw new AstrolabelError('formats/folder', `${path} is a folder`, {
      expected: 'a file',
      remedy: 'Name a file in it',
    })
  if (info.size === 0)
    throw new AstrolabelError('formats/empty', `${path} is empty`, {
      got: '0 bytes',
      remedy: 'Check that whatever wrote it came to its end',
    })
  return info.size
}
