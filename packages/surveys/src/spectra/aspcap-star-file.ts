import type { FitsFile } from '@astrolabel/io-fits'
import { AstrolabelError, columnNumbers, findColumn, makeTable } from '@astrolabel/spectra'
import type { Column, SpectraMeta, Table } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../catalog/fits-catalog.js'
import { clearColumn } from '../catalog/missing-values.js'
import { flagsColumn, integersColumn, numbersColumn, wordsColumn } from '../catalog/value-columns.js'
import { apogeeGrid, apogeeId, apogeeMeta, fluxAndIvar } from './apogee-file.js'
import type { ApogeeReadOptions } from './apogee-file.js'
import { magnitudes } from './apstar-file.js'
import type { StarRow } from './star-rows.js'

/** Elements of PARAM and FPARAM in their order (sdss/apogee, `aspcap.py`): label, unit and whether it is a logarithm. */
const PARAMS: readonly (readonly [name: string, unit: string, logarithm?: true])[] = [
  ['teff', 'K'],
  ['logg', 'dex(cm s-2)'],
  ['v_micro', 'km/s', true],
  ['m_h', 'dex'],
  ['c_m', 'dex'],
  ['n_m', 'dex'],
  ['alpha_m', 'dex'],
]

/** Metadata of an aspcapStar file: pseudo-normalised already. */
export function aspcapStarMeta(file: FitsFile, source: string): SpectraMeta {
  return apogeeMeta(file, source, {
    wavelength: apogeeGrid(file, file.image(1), source),
    frame: 'rest',
    stage: 'normalised',
  })
}

/**
 * The star of an aspcapStar file: HDU 1 flux, 2 error, 4 labels, their errors (from the covariance) and flags.
 *
 * @throws `surveys/not-a-spectrum`, `surveys/no-column` when the labels are not there.
 */
export async function aspcapStarRow(file: FitsFile, source: string, options: ApogeeReadOptions): Promise<StarRow> {
  const [flux, error] = [file.image(1), file.image(2)]
  if (flux.shape.length !== 1 || String(error.shape) !== String(flux.shape)) {
    throw new AstrolabelError('surveys/not-a-spectrum', `${source} holds no single spectrum`, {
      got: `flux ${flux.shape.join(' × ')}, error ${error.shape.join(' × ')}`,
      expected: 'one row of pixels each',
    })
  }
  const { header } = file.hdus[0]!
  const table = await readLabels(file, source, options)
  const read = async (hdu: typeof flux): Promise<ArrayLike<number>> =>
    (await hdu.read(readControl(options))).data as Float32Array
  return {
    starId: apogeeId(header, source),
    ra: header.getNumber('RA') ?? Number.NaN,
    dec: header.getNumber('DEC') ?? Number.NaN,
    offset: 0,
    ...fluxAndIvar(await read(flux), await read(error)),
    catalog: makeTable([
      ...labelColumns(table, options.params ?? 'FPARAM'),
      ...flagColumns(table),
      numbersColumn('PARAM_CHI2', [scalar(table, 'PARAM_CHI2')]),
      wordsColumn('FIELD', [header.getString('FIELD')]),
      integersColumn('LOCATION_ID', [header.getNumber('LOCID')]),
      integersColumn('NVISITS', [header.getNumber('NVISITS')]),
      numbersColumn('v_rad', [header.getNumber('VHELIO')], 'km/s'),
      numbersColumn('v_rad_err', [header.getNumber('VERR')], 'km/s'),
      numbersColumn('VSCATTER', [header.getNumber('VSCATTER')], 'km/s'),
      ...magnitudes(header),
    ]),
  }
}

const FLAGS = ['ASPCAPFLAG', 'STARFLAG', 'ANDFLAG']

async function readLabels(
  file: FitsFile,
  source: string,
  { params = 'FPARAM', signal }: ApogeeReadOptions,
): Promise<Table> {
  const hdu = file.table(4)
  const names = new Map(hdu.columns.map((info) => [info.name.toUpperCase(), info.name]))
  if (!names.has(params)) {
    throw new AstrolabelError('surveys/no-column', `The labels of ${source} have no column ${params}`, {
      expected: `one of ${[...names.values()].join(', ')}`,
      remedy: 'Name FPARAM or PARAM, whichever it has',
    })
  }
  const columns = [params, `${params}_COV`, 'PARAMFLAG', 'PARAM_CHI2', ...FLAGS]
    .map((name) => names.get(name))
    .filter((name) => name !== undefined)
  return tableFromFits(await hdu.read({ columns, rows: [0, Math.min(1, hdu.rows)], ...readControl({ signal }) }))
}

/** Labels and their errors of a one-row table; a vector too short for a label leaves it missing. */
function labelColumns(table: Table, params: 'FPARAM' | 'PARAM'): Column[] {
  const values = findColumn(table, params)!.values as ArrayLike<number>
  const covariance = findColumn(table, `${params}_COV`)?.values as ArrayLike<number> | undefined
  const known = (value: number | undefined): value is number =>
    value !== undefined && Number.isFinite(value) && value !== -9999
  return PARAMS.flatMap(([name, unit, logarithm], i): Column[] => {
    const raw = values[i]
    const value = known(raw) ? (logarithm ? 10 ** raw : raw) : undefined
    const variance = covariance?.[i * values.length + i]
    // A variance of 0 is that of a parameter that was not fitted.
    const sigma = value !== undefined && known(variance) && variance > 0 ? Math.sqrt(variance) : undefined
    const error = logarithm && sigma !== undefined ? value! * Math.LN10 * sigma : sigma
    return [numbersColumn(name, [value], unit), numbersColumn(`${name}_err`, [error], unit)]
  })
}

/** ASPCAPFLAG has 64 bits from DR17 on; PARAMFLAG one number for each of the parameters. */
function flagColumns(table: Table): Column[] {
  const paramFlag = findColumn(table, 'PARAMFLAG')
  return [
    ...FLAGS.map((name): Column => {
      const values = findColumn(table, name)?.values
      return values instanceof BigInt64Array
        ? { name, values: new BigUint64Array(values.buffer, values.byteOffset, values.length) }
        : flagsColumn(name, [values === undefined ? undefined : Number(values[0])])
    }),
    ...(paramFlag === undefined
      ? []
      : [
          {
            name: 'PARAMFLAG',
            values: Uint32Array.from(paramFlag.values as ArrayLike<number>, (bits) => bits >>> 0),
            width: paramFlag.width ?? 1,
          },
        ]),
  ]
}

function scalar(table: Table, name: string): number | undefined {
  const column = findColumn(table, name)
  return column === undefined ? undefined : columnNumbers(clearColumn(column, [-9999]))[0]
}
