import type { FitsFile, Header, TableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnStrings, findColumn, makeTable } from '@astrolabel/spectra'
import type { Column, Frame, Medium, Table } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../../catalog/fits-catalog.js'
import { missingToNull } from '../../catalog/missing-values.js'
import { integersColumn, numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import type { ReadOptions } from '../../ingest.js'
import { stemOf } from '../file-stem.js'
import { latticeEnds, latticeIndices, latticeStep } from './sdss-lattice.js'
import type { LatticeEnds } from './sdss-lattice.js'
import type { StarRow } from '../star-rows.js'

/** Options of the reader of SDSS and BOSS. */
export interface SdssReadOptions extends ReadOptions {
  /** Bits that all exposures have (`and`, default) or that any has (`or`); the survey has set ivar 0 for the worst. */
  readonly mask?: 'and' | 'or' | undefined
  /** Columns of the file's table about the object (SPECOBJ, SPALL) to carry besides the usual ones. */
  readonly columns?: readonly string[] | undefined
  /** Carry σ of the line spread, `wdisp`, as a column `lsf_sigma` of one value in Å a pixel. */
  readonly resolution?: boolean | undefined
}

/** A file with spectra of SDSS, of whichever layout: all but mwmVisit have one. */
export interface SdssFile {
  readonly medium: Medium
  readonly frame: Frame
  /** Which pixels of the lattice it has, without reading it all. @throws `surveys/off-lattice`. */
  readonly ends: (options: ReadOptions) => Promise<LatticeEnds>
  /** The stars, their own pixels without padding, `offset` counted from lattice pixel 0, at 1 Å. */
  readonly rows: (options: SdssReadOptions) => AsyncIterable<StarRow>
  /** The reduction that it is of. */
  readonly release: (options: ReadOptions) => Promise<string>
}

/** A spec file whose tables are found. */
interface SpecFile {
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
export function specFile(file: FitsFile, source: string): SdssFile {
  const spec = findTables(file, source)
  return {
    medium: spec.medium,
    frame: 'barycentric',
    ends: (options) => specEnds(spec, options),
    async *rows(options) {
      yield await specRow(spec, options)
    },
    release: (options) => specRelease(spec, options),
  }
}

function findTables(file: FitsFile, source: string): SpecFile {
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
      remedy: 'Give spec-PLATE-MJD-FIBER.fits, spSpec-MJD-PLATE-FIBER.fit or mwmStar-*.fits files',
    })
  }
  const object = tables.find((hdu) => hdu !== coadd && hdu.rows > 0 && has(hdu, 'class', 'z'))
  return { source, header, coadd, object, medium: header.get('VACUUM') === false ? 'air' : 'vacuum' }
}

/** Which pixels of the lattice a spectrum has, by its first and last row alone. @throws `surveys/off-lattice`. */
async function specEnds(spec: SpecFile, options: ReadOptions): Promise<LatticeEnds> {
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
async function specRow(spec: SpecFile, options: SdssReadOptions): Promise<StarRow> {
  const { coadd, source } = spec
  const maskName = maskColumn(spec, options)
  const spread = options.resolution === true ? columnName(coadd, 'wdisp') : undefined
  const names = [columnName(coadd, 'flux')!, columnName(coadd, 'ivar')!, columnName(coadd, 'loglam'), maskName, spread]
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
  const widths = spread === undefined ? undefined : values(spread)
  const sigma = widths === undefined ? undefined : new Float32Array(length)
  for (let i = 0; i < index.length; i++) {
    const at = index[i]! - first
    if (bits !== undefined) mask[at] = bits[i]! >>> 0
    if (widths !== undefined && widths[i]! > 0 && widths[i]! < Infinity)
      sigma![at] = widths[i]! * latticeStep(index[i]!)
    if (!Number.isFinite(given[i])) continue
    flux[at] = given[i]!
    if (weights[i]! > 0 && weights[i]! < Infinity) ivar[at] = weights[i]!
  }
  return {
    ...(await objectOf(spec, options)),
    offset: first,
    flux,
    ivar,
    mask,
    ...(sigma === undefined ? {} : { sigma }),
  }
}

/**
 * The column of the mask. One that is asked for must be there; else OR stands in for AND, as the spectra of SDSS-V have
 * it alone.
 */
function maskColumn({ coadd, source }: SpecFile, { mask }: SdssReadOptions): string | undefined {
  const found = columnName(coadd, mask === 'or' ? 'or_mask' : 'and_mask')
  if (found !== undefined || mask === undefined) return found ?? columnName(coadd, 'or_mask')
  throw new AstrolabelError('surveys/no-column', `The spectrum of ${source} has no column ${mask}_mask`, {
    expected: `one of ${coadd.columns.map((info) => info.name).join(', ')}`,
    remedy: 'Leave the choice of the mask out, or name the other',
  })
}

/** What is carried of the table about the object. */
const WORDS = ['SPECOBJID', 'CLASS', 'SUBCLASS', 'RUN2D']
const NUMBERS: readonly (readonly [name: string, unit?: string])[] = [
  ['Z'],
  ['Z_ERR'],
  ['ELODIE_TEFF', 'K'],
  ['ELODIE_LOGG', 'dex(cm s-2)'],
  ['ELODIE_FEH', 'dex'],
]
const INTEGERS = ['ZWARNING']
const USUAL = [...WORDS, ...NUMBERS.map(([name]) => name), ...INTEGERS]
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
  return objectRow(
    {
      source,
      plate: header.getNumber('PLATEID') ?? number('PLATE') ?? numberOf(inName[0]),
      mjd: header.getNumber('MJD') ?? number('MJD') ?? numberOf(inName[1]),
      fiber: header.getNumber('FIBERID') ?? number('FIBERID') ?? numberOf(inName[2]),
      // RA and DEC of the header are where the telescope pointed.
      ra: number('PLUG_RA') ?? header.getNumber('PLUG_RA') ?? number('RA'),
      dec: number('PLUG_DEC') ?? header.getNumber('PLUG_DEC') ?? number('DEC'),
      word: (name) => (name === 'RUN2D' ? releaseOf(header, word(name)) : word(name)),
      number,
    },
    extraColumns(row, options.columns ?? []),
  )
}

