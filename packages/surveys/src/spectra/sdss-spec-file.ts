import type { FitsFile, Header, TableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnStrings, findColumn, makeTable } from '@astrolabel/spectra'
import type { Column, Medium, Table } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../catalog/fits-catalog.js'
import { missingToNull } from '../catalog/missing-values.js'
import { integersColumn, numbersColumn, wordsColumn } from '../catalog/value-columns.js'
import type { ReadOptions } from '../ingest.js'
import { stemOf } from './file-stem.js'
import { latticeEnds, latticeIndices } from './sdss-lattice.js'
import type { LatticeEnds } from './sdss-lattice.js'
import type { StarRow } from './star-rows.js'

/** Options of the reader of SDSS and BOSS. */
export interface SdssReadOptions extends ReadOptions {
  /** Bits that all exposures have (`and`, default) or that any has (`or`); the survey has set ivar 0 for the worst. */
  readonly mask?: 'and' | 'or' | undefined
  /** Columns of the file's table about the object (SPECOBJ, SPALL) to carry besides the usual ones. */
  readonly columns?: readonly string[] | undefined
}

/** A spec file whose tables are found. */
export interface SpecFile {
  readonly source: string
  readonly header: Header
  readonly coadd: TableHdu
  /** The row about the object; files without one are read all the same. */
  readonly object: TableHdu | undefined
  readonly medium: Medium
}

/** Columns of one number a pixel. */
const PIXELS = ['flux', 'ivar', 'loglam', 'and_mask', 'or_mask']
const NUMERIC = new Set<string>(['f4', 'f8', 'u1', 'i2', 'u2', 'i4', 'u4'])

/** True when a table has no such column, or one that holds a number a pixel. */
function isNumeric(hdu: TableHdu, name: string): boolean {
  const info = hdu.columns.find((column) => column.name.toLowerCase() === name)
  return info === undefined || (NUMERIC.has(info.dtype) && info.shape.length === 0 && info.variable === undefined)
}

/**
 * Find the spectrum and the row about the object, which are called COADD and SPECOBJ or SPALL, or nothing.
 *
 * @throws `surveys/not-sdss`, saying what the file has.
 */
export function specFile(file: FitsFile, source: string): SpecFile {
  const tables = file.hdus.filter((hdu): hdu is TableHdu => hdu.type === 'bintable')
  const has = (hdu: TableHdu, ...names: readonly string[]): boolean =>
    names.every((name) => hdu.columns.some((info) => info.name.toLowerCase() === name))
  const spectra = tables.filter((hdu) => has(hdu, 'flux', 'ivar') && PIXELS.every((name) => isNumeric(hdu, name)))
  const coadd = spectra.find((hdu) => /^COADD$/i.test(hdu.name)) ?? spectra[0]
  const { header } = file.hdus[0]!
  if (coadd === undefined || !(has(coadd, 'loglam') || header.has('COEFF0'))) {
    throw new AstrolabelError('surveys/not-sdss', `${source} has no spectrum of SDSS`, {
      got: file.hdus.map((hdu) => `${hdu.index} ${hdu.name || '(no name)'} (${hdu.type})`),
      expected: 'a table with columns flux, ivar and loglam',
      remedy: 'Give spec-PLATE-MJD-FIBER.fits files',
    })
  }
  const object = tables.find((hdu) => hdu !== coadd && hdu.rows > 0 && has(hdu, 'class', 'z'))
  return { source, header, coadd, object, medium: header.get('VACUUM') === false ? 'air' : 'vacuum' }
}

/** Which pixels of the lattice a spectrum has, by its first and last row alone. @throws `surveys/off-lattice`. */
export async function specEnds(spec: SpecFile, options: ReadOptions): Promise<LatticeEnds> {
  const { coadd, source } = spec
  const name = columnName(coadd, 'loglam')
  if (name === undefined || coadd.rows === 0) return latticeEnds(headerLoglam(spec), source)
  const ends: number[] = []
  for (const row of [0, coadd.rows - 1]) {
    const table = await coadd.read({ columns: [name], rows: [row, row + 1], ...readControl(options) })
    ends.push(Number(table.columns.get(name)!.values[0]))
  }
  return latticeEnds(ends, source)
}

