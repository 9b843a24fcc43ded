import { openFits } from '@astrolabel/io-fits'
import type { ByteSource, FitsFile, TableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnNumbers, columnStrings } from '@astrolabel/spectra'
import type { Column, Spectra, SurveyReader, Table } from '@astrolabel/spectra'
import { alignTable } from '../catalog/align-table.js'
import { canonicalColumns } from '../catalog/canonical-names.js'
import { tableFromCsv } from '../catalog/csv.js'
import { firstTable, readControl, tableFromFits } from '../catalog/fits-catalog.js'
import { missingToNull } from '../catalog/missing-values.js'
import { withIngestStep } from '../ingest-step.js'
import type { FileSource, ReadOptions } from '../ingest.js'
import { ARRAY_NAMES, findArray } from './array-names.js'
import { batchRowsOf, eachFile } from './each-file.js'
import { stemOf } from './file-stem.js'
import { spectraFromMatrix } from './matrix-spectra.js'
import type { MatrixSpectraOptions, Numbers } from './matrix-spectra.js'
import { requireSamePixels } from './same-pixels.js'

/** Options of the reader of tables: where columns are not called `flux`, `ivar` or `sigma`, `wavelength`, `star_id`. */
export interface TableReadOptions extends ReadOptions, MatrixSpectraOptions {
  readonly hdu?: string | number | undefined
  readonly fluxColumn?: string | undefined
  readonly ivarColumn?: string | undefined
  readonly sigmaColumn?: string | undefined
  readonly waveColumn?: string | undefined
  readonly idColumn?: string | undefined
}

/** Columns of a table by what they hold. */
type Roles = Partial<
  Record<'flux' | 'ivar' | 'sigma' | 'mask' | 'wavelength' | 'loglam' | 'starId' | 'ra' | 'dec', string>
>

/**
 * Reads spectra from tables: FITS tables with a row a star and flux as a vector column, or tables (FITS or text) with a
 * row a pixel, which are one star each and are called by their file's name.
 *
 * In a table of stars the wavelengths are a vector column or an image HDU named like one (`WAVELENGTH`, `LOGLAM`).
 */
export const tableReader: SurveyReader<readonly FileSource[], TableReadOptions> = {
  survey: 'table',
  async *read(sources, options) {
    let first: { name: string; spectra: Spectra } | undefined
    yield* eachFile(sources, options, async function* (bytes, source) {
      for await (const batch of batchesOf(bytes, source, options)) {
        const spectra = withIngestStep(batch, 'table', sources.length)
        if (first !== undefined)
          requireSamePixels({ name: first.name, meta: first.spectra.meta }, { name: source.name, meta: spectra.meta })
        first ??= { name: source.name, spectra }
        yield { ...spectra, catalog: alignTable(spectra.catalog, first.spectra.catalog) }
      }
    })
  },
}