/** What a file tells of its object. */
interface SdssObject {
  readonly source: string
  readonly plate: number | undefined
  readonly mjd: number | undefined
  readonly fiber: number | undefined
  readonly ra: number | undefined
  readonly dec: number | undefined
  readonly word: (name: string) => string | undefined
  readonly number: (name: string) => number | undefined
}

/** The star's name, place and catalogue row, with the same columns whatever the layout of the file. */
export function objectRow(
  { source, plate, mjd, fiber, ra, dec, word, number }: SdssObject,
  extra: readonly Column[] = [],
): Pick<StarRow, 'starId' | 'ra' | 'dec' | 'catalog'> {
  const known = plate !== undefined && mjd !== undefined && fiber !== undefined
  const star = word('CLASS')?.toUpperCase() === 'STAR'
  const velocity = (z: number | undefined): number | undefined =>
    z === undefined || !star ? undefined : z * SPEED_OF_LIGHT
  const error = number('Z_ERR')
  return {
    starId: known ? [pad(plate), mjd, pad(fiber)].join('-') : stemOf(source).replace(/^spec(?:-lite)?-(?=\d)/i, ''),
    ra: ra ?? Number.NaN,
    dec: dec ?? Number.NaN,
    catalog: makeTable([
      integersColumn('PLATE', [plate]),
      integersColumn('MJD', [mjd]),
      integersColumn('FIBERID', [fiber]),
      ...WORDS.map((name) => wordsColumn(name, [word(name)])),
      ...NUMBERS.map(([name, unit]) => numbersColumn(name, [number(name)], unit)),
      ...INTEGERS.map((name) => integersColumn(name, [number(name)])),
      numbersColumn('v_rad', [velocity(number('Z'))], 'km/s'),
      // A negative error says that the fit ran to its limit.
      numbersColumn('v_rad_err', [velocity(error !== undefined && error > 0 ? error : undefined)], 'km/s'),
      ...extra,
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
  const columns = [...USUAL, ...PLACE, ...(options.columns ?? [])]
    .map((name) => names.get(name.toUpperCase()))
    .filter((name) => name !== undefined)
  return missingToNull(
    tableFromFits(await object.read({ columns: [...new Set(columns)], rows: [0, 1], ...readControl(options) })),
  )
}

function extraColumns(row: Table, names: readonly string[]): Column[] {
  const usual = new Set([...USUAL, ...PLACE.slice(0, 3)])
  return [...new Set(names.map((name) => name.toUpperCase()))]
    .filter((name) => !usual.has(name))
    .map((name) => findColumn(row, name)!)
}

/** The reduction that a file is of, without reading its spectrum. */
async function specRelease({ header, object }: SpecFile, options: ReadOptions): Promise<string> {
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