/**
 * The star of a spec file, its own pixels without padding.
 *
 * `COEFF0` in the header is not asked for where the table has wavelengths: legacy files were cut after it was written.
 *
 * @returns the star with `offset` counted from lattice pixel 0, at 1 Å.
 * @throws `surveys/off-lattice`, `surveys/no-column`, and io-fits' errors.
 */
export async function specRow(spec: SpecFile, options: SdssReadOptions): Promise<StarRow> {
  const { coadd, source } = spec
  const maskName = columnName(coadd, options.mask === 'or' ? 'or_mask' : 'and_mask')
  const names = [columnName(coadd, 'flux')!, columnName(coadd, 'ivar')!, columnName(coadd, 'loglam'), maskName]
  const table = await coadd.read({ columns: names.filter((name) => name !== undefined), ...readControl(options) })
  const values = (name: string): ArrayLike<number> => table.columns.get(name)!.values as Float32Array
  const index = latticeIndices(names[2] === undefined ? headerLoglam(spec) : values(names[2]), source)
  const first = index[0]!
  const length = index.at(-1)! - first + 1
  const flux = new Float32Array(length)
  const ivar = new Float32Array(length)
  const mask = new Uint32Array(length)
  const [given, weights] = [values(names[0]!), values(names[1]!)]
  const bits = maskName === undefined ? undefined : values(maskName)
  for (let i = 0; i < index.length; i++) {
    const at = index[i]! - first
    if (bits !== undefined) mask[at] = bits[i]! >>> 0
    if (!Number.isFinite(given[i])) continue
    flux[at] = given[i]!
    if (weights[i]! > 0 && weights[i]! < Infinity) ivar[at] = weights[i]!
  }
  return { ...(await objectOf(spec, options)), offset: first, flux, ivar, mask }
}

/** What is carried of the table about the object. */
const WORDS = ['SPECOBJID', 'CLASS', 'SUBCLASS', 'RUN2D']
const NUMBERS = ['Z', 'Z_ERR', 'ELODIE_TEFF', 'ELODIE_LOGG', 'ELODIE_FEH']
const INTEGERS = ['ZWARNING']
const PLACE = ['PLATE', 'MJD', 'FIBERID', 'PLUG_RA', 'PLUG_DEC', 'RA', 'DEC']

/** km/s, exact by definition. */
const SPEED_OF_LIGHT = 299_792.458

