import type { FitsFile, Header, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Frame, Medium, Table } from '@astrolabel/spectra'
import { readControl } from '../../catalog/fits-catalog.js'
import { clearColumn } from '../../catalog/missing-values.js'
import { flagsColumn, integersColumn, numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import type { ReadOptions } from '../../ingest.js'
import { stemOf } from '../file-stem.js'

/** Options of the reader of LAMOST. */
export interface LamostReadOptions extends ReadOptions {
  /** `and` (default): bits that all exposures have; `or`: bits that any has. */
  readonly mask?: 'and' | 'or' | undefined
  /** The single exposures of medium-resolution files instead of their coadds, each with wavelengths of its own. */
  readonly exposures?: boolean | undefined
}

/** An open LAMOST file and what its header says of all its spectra. */
export interface LamostFile {
  readonly file: FitsFile
  readonly header: Header
  readonly source: string
  readonly kind: 'lrs' | 'mrs'
  readonly medium: Medium
  readonly frame: Frame
  readonly release: string
}

/** One arm of a spectrum, (nPix) each. */
export interface LamostArm {
  readonly name: string
  readonly loglam: Float64Array
  readonly flux: Float32Array
  readonly ivar: Float32Array
  readonly mask: Uint32Array
}

/**
 * Tell what a LAMOST file is: low resolution, as one image of five rows (to DR7) or as a table COADD with a row of
 * vectors (from DR8 on), or medium resolution, with a table an arm and exposure.
 *
 * @throws `surveys/not-lamost`, listing the HDUs.
 */
export function lamostFile(file: FitsFile, source: string): LamostFile {
  const { header } = file.hdus[0]!
  const mrs = file.hdus.some((hdu) => isTableHdu(hdu) && /^(?:COADD_[BR]|[BR]-\d+)$/.test(hdu.name))
  const lrs = file.hdus.some(
    (hdu) =>
      (isTableHdu(hdu) && hdu.name === 'COADD') || (hdu.type === 'image' && hdu.shape.length === 2 && hdu.index === 0),
  )
  if (!mrs && !lrs)
    throw new AstrolabelError('surveys/not-lamost', `${source} has no spectrum of LAMOST`, {
      got: file.hdus.map((hdu) => hdu.name || `HDU ${hdu.index}`),
      expected: 'an image of five rows, a table COADD, or tables COADD_B and COADD_R',
      remedy: 'Give spec-*.fits or med-*.fits files of LAMOST',
    })
  return {
    file,
    header,
    source,
    kind: mrs ? 'mrs' : 'lrs',
    medium: header.getBoolean('VACUUM') === false ? 'air' : 'vacuum',
    // Heliocentric and barycentric differ by 13 m/s at most, which is below what LAMOST measures.
    frame: header.getBoolean('HELIO') === false ? 'observed' : 'barycentric',
    release:
      header
        .getString('DATA_V')
        ?.replace(/^LAMOST/, '')
        .trim() ?? '',
  }
}

/** The arms of the coadded spectrum, blue first; one without a name at low resolution. */
export async function coaddArms(lamost: LamostFile, options: LamostReadOptions): Promise<LamostArm[]> {
  const { file, kind, source } = lamost
  if (kind === 'lrs') {
    const coadd = file.hdus.find((hdu) => isTableHdu(hdu) && hdu.name === 'COADD')
    return [coadd?.type === 'bintable' ? await tableArm(coadd, '', source, options) : await imageArm(lamost, options)]
  }
  const tables = ['B', 'R'].map((arm) => file.hdus.find((hdu) => hdu.name === `COADD_${arm}`))
  const found = tables.filter((hdu): hdu is TableHdu => hdu !== undefined && isTableHdu(hdu))
  if (found.length === 0)
    throw new AstrolabelError('surveys/no-coadd', `${source} has no coadded spectrum`, {
      got: file.hdus.map((hdu) => hdu.name),
      expected: 'COADD_B or COADD_R',
      remedy: 'Read its exposures, with exposures=true',
    })
  return Promise.all(found.map((hdu) => tableArm(hdu, hdu.name.slice(-1), source, options)))
}

/** The columns of a table about one spectrum: a row a pixel, or one row of vectors. Descending arms are turned. */
export async function tableArm(
  hdu: TableHdu,
  name: string,
  source: string,
  options: LamostReadOptions,
): Promise<LamostArm> {
  const column = (...names: readonly string[]): string | undefined =>
    hdu.columns.find((info) => names.includes(info.name.toUpperCase()))?.name
  const [flux, ivar] = [column('FLUX'), column('IVAR')]
  const wave = column('LOGLAM', 'WAVELENGTH')
  const mask = column(options.mask === 'or' ? 'ORMASK' : 'ANDMASK') ?? column('PIXMASK')
  if (flux === undefined || ivar === undefined || wave === undefined)
    throw new AstrolabelError('surveys/no-column', `${hdu.name} of ${source} is no spectrum of LAMOST`, {
      got: hdu.columns.map((info) => info.name),
      expected: 'FLUX, IVAR and LOGLAM or WAVELENGTH',
      remedy: 'Fetch the file again',
    })
  const columns = [flux, ivar, wave, mask].filter((found) => found !== undefined)
  const table = await hdu.read({ columns, ...readControl(options) })
  const values = (of: string): ArrayLike<number> => table.columns.get(of)!.values as Float32Array
  const log = wave.toUpperCase() === 'LOGLAM'
  const loglam = Float64Array.from(values(wave), (x) => (log ? x : Math.log10(x)))
  const arm = armOf(name, loglam, values(flux), values(ivar), mask === undefined ? undefined : values(mask))
  return loglam[0]! > loglam.at(-1)! ? reversed(arm) : arm
}

/** Rows of the image: flux, inverse variance, wavelength (something else in the pilot survey), and-mask, or-mask. */
async function imageArm({ file, header, source }: LamostFile, options: LamostReadOptions): Promise<LamostArm> {
  const image = file.image(0)
  const [rows = 0, nPix = 0] = image.shape
  if (rows < 5 || nPix === 0)
    throw new AstrolabelError('surveys/not-lamost', `${source} has no spectrum of LAMOST`, {
      got: `an image of ${image.shape.join(' × ')}`,
      expected: 'five rows: flux, inverse variance, wavelength, and-mask, or-mask',
      remedy: 'Give spec-*.fits files of LAMOST',
    })
  const data = (await image.read(readControl(options))).data as Float32Array
  const row = (index: number): Float32Array => data.subarray(index * nPix, (index + 1) * nPix)
  const [start, step] = [header.getNumber('COEFF0'), header.getNumber('COEFF1')]
  const loglam =
    start === undefined || step === undefined
      ? Float64Array.from(row(2), Math.log10)
      : Float64Array.from({ length: nPix }, (_, i) => start + i * step)
  return armOf('', loglam, row(0), row(1), row(options.mask === 'or' ? 4 : 3))
}

function armOf(
  name: string,
  loglam: Float64Array,
  given: ArrayLike<number>,
  weights: ArrayLike<number>,
  bits: ArrayLike<number> | undefined,
): LamostArm {
  const flux = new Float32Array(loglam.length)
  const ivar = new Float32Array(loglam.length)
  const mask = new Uint32Array(loglam.length)
  for (let i = 0; i < flux.length; i++) {
    // Some releases store masks as floating-point numbers.
    if (bits !== undefined && bits[i]! > 0) mask[i] = bits[i]!
    if (!Number.isFinite(given[i])) continue
    flux[i] = given[i]!
    if (weights[i]! > 0 && weights[i]! < Infinity) ivar[i] = weights[i]!
  }
  return { name, loglam, flux, ivar, mask }
}

function reversed({ name, loglam, flux, ivar, mask }: LamostArm): LamostArm {
  return { name, loglam: loglam.reverse(), flux: flux.reverse(), ivar: ivar.reverse(), mask: mask.reverse() }
}

/** km/s, exact by definition. */
const SPEED_OF_LIGHT = 299_792.458

/**
 * What the header tells of the star, one row: OBSID is the identifier; `v_rad` is c × Z of what the pipeline classed as
 * a star. -9999 and -999 are missing.
 */
export function lamostObject({ header, source, kind }: LamostFile): {
  starId: string
  ra: number
  dec: number
  catalog: Table
} {
  const number = (key: string): number | undefined => header.getNumber(key)
  const word = (key: string): string | undefined => {
    const value = header.get(key)
    return value === undefined ? undefined : String(value)
  }
  const star = word('CLASS')?.trim().toUpperCase() === 'STAR'
  const velocity = (key: string): number | undefined => {
    const z = number(key)
    return z === undefined || z <= -999 || !star ? undefined : z * SPEED_OF_LIGHT
  }
  const error = velocity('Z_ERR')
  const ofKind =
    kind === 'lrs'
      ? [
          wordsColumn('CLASS', [word('CLASS')]),
          wordsColumn('SUBCLASS', [word('SUBCLASS')]),
          ...['Z', 'Z_ERR', 'SNRU', 'SNRG', 'SNRR', 'SNRI', 'SNRZ'].map((key) =>
            clearColumn(numbersColumn(key, [number(key)]), [-999]),
          ),
          numbersColumn('v_rad', [velocity('Z')], 'km/s'),
          numbersColumn('v_rad_err', [error !== undefined && error > 0 ? error : undefined], 'km/s'),
        ]
      : []
  return {
    starId: word('OBSID')?.trim() || stemOf(source),
    ra: number('RA') ?? Number.NaN,
    dec: number('DEC') ?? Number.NaN,
    catalog: makeTable([
      wordsColumn('OBSID', [word('OBSID')]),
      wordsColumn('DESIG', [word('DESIG')?.replace(/^LAMOST /, '')]),
      wordsColumn('PLANID', [word('PLANID')]),
      integersColumn('LMJD', [number('LMJD')]),
      integersColumn('SPID', [number('SPID')]),
      integersColumn('FIBERID', [number('FIBERID')]),
      wordsColumn('OBJNAME', [word('OBJNAME')]),
      wordsColumn('UID', [word('UID')]),
      wordsColumn('OBJTYPE', [word('OBJTYPE')]),
      flagsColumn('FIBERMAS', [number('FIBERMAS')]),
      numbersColumn('HELIO_RV', [number('HELIO_RV')], 'km/s'),
      ...ofKind,
    ]),
  }
}
