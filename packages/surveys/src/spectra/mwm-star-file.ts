import type { FitsFile, Header, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, columnNumbers, columnStrings, detectGrid, findColumn, makeTable } from '@astrolabel/spectra'
import type { Column, SpectraMeta, Table, WavelengthGrid } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../catalog/fits-catalog.js'
import { clearColumn } from '../catalog/missing-values.js'
import { flagsColumn, integersColumn, numbersColumn, wordsColumn } from '../catalog/value-columns.js'
import { APOGEE_PIXMASK } from '../masks/apogee.js'
import { FLUX_UNIT, apogeeMeta } from './apogee-file.js'
import type { ApogeeReadOptions } from './apogee-file.js'
import type { StarRow } from './star-rows.js'

/** Columns with a number a pixel; `wavelength` stands in files of single stars. */
const PIXELS = ['flux', 'ivar', 'pixel_flags', 'wavelength']

/** Columns about a spectrum that are carried, where a file has them. */
const SCALARS = 'telescope apred mjd fiber n_visits v_rad e_v_rad std_v_rad spectrum_flags'.split(' ')

/**
 * Metadata of an mwmStar or mwmVisit file of DR19: on APOGEE's logarithmic grid, at rest.
 *
 * @throws `surveys/not-apogee` when it has no APOGEE spectrum, `surveys/no-wavelength`.
 */
export async function mwmMeta(file: FitsFile, source: string, options: ApogeeReadOptions): Promise<SpectraMeta> {
  return {
    ...apogeeMeta(file, source, {
      wavelength: await gridOf(apogeeTables(file, source)[0]!, source, options),
      frame: 'rest',
      stage: 'raw',
      fluxUnit: FLUX_UNIT,
      maskBits: APOGEE_PIXMASK.bits,
    }),
    release: releaseOf(file.hdus[0]!.header),
  }
}

/**
 * The APOGEE spectra of an mwmStar or mwmVisit file: of the northern and the southern telescope (HDU 3 and 4), each with
 * a row a spectrum. Those of BOSS beside them are left out.
 *
 * @throws `surveys/not-apogee`, `surveys/not-a-spectrum` when columns do not fit one another.
 */
export async function* mwmRows(file: FitsFile, source: string, options: ApogeeReadOptions): AsyncGenerator<StarRow> {
  const { header } = file.hdus[0]!
  const star = {
    starId: String(header.get('SDSS_ID')).trim(),
    ra: header.getNumber('RA') ?? Number.NaN,
    dec: header.getNumber('DEC') ?? Number.NaN,
    offset: 0,
  }
  for (const hdu of apogeeTables(file, source)) {
    const nPix = pixelsOf(hdu)
    const names = hdu.columns
      .filter((info) => [...PIXELS.slice(0, 3), ...SCALARS].includes(info.name.toLowerCase()))
      .map((info) => info.name)
    for (let row = 0; row < hdu.rows; row++) {
      const table = tableFromFits(await hdu.read({ columns: names, rows: [row, row + 1], ...readControl(options) }))
      yield { ...star, ...pixels(table, nPix, source), catalog: catalogOf(header, star.starId, table) }
    }
  }
}

/** Tables that hold spectra as vectors. */
function spectrumTables(file: FitsFile): TableHdu[] {
  return file.hdus
    .filter(isTableHdu)
    .filter((hdu) => column(hdu, 'flux') !== undefined && column(hdu, 'ivar') !== undefined)
}

/** Of these, those of APOGEE that have spectra: astra writes all four tables, empty or not. */
function apogeeTables(file: FitsFile, source: string): TableHdu[] {
  const filled = spectrumTables(file).filter((hdu) => hdu.rows > 0)
  const found = filled.filter((hdu) => /APOGEE/i.test(`${hdu.header.getString('INSTRMNT') ?? ''} ${hdu.name}`))
  if (found.length > 0) return found
  throw new AstrolabelError('surveys/not-apogee', `${source} has no spectrum of APOGEE`, {
    got:
      filled.length === 0
        ? 'no spectra'
        : `spectra of ${filled.map((hdu) => hdu.name || `HDU ${hdu.index}`).join(', ')}`,
    expected: 'a table of APOGEE spectra with rows',
    remedy: 'Leave the file out',
  })
}

function column(hdu: TableHdu, name: string): TableHdu['columns'][number] | undefined {
  return hdu.columns.find((info) => info.name.toLowerCase() === name)
}

function pixelsOf(hdu: TableHdu): number {
  return column(hdu, 'flux')!.shape.reduce((product, length) => product * length, 1)
}

/** CRVAL and CDELT of the table's header, decimal logarithms of Å, else its column of wavelengths. */
async function gridOf(hdu: TableHdu, source: string, options: ApogeeReadOptions): Promise<WavelengthGrid> {
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

/** One spectrum: what was not measured has ivar 0 already, or is NaN. Flags are stored as floating-point numbers too. */
function pixels(table: Table, nPix: number, source: string): Pick<StarRow, 'flux' | 'ivar' | 'mask'> {
  const [flux, ivar, flags] = PIXELS.slice(0, 3).map((name) => findColumn(table, name))
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

function catalogOf(header: Header, starId: string, table: Table): Table {
  const found = (name: string): Column | undefined => findColumn(table, name)
  const word = (name: string): string | undefined => {
    const values = found(name)
    return values === undefined ? undefined : columnStrings(values)[0]
  }
  const number = (name: string): number | undefined => {
    const values = found(name)
    return values === undefined ? undefined : columnNumbers(values)[0]
  }
  return makeTable([
    wordsColumn('sdss_id', [starId]),
    wordsColumn('APOGEE_ID', [header.getString('APOGEEID')]),
    wordsColumn('star_group', [starId]),
    wordsColumn('TELESCOPE', [word('telescope')]),
    wordsColumn('APRED', [word('apred')]),
    integersColumn('MJD', [number('mjd')]),
    integersColumn('FIBER', [number('fiber')]),
    integersColumn('NVISITS', [number('n_visits')]),
    numbersColumn('v_rad', [number('v_rad')], 'km/s'),
    numbersColumn('v_rad_err', [number('e_v_rad')], 'km/s'),
    numbersColumn('VSCATTER', [number('std_v_rad')], 'km/s'),
    flagsColumn('STARFLAG', [number('spectrum_flags')]),
    ...['J', 'H', 'K'].map((name) =>
      clearColumn(numbersColumn(name, [header.getNumber(`${name}_MAG`)], 'mag'), [99, 99.99, 99.999]),
    ),
  ])
}

/** Data releases by the version of astra that wrote them. */
const RELEASES: ReadonlyMap<string, string> = new Map([['0.6.0', 'DR19']])

function releaseOf(header: Header): string {
  const version = header.getString('V_ASTRA')?.trim() ?? ''
  return RELEASES.get(version) ?? (version === '' ? '' : `astra ${version}`)
}
