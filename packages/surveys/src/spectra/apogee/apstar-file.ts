import type { FitsFile, Header, ImageHdu } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Column, SpectraMeta, Table } from '@astrolabel/spectra'
import { readControl } from '../../catalog/fits-catalog.js'
import { clearColumn } from '../../catalog/missing-values.js'
import { flagsColumn, integersColumn, numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import { APOGEE_PIXMASK } from '../../masks/apogee.js'
import { FLUX_UNIT, apogeeGrid, apogeeId, apogeeMeta, fluxAndIvar, lowBits, pixelMask } from './apogee-file.js'
import type { ApogeeReadOptions } from './apogee-file.js'
import { stemOf } from '../file-stem.js'
import type { StarRow } from '../star-rows.js'

/** Metadata of an apStar file: on APOGEE's logarithmic grid, at rest. */
export function apStarMeta(file: FitsFile, source: string): SpectraMeta {
  return apogeeMeta(file, source, {
    wavelength: apogeeGrid(file, file.image(1), source),
    frame: 'rest',
    stage: 'raw',
    fluxUnit: FLUX_UNIT,
    maskBits: APOGEE_PIXMASK.bits,
  })
}

/**
 * The stars of an apStar file: its combined spectrum, or its visits one after another.
 *
 * Rows are: combined by pixel, combined globally, then the visits; their masks: of any visit (OR), of all (AND), then
 * the visits'. A file of one visit has a single row, which is all of these. From DR17 on the first mask is AND and the
 * second is empty, so that OR is made of the visits'; a file of one visit has two rows, of which the second is empty.
 * Only the rows asked for are read.
 *
 * @throws `surveys/not-a-spectrum` when there are no pixels or the matrices differ.
 */
export async function* apStarRows(file: FitsFile, source: string, options: ApogeeReadOptions): AsyncGenerator<StarRow> {
  const [flux, error, mask] = [file.image(1), file.image(2), file.image(3)]
  const rows = rowCount(flux, source)
  for (const hdu of [error, mask]) {
    if (String(hdu.shape) === String(flux.shape)) continue
    throw new AstrolabelError('surveys/not-a-spectrum', `The images of ${source} do not fit one another`, {
      got: hdu.shape.join(' × '),
      expected: flux.shape.join(' × '),
      remedy: 'Fetch the file again',
    })
  }
  const { header } = file.hdus[0]!
  const star = { starId: apogeeId(header, source), ...position(header), offset: 0 }
  const single = rows <= 2
  const visits = single ? 1 : rows - 2
  const wanted =
    options.visits === true
      ? Array.from({ length: visits }, (_, i) => ({ row: single ? 0 : i + 2, visit: i + 1 }))
      : [{ row: single || options.combined !== 'global' ? 0 : 1, visit: undefined }]
  for (const { row, visit } of wanted) {
    const own = visit !== undefined || single
    const bits = await (own ? readRow(mask, row, options) : readCombined(mask, rows, isDoppler(header), options))
    yield {
      ...star,
      ...fluxAndIvar(await readRow(flux, row, options), await readRow(error, row, options)),
      mask: pixelMask(bits, mask.bitpix),
      catalog: catalogOf(header, source, star.starId, visits, visit),
    }
  }
}

/** True for files by the combination of visits that DR17 began with, which alone tells of its resampling. */
function isDoppler(header: Header): boolean {
  return header.has('NRES')
}

/** The mask of the combined spectra. */
async function readCombined(
  mask: ImageHdu,
  rows: number,
  doppler: boolean,
  options: ApogeeReadOptions,
): Promise<ArrayLike<number | bigint>> {
  const or = options.mask === 'or'
  if (!doppler) return await readRow(mask, or ? 0 : 1, options)
  if (!or) return await readRow(mask, 0, options)
  const all = await readRows(mask, [2, rows], options)
  const nPix = mask.shape.at(-1)!
  return Array.from({ length: nPix }, (_, pixel) => {
    let bits = 0
    for (let at = pixel; at < all.length; at += nPix) bits |= lowBits(all[at]!)
    return bits
  })
}

function rowCount({ shape }: ImageHdu, source: string): number {
  const rows = shape.length === 1 ? 1 : shape.length === 2 ? shape[0]! : 0
  if (rows > 0 && shape.at(-1)! > 0) return rows
  throw new AstrolabelError('surveys/not-a-spectrum', `${source} holds no spectrum`, {
    got: `an image of ${shape.join(' × ') || 'no pixels'}`,
    expected: 'one row of pixels, or two combined ones and those of the visits',
  })
}

async function readRow(hdu: ImageHdu, row: number, options: ApogeeReadOptions): Promise<ArrayLike<number>> {
  return (await readRows(hdu, [row, row + 1], options)) as Float32Array
}

async function readRows(
  hdu: ImageHdu,
  rows: readonly [number, number],
  options: ApogeeReadOptions,
): Promise<ArrayLike<number | bigint>> {
  const part = hdu.shape.length === 1 ? {} : { rows }
  return (await hdu.read({ ...part, ...readControl(options) })).data
}

function position(header: Header): { ra: number; dec: number } {
  return { ra: header.getNumber('RA') ?? Number.NaN, dec: header.getNumber('DEC') ?? Number.NaN }
}

/** What the header tells of the star, or of one of its visits. */
function catalogOf(header: Header, source: string, starId: string, visits: number, visit: number | undefined): Table {
  const number = (key: string): number | undefined => header.getNumber(key)
  // The keywords of a visit end in its number.
  const n = visit ?? ''
  const ofVisit =
    visit === undefined
      ? []
      : [
          integersColumn('visit', [visit]),
          wordsColumn('star_group', [starId]),
          numbersColumn('JD', [number(`JD${n}`)], 'd'),
          integersColumn('FIBER', [number(`FIBER${n}`)]),
        ]
  const ofStar =
    visit === undefined
      ? [numbersColumn('VSCATTER', [number('VSCATTER')], 'km/s'), flagsColumn('ANDFLAG', [number('ANDFLAG')])]
      : []
  return makeTable([
    wordsColumn('APOGEE_ID', [starId]),
    ...ofVisit,
    wordsColumn('TELESCOPE', [header.getString('TELESCOP') ?? telescopeOf(source)]),
    wordsColumn('FIELD', [header.getString('FIELD')]),
    integersColumn('LOCATION_ID', [number('LOCID')]),
    integersColumn('NVISITS', [number('NVISITS') ?? visits]),
    numbersColumn('v_rad', [number(`VHELIO${n}`)], 'km/s'),
    numbersColumn('v_rad_err', [number(`VERR${n}`)], 'km/s'),
    ...ofStar,
    flagsColumn('STARFLAG', [number(visit === undefined ? 'STARFLAG' : `FLAG${n}`)]),
    ...magnitudes(header),
  ])
}

/** Files of the southern telescope are called asStar; the north has two telescopes. */
function telescopeOf(source: string): string | undefined {
  return stemOf(source).startsWith('asStar') ? 'lco25m' : undefined
}

/** 2MASS magnitudes, for which 99 says that there is none; `suffix` is what the header writes after J, H and K. */
export function magnitudes(header: Header, suffix = ''): Column[] {
  return ['J', 'H', 'K'].map((name) =>
    clearColumn(numbersColumn(name, [header.getNumber(`${name}${suffix}`)], 'mag'), [99, 99.99, 99.999]),
  )
}
