import type { FitsFile, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnNumbers, columnStrings, detectGrid, findColumn } from '@astrolabel/spectra'
import type { Column, ExplicitGrid, LinearGrid, Log10Grid, Table } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../catalog/fits-catalog.js'
import type { ReadOptions } from '../ingest.js'
import type { StarRow } from './star-rows.js'

/** The instruments of astra's files, each with two tables: of the northern and of the southern telescope. */
export type MwmInstrument = 'APOGEE' | 'BOSS'

/** Columns with a number a pixel; `wavelength` stands in files of single stars. */
const PIXELS = ['flux', 'ivar', 'pixel_flags']

/** A spectrum of astra's files, with what its row of the table says. */
export interface MwmSpectrum extends Pick<StarRow, 'starId' | 'ra' | 'dec' | 'flux' | 'ivar'> {
  readonly mask: Uint32Array
  /** Of a column: the text, or undefined. */
  readonly word: (name: string) => string | undefined
  /** Of a column: the number, or undefined. */
  readonly number: (name: string) => number | undefined
}

/** True for astra's files, mwmStar and mwmVisit: tables with a row a spectrum, and the star in the header. */
export function isMwmFile(file: FitsFile): boolean {
  const { header } = file.hdus[0]!
  return header.has('SDSS_ID') && header.has('V_ASTRA') && spectrumTables(file).length > 0
}

/**
 * The spectra of one instrument in an mwmStar or mwmVisit file, those of the northern telescope first (HDU 1 and 2 are
 * BOSS, 3 and 4 APOGEE).
 *
 * @param scalars Columns about a spectrum to read besides its pixels, where the file has them.
 * @throws `surveys/no-spectrum` when the instrument has none, `surveys/not-a-spectrum` when columns do not fit.
 */
export async function* mwmSpectra(
  file: FitsFile,
  source: string,
  instrument: MwmInstrument,
  scalars: readonly string[],
  options: ReadOptions,
): AsyncGenerator<MwmSpectrum> {
  const { header } = file.hdus[0]!
  const star = {
    starId: String(header.get('SDSS_ID')).trim(),
    ra: header.getNumber('RA') ?? Number.NaN,
    dec: header.getNumber('DEC') ?? Number.NaN,
  }
  for (const hdu of mwmTables(file, source, instrument)) {
    const nPix = pixelsOf(hdu)
    const names = hdu.columns
      .filter((info) => [...PIXELS, ...scalars].includes(info.name.toLowerCase()))
      .map((info) => info.name)
    for (let row = 0; row < hdu.rows; row++) {
      const table = tableFromFits(await hdu.read({ columns: names, rows: [row, row + 1], ...readControl(options) }))
      yield { ...star, ...pixels(table, nPix, source), ...scalarsOf(table) }
    }
  }
}

/**
 * The wavelengths of one instrument: CRVAL and CDELT of its table's header, decimal logarithms of Å in vacuum, else its
 * column of wavelengths.
 *
 * @throws `surveys/no-spectrum`, `surveys/no-wavelength`.
 */
export async function mwmGrid(
  file: FitsFile,
  source: string,
  instrument: MwmInstrument,
  options: ReadOptions,
): Promise<Log10Grid | LinearGrid | ExplicitGrid> {
  const hdu = mwmTables(file, source, instrument)[0]!
  const nPix = pixelsOf(hdu)
  const [start, step] = [hdu.header.getNumber('CRVAL'), hdu.header.getNumber('CDELT')]
  if (start !== undefined && step !== undefined && step > 0 && start > 0 && start < 10)
    return { kind: 'log10', start, step, length: nPix, medium: 'vacuum' }
  const listed = column(hdu, 'wavelength')
  if (listed === undefined) {
    throw new AstrolabelError('surveys/no-wavelength', `${source} does not say where its pixels lie`, {
      got: `CRVAL ${start ?? 'absent'}, CDELT ${step ?? 'absent'}, no column wavelength`,
      expected: 'decimal logarithms of Å',
      remedy: 'Fetch the file again',
    })
  }
  const table = tableFromFits(await hdu.read({ columns: [listed.name], rows: [0, 1], ...readControl(options) }))
  // Wavelengths are stored in single precision, which is 0.001 Å.
  return detectGrid(findColumn(table, listed.name)!.values as Float32Array, 'vacuum', 2e-3)
}

