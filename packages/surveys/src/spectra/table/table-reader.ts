import { isTableHdu, openFits } from '@astrolabel/io-fits'
import type { ByteSource, FitsFile, Header, TableHdu } from '@astrolabel/io-fits'
import { takeRows } from '@astrolabel/spectra'
import type { Spectra, SurveyReader } from '@astrolabel/spectra'
import { alignTable } from '../../catalog/align-table.js'
import { firstTable, readControl, tableFromFits } from '../../catalog/fits-catalog.js'
import { openHdf5Source, readTableFile, tableFileKind } from '../../catalog/table-file.js'
import type { TableFileOptions } from '../../catalog/table-file.js'
import { hdf5Arrays } from '../../hdf5/hdf5-arrays.js'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource, ReadOptions } from '../../ingest.js'
import { spectraOfArrays } from '../npz/array-batches.js'
import { ARRAY_NAMES } from '../npz/array-names.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { stemOf } from '../file-stem.js'
import type { MatrixSpectraOptions } from '../npz/matrix-spectra.js'
import { requireSamePixels } from '../same-pixels.js'
import { rolesOf } from './table-roles.js'
import type { Roles, TableRoleOptions } from './table-roles.js'
import { starOfPixels, starsOfTable } from './table-stars.js'

/** Options of the reader of tables. */
export interface TableReadOptions
  extends ReadOptions, MatrixSpectraOptions, TableRoleOptions, Pick<TableFileOptions, 'engines'> {
  readonly hdu?: string | number | undefined
}

/** Files that are not FITS, by name; what they are their contents tell. */
const NOT_FITS = /\.(?:csv|txt|dat|tsv|ecsv|vot|votable|xml|parquet|h5|hdf5|hdf)(?:\.gz)?$/i

/**
 * Reads spectra from tables: with a row a star and flux as a vector column (FITS, Parquet, ECSV, VOTable), or with a row
 * a pixel (these and plain text), which are one star each and are called by their file's name. Of HDF5 also arrays as
 * .npz archives have them.
 *
 * In a FITS table of stars the wavelengths are a vector column, an image HDU named like one (`WAVELENGTH`, `LOGLAM`), or
 * CRVAL1 and CDELT1 of its header (decimal logarithms with LOGLAM or DC-FLAG). Of several tables the first with flux is
 * read, the others are told of by `surveys/tables-left-out`.
 */
export const tableReader: SurveyReader<readonly FileSource[], TableReadOptions> = {
  survey: 'table',
  async *read(sources, options) {
    let first: { name: string; spectra: Spectra } | undefined
    yield* eachFile(sources, options, async function* (bytes, source) {
      for await (const spectra of batchesOf(bytes, source, sources.length, options)) {
        if (first !== undefined)
          requireSamePixels({ name: first.name, meta: first.spectra.meta }, { name: source.name, meta: spectra.meta })
        first ??= { name: source.name, spectra }
        yield { ...spectra, catalog: alignTable(spectra.catalog, first.spectra.catalog) }
      }
    })
  },
}

async function* batchesOf(
  bytes: ByteSource,
  source: FileSource,
  files: number,
  options: TableReadOptions,
): AsyncGenerator<Spectra> {
  if (NOT_FITS.test(source.name)) {
    if ((await tableFileKind(bytes, source.name)) === 'hdf5') yield* hdf5Spectra(bytes, source, files, options)
    else yield* tableSpectra(bytes, source, files, options)
    return
  }
  const file = await openFits(bytes)
  const hdu = options.hdu === undefined ? tableWithFlux(file, source, options) : file.table(options.hdu)
  const names = hdu.columns.map((info) => info.name)
  const roles = rolesOf(names, source.name, options)
  if (hdu.columns.find((info) => info.name === roles.flux)!.shape.length > 0) {
    for await (const spectra of manyStars(file, hdu, roles, source, options))
      yield withIngestStep(spectra, 'table', files)
    return
  }
  const table = tableFromFits(await hdu.read({ columns: Object.values(roles), ...readControl(options) }))
  yield withIngestStep(starOfPixels(table, roles, source, options), 'table', files)
}

