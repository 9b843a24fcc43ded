import { AstrolabelError, columnNumbers, columnStrings } from '@astrolabel/spectra'
import type { Spectra, Table } from '@astrolabel/spectra'
import { canonicalColumns } from '../../catalog/canonical-names.js'
import { missingToNull } from '../../catalog/missing-values.js'
import type { FileSource } from '../../ingest.js'
import { stemOf } from '../file-stem.js'
import { spectraFromMatrix } from '../npz/matrix-spectra.js'
import type { MatrixSpectraOptions, Numbers } from '../npz/matrix-spectra.js'
import { noColumn } from './table-roles.js'
import type { Roles } from './table-roles.js'

/** Rows of a table of stars, one after another. */
export interface StarsOfTable {
  readonly table: Table
  readonly roles: Roles
  /** Number of the first row in the file. */
  readonly firstRow: number
  /** (nPix) Å, where no column tells. */
  readonly wavelength?: Float64Array | undefined
}

/**
 * Spectra of a table with a row a star and flux as vectors; its other columns travel along.
 *
 * @throws `surveys/no-column`, `spectra/shape`, and what spectraFromMatrix throws.
 */
export function starsOfTable(stars: StarsOfTable, source: FileSource, options: MatrixSpectraOptions): Spectra {
  const { table, roles, firstRow } = stars
  const nPix = table.columns.get(roles.flux!)!.width ?? 1
  const vector = (name: string | undefined): Numbers | undefined => {
    if (name === undefined) return undefined
    const column = table.columns.get(name)!
    if ((column.width ?? 1) === nPix && !Array.isArray(column.values)) return column.values as Numbers
    throw new AstrolabelError('spectra/shape', `Column ${name} of ${source.name} does not fit ${roles.flux}`, {
      got: `${column.width ?? 1} values a row`,
      expected: nPix,
    })
  }
  const wave = roles.wavelength === undefined ? undefined : Float64Array.from(vector(roles.wavelength)!, Number)
  const loglam =
    roles.loglam === undefined ? undefined : Float64Array.from(vector(roles.loglam)!, (x) => 10 ** Number(x))
  const wavelength = wave ?? loglam ?? stars.wavelength
  if (wavelength === undefined) throw noColumn('wavelength', source.name, [...table.columns.keys()])
  const numbers = (name: string | undefined): Float64Array | undefined =>
    name === undefined ? undefined : columnNumbers(table.columns.get(name)!)
  const used = new Set<string | undefined>([
    roles.flux,
    roles.ivar,
    roles.sigma,
    roles.mask,
    roles.wavelength,
    roles.loglam,
  ])
  const catalog = canonicalColumns(
    missingToNull({ n: table.n, columns: new Map([...table.columns].filter(([name]) => !used.has(name))) }),
  )
  return spectraFromMatrix(
    {
      n: table.n,
      nPix,
      flux: vector(roles.flux)!,
      ivar: vector(roles.ivar),
      sigma: vector(roles.sigma),
      mask: vector(roles.mask),
      wavelength,
      starId: roles.starId === undefined ? undefined : columnStrings(table.columns.get(roles.starId)!),
      firstRow,
      ra: numbers(roles.ra),
      dec: numbers(roles.dec),
      catalog: [...catalog.columns.values()],
    },
    'table',
    { idPrefix: `${stemOf(source.name)}:`, ...options },
  )
}

/** The one star of a table with a row a pixel, called by its file's name. @throws `surveys/no-column`. */
export function starOfPixels(table: Table, roles: Roles, source: FileSource, options: MatrixSpectraOptions): Spectra {
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