/** Data releases by the version of astra that wrote them. */
const RELEASES: ReadonlyMap<string, string> = new Map([['0.6.0', 'DR19']])

/** The data release of an mwmStar or mwmVisit file. */
export function mwmRelease({ hdus }: FitsFile): string {
  const version = hdus[0]!.header.getString('V_ASTRA')?.trim() ?? ''
  return RELEASES.get(version) ?? (version === '' ? '' : `astra ${version}`)
}

/** Tables that hold spectra as vectors. */
function spectrumTables(file: FitsFile): TableHdu[] {
  return file.hdus
    .filter(isTableHdu)
    .filter((hdu) => column(hdu, 'flux') !== undefined && column(hdu, 'ivar') !== undefined)
}

/** Of these, those of an instrument that have spectra: astra writes all four tables, empty or not. */
function mwmTables(file: FitsFile, source: string, instrument: MwmInstrument): TableHdu[] {
  const filled = spectrumTables(file).filter((hdu) => hdu.rows > 0)
  const found = filled.filter((hdu) => `${hdu.header.getString('INSTRMNT') ?? ''} ${hdu.name}`.includes(instrument))
  if (found.length > 0) return found
  const others = filled.map((hdu) => hdu.name || `HDU ${hdu.index}`).join(', ')
  throw new AstrolabelError('surveys/no-spectrum', `${source} has no spectrum of ${instrument}`, {
    got: filled.length === 0 ? 'no spectra' : `spectra of ${others}`,
    expected: `a table of ${instrument} spectra with rows`,
    remedy: 'Leave the file out',
  })
}

function column(hdu: TableHdu, name: string): TableHdu['columns'][number] | undefined {
  return hdu.columns.find((info) => info.name.toLowerCase() === name)
}

function pixelsOf(hdu: TableHdu): number {
  return column(hdu, 'flux')!.shape.reduce((product, length) => product * length, 1)
}

/** One spectrum: what was not measured has ivar 0 already, or is NaN. Flags are stored as floating-point numbers too. */
function pixels(table: Table, nPix: number, source: string): Pick<MwmSpectrum, 'flux' | 'ivar' | 'mask'> {
  const [flux, ivar, flags] = PIXELS.map((name) => findColumn(table, name))
  for (const { name, width } of [flux, ivar, flags].filter((found) => found !== undefined)) {
    if (width === nPix) continue
    throw new AstrolabelError('surveys/not-a-spectrum', `The columns of ${source} do not fit one another`, {
      got: `${name} with ${width ?? 1} values`,
      expected: `${nPix}, as flux has`,
      remedy: 'Fetch the file again',
    })
  }
  const [given, weights] = [flux!.values as Float32Array, ivar!.values as Float32Array]
  const out = { flux: new Float32Array(nPix), ivar: new Float32Array(nPix), mask: new Uint32Array(nPix) }
  for (let i = 0; i < nPix; i++) {
    const bits = flags?.values[i] ?? 0
    out.mask[i] = typeof bits === 'bigint' ? Number(BigInt.asUintN(32, bits)) : Number(bits) >>> 0
    if (!Number.isFinite(given[i])) continue
    out.flux[i] = given[i]!
    if (given[i] !== 0 && weights[i]! > 0 && weights[i]! < Infinity) out.ivar[i] = weights[i]!
  }
  return out
}

function scalarsOf(table: Table): Pick<MwmSpectrum, 'word' | 'number'> {
  const found = (name: string): Column | undefined => findColumn(table, name)
  return {
    word: (name) => {
      const values = found(name)
      return values === undefined ? undefined : columnStrings(values)[0]
    },
    number: (name) => {
      const values = found(name)
      return values === undefined ? undefined : columnNumbers(values)[0]
    },
  }
}