async function* tableSpectra(
  bytes: ByteSource,
  source: FileSource,
  files: number,
  options: TableReadOptions,
): AsyncGenerator<Spectra> {
  const table = await readTableFile(bytes, source.name, options)
  const roles = rolesOf([...table.columns.keys()], source.name, options)
  if ((table.columns.get(roles.flux!)!.width ?? 1) === 1) {
    yield withIngestStep(starOfPixels(table, roles, source, options), 'table', files)
    return
  }
  const step = batchRowsOf(options)
  for (let start = 0; start < table.n; start += step) {
    options.signal?.throwIfAborted()
    const rows = Array.from({ length: Math.min(step, table.n - start) }, (_, i) => start + i)
    const stars = { table: takeRows(table, rows), roles, firstRow: start }
    yield withIngestStep(starsOfTable(stars, source, options), 'table', files)
  }
}

async function* hdf5Spectra(
  bytes: ByteSource,
  source: FileSource,
  files: number,
  options: TableReadOptions,
): AsyncGenerator<Spectra> {
  const file = await openHdf5Source(bytes, source.name, options)
  try {
    const all = hdf5Arrays(file)
    const asked: readonly [string | undefined, string][] = [
      [options.fluxColumn, 'flux'],
      [options.ivarColumn, 'ivar'],
      [options.sigmaColumn, 'sigma'],
      [options.waveColumn, 'wavelength'],
      [options.idColumn, 'star_id'],
    ]
    for (const [name, role] of asked) {
      const array = name === undefined ? undefined : all.get(name)
      if (array !== undefined) all.set(role, array)
    }
    const arrays = { arrays: all, read: (name: string, rows?: readonly [number, number]) => all.get(name)!.read(rows) }
    const choices = { survey: 'table', idPrefix: `${stemOf(source.name)}:`, ...options }
    yield* spectraOfArrays(arrays, source, 'table', files, choices)
  } finally {
    file.close()
  }
}

async function* manyStars(
  file: FitsFile,
  hdu: TableHdu,
  roles: Roles,
  source: FileSource,
  options: TableReadOptions,
): AsyncGenerator<Spectra> {
  const step = batchRowsOf(options)
  const nPix = hdu.columns
    .find((info) => info.name === roles.flux)!
    .shape.reduce((product, length) => product * length, 1)
  const wavelength = (await imageWavelengths(file)) ?? headerWavelengths(hdu.header, nPix)
  const scalars = hdu.columns.filter((info) => info.shape.length === 0).map((info) => info.name)
  const columns = [...new Set([...Object.values(roles), ...scalars])]
  for (let start = 0; start < hdu.rows; start += step) {
    options.signal?.throwIfAborted()
    const rows = [start, Math.min(start + step, hdu.rows)] as const
    const table = tableFromFits(await hdu.read({ columns, rows, ...readControl(options) }))
    yield starsOfTable({ table, roles, firstRow: start, wavelength }, source, options)
  }
}

/** The first table that has flux, else the first, whose lack of it is then told. */
function tableWithFlux(file: FitsFile, source: FileSource, options: TableReadOptions): TableHdu {
  const found = file.hdus.filter(isTableHdu).filter((hdu) => {
    try {
      rolesOf(
        hdu.columns.map((info) => info.name),
        source.name,
        options,
      )
      return true
    } catch {
      return false
    }
  })
  if (found.length > 1)
    options.onWarning?.({
      code: 'surveys/tables-left-out',
      source: source.name,
      message: `${source.name} has spectra in ${found.length} tables (HDU ${found.map(({ index }) => index).join(', ')}), of which the first is read; hdu names another`,
    })
  return found[0] ?? firstTable(file)
}

async function imageWavelengths(file: FitsFile): Promise<Float64Array | undefined> {
  for (const role of ['wavelength', 'loglam'] as const) {
    const names: readonly string[] = ARRAY_NAMES[role]
    const hdu = file.hdus.find(
      (candidate) => candidate.type === 'image' && names.includes(candidate.name.toLowerCase()),
    )
    if (hdu?.type !== 'image') continue
    const values = Float64Array.from((await hdu.read()).data as ArrayLike<number>, Number)
    return role === 'loglam' ? values.map((x) => 10 ** x) : values
  }
  return undefined
}

/** Linear or logarithmic wavelengths of a header, as templates of redrock have them. */
function headerWavelengths(header: Header, nPix: number): Float64Array | undefined {
  const start = header.getNumber('CRVAL1')
  const step = header.getNumber('CDELT1') ?? header.getNumber('CD1_1')
  if (start === undefined || step === undefined || !(step > 0)) return undefined
  const flag = header.get('LOGLAM') ?? header.get('DC-FLAG')
  const log = flag === true || flag === 1
  const offset = 1 - (header.getNumber('CRPIX1') ?? 1)
  return Float64Array.from({ length: nPix }, (_, i) => {
    const x = start + (i + offset) * step
    return log ? 10 ** x : x
  })
}