async function objectOf(
  spec: SpecFile,
  options: SdssReadOptions,
): Promise<Pick<StarRow, 'starId' | 'ra' | 'dec' | 'catalog'>> {
  const { header, source } = spec
  const row = await readObject(spec, options)
  const word = (name: string): string | undefined => {
    const column = findColumn(row, name)
    return column === undefined || (column.width ?? 1) !== 1 ? undefined : columnStrings(column)[0]
  }
  const number = (name: string): number | undefined => {
    const text = word(name)
    return text === undefined || text === '' ? undefined : Number(text)
  }
  const [, ...inName] = /^spec\w*-(\d+)-(\d+)-(\d+)/i.exec(stemOf(source)) ?? []
  const plate = header.getNumber('PLATEID') ?? number('PLATE') ?? numberOf(inName[0])
  const mjd = header.getNumber('MJD') ?? number('MJD') ?? numberOf(inName[1])
  const fiber = header.getNumber('FIBERID') ?? number('FIBERID') ?? numberOf(inName[2])
  const known = plate !== undefined && mjd !== undefined && fiber !== undefined
  const star = word('CLASS')?.toUpperCase() === 'STAR'
  const velocity = (z: number | undefined): number | undefined =>
    z === undefined || !star ? undefined : z * SPEED_OF_LIGHT
  const error = number('Z_ERR')
  return {
    starId: known ? [pad(plate), mjd, pad(fiber)].join('-') : inName.join('-') || stemOf(source),
    // RA and DEC of the header are where the telescope pointed.
    ra: number('PLUG_RA') ?? header.getNumber('PLUG_RA') ?? number('RA') ?? Number.NaN,
    dec: number('PLUG_DEC') ?? header.getNumber('PLUG_DEC') ?? number('DEC') ?? Number.NaN,
    catalog: makeTable([
      integersColumn('PLATE', [plate]),
      integersColumn('MJD', [mjd]),
      integersColumn('FIBERID', [fiber]),
      ...WORDS.map((name) => wordsColumn(name, [name === 'RUN2D' ? releaseOf(header, word(name)) : word(name)])),
      ...NUMBERS.map((name) => numbersColumn(name, [number(name)])),
      ...INTEGERS.map((name) => integersColumn(name, [number(name)])),
      numbersColumn('v_rad', [velocity(number('Z'))], 'km/s'),
      // A negative error says that the fit ran to its limit.
      numbersColumn('v_rad_err', [velocity(error !== undefined && error > 0 ? error : undefined)], 'km/s'),
      ...extraColumns(row, options.columns ?? []),
    ]),
  }
}

async function readObject({ object, source }: SpecFile, options: SdssReadOptions): Promise<Table> {
  const names = new Map(object?.columns.map((info) => [info.name.toUpperCase(), info.name]))
  for (const name of options.columns ?? []) {
    if (!names.has(name.toUpperCase()))
      throw new AstrolabelError('surveys/no-column', `The table about the object of ${source} has no column ${name}`, {
        expected: names.size === 0 ? 'a file with such a table' : `one of ${[...names.values()].join(', ')}`,
        remedy: 'Name one of these columns',
      })
  }
  if (object === undefined) return makeTable([], 1)
  const columns = [...WORDS, ...NUMBERS, ...INTEGERS, ...PLACE, ...(options.columns ?? [])]
    .map((name) => names.get(name.toUpperCase()))
    .filter((name) => name !== undefined)
  return missingToNull(
    tableFromFits(await object.read({ columns: [...new Set(columns)], rows: [0, 1], ...readControl(options) })),
  )
}

function extraColumns(row: Table, names: readonly string[]): Column[] {
  const usual = new Set([...WORDS, ...NUMBERS, ...INTEGERS, ...PLACE.slice(0, 3)])
  return [...new Set(names.map((name) => name.toUpperCase()))]
    .filter((name) => !usual.has(name))
    .map((name) => findColumn(row, name)!)
}

/** The reduction that a file is of, without reading its spectrum. */
export async function specRelease({ header, object }: SpecFile, options: ReadOptions): Promise<string> {
  const name = object === undefined ? undefined : columnName(object, 'run2d')
  if (header.has('RUN2D') || name === undefined) return releaseOf(header, undefined)
  const table = await object!.read({ columns: [name], rows: [0, 1], ...readControl(options) })
  return releaseOf(header, String(table.columns.get(name)!.values[0]).trim())
}

/** BOSS writes its reduction into the header, legacy files into the table or as the version of the pipeline. */
function releaseOf(header: Header, inTable: string | undefined): string {
  return (header.getString('RUN2D') ?? (inTable || undefined) ?? header.getString('VERS2D') ?? '').trim()
}

function columnName(hdu: TableHdu, name: string): string | undefined {
  return hdu.columns.find((info) => info.name.toLowerCase() === name)?.name
}

function headerLoglam({ header, coadd }: SpecFile): Float64Array {
  const start = header.getNumber('COEFF0') ?? Number.NaN
  const step = header.getNumber('COEFF1') ?? Number.NaN
  return Float64Array.from({ length: coadd.rows }, (_, i) => start + i * step)
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits)
}

function pad(value: number): string {
  return String(value).padStart(4, '0')
}