async function* batchesOf(bytes: ByteSource, source: FileSource, options: TableReadOptions): AsyncGenerator<Spectra> {
  if (/\.(?:csv|txt|dat|tsv|ecsv)$/i.test(source.name)) {
    const table = tableFromCsv(new TextDecoder().decode(await bytes.read(0, bytes.size)), source.name)
    yield oneStar(table, rolesOf([...table.columns.keys()], source.name, options), source, options)
    return
  }
  const file = await openFits(bytes)
  const hdu = options.hdu === undefined ? firstTable(file) : file.table(options.hdu)
  const roles = rolesOf(
    hdu.columns.map((info) => info.name),
    source.name,
    options,
  )
  const flux = hdu.columns.find((info) => info.name === roles.flux)!
  if (flux.shape.length === 0) {
    const columns = Object.values(roles)
    yield oneStar(tableFromFits(await hdu.read({ columns, ...readControl(options) })), roles, source, options)
    return
  }
  yield* manyStars(file, hdu, roles, source, options)
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
  const shared = await imageWavelengths(file)
  const scalars = hdu.columns.filter((info) => info.shape.length === 0).map((info) => info.name)
  const columns = [...new Set([...Object.values(roles), ...scalars])]
  for (let start = 0; start < hdu.rows; start += step) {
    options.signal?.throwIfAborted()
    const table = tableFromFits(
      await hdu.read({ columns, rows: [start, Math.min(start + step, hdu.rows)], ...readControl(options) }),
    )
    const vector = (name: string | undefined): Numbers | undefined => {
      if (name === undefined) return undefined
      const column = table.columns.get(name)!
      if ((column.width ?? 1) === nPix && !isStrings(column)) return column.values as Numbers
      throw new AstrolabelError('spectra/shape', `Column ${name} of ${source.name} does not fit ${roles.flux}`, {
        got: `${column.width ?? 1} values a row`,
        expected: nPix,
      })
    }
    const wave = roles.wavelength === undefined ? undefined : Float64Array.from(vector(roles.wavelength)!, Number)
    const loglam =
      roles.loglam === undefined ? undefined : Float64Array.from(vector(roles.loglam)!, (x) => 10 ** Number(x))
    const wavelength = wave ?? loglam ?? shared
    if (wavelength === undefined)
      throw noColumn(
        'wavelength',
        source.name,
        hdu.columns.map((info) => info.name),
      )
    const numbers = (name: string | undefined): Float64Array | undefined =>
      name === undefined ? undefined : columnNumbers(table.columns.get(name)!)
    const used = new Set<string>(
      [roles.flux, roles.ivar, roles.sigma, roles.mask, roles.wavelength, roles.loglam].filter(
        (name) => name !== undefined,
      ),
    )
    const catalog = canonicalColumns(
      missingToNull({ n: table.n, columns: new Map([...table.columns].filter(([name]) => !used.has(name))) }),
    )
    yield spectraFromMatrix(
      {
        n: table.n,
        nPix,
        flux: vector(roles.flux)!,
        ivar: vector(roles.ivar),
        sigma: vector(roles.sigma),
        mask: vector(roles.mask),
        wavelength,
        starId: roles.starId === undefined ? undefined : columnStrings(table.columns.get(roles.starId)!),
        firstRow: start,
        ra: numbers(roles.ra),
        dec: numbers(roles.dec),
        catalog: [...catalog.columns.values()],
      },
      'table',
      { idPrefix: `${stemOf(source.name)}:`, ...options },
    )
  }
}

function oneStar(table: Table, roles: Roles, source: FileSource, options: TableReadOptions): Spectra {
  const numbers = (name: string | undefined): Float64Array | undefined =>
    name === undefined ? undefined : columnNumbers(table.columns.get(name)!)
  const wavelength = numbers(roles.wavelength) ?? numbers(roles.loglam)?.map((x) => 10 ** x)
  if (wavelength === undefined) throw noColumn('wavelength', source.name, [...table.columns.keys()])
  return spectraFromMatrix(
    {
      n: 1,
      nPix: table.n,
      flux: numbers(roles.flux)!,
      ivar: numbers(roles.ivar),
      sigma: numbers(roles.sigma),
      mask: numbers(roles.mask),
      wavelength,
      starId: [stemOf(source.name)],
      catalog: [],
    },
    'table',
    options,
  )
}

function rolesOf(names: readonly string[], source: string, options: TableReadOptions): Roles {
  const roles: Roles = {}
  const asked = {
    flux: options.fluxColumn,
    ivar: options.ivarColumn,
    sigma: options.sigmaColumn,
    wavelength: options.waveColumn,
    starId: options.idColumn,
  }
  for (const role of ['flux', 'ivar', 'sigma', 'mask', 'wavelength', 'loglam', 'starId', 'ra', 'dec'] as const) {
    const wanted = role in asked ? asked[role as keyof typeof asked] : undefined
    const found =
      wanted === undefined ? findArray(names, role) : names.find((name) => name.toLowerCase() === wanted.toLowerCase())
    if (wanted !== undefined && found === undefined) throw noColumn(wanted, source, names)
    if (found !== undefined) roles[role] = found
  }
  if (roles.flux === undefined) throw noColumn('flux', source, names)
  return roles
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

function noColumn(name: string, source: string, names: readonly string[]): AstrolabelError {
  return new AstrolabelError('surveys/no-column', `${source} has no column ${name}`, {
    expected: `one of ${names.join(', ')}`,
    remedy: 'Say which column it is in the options',
  })
}

function isStrings(column: Column): boolean {
  return Array.isArray(column.values)
}
