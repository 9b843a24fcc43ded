import type { FitsFile } from '@astrolabel/io-fits'
import { AstrolabelError, findColumn, makeTable } from '@astrolabel/spectra'
import type { Column, SpectraMeta, Table } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../../catalog/fits-catalog.js'
import { flagsColumn, integersColumn, numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import { apogeeGrid, apogeeId, apogeeMeta, apogeeRelease, fluxAndIvar } from './apogee-file.js'
import type { ApogeeReadOptions } from './apogee-file.js'
import { magnitudes } from './apstar-file.js'
import { aspcapElements } from './aspcap-elements.js'
import { LABEL_COLUMNS, elementColumns, elementCount, flagVector, parameterColumns, scalar } from './aspcap-labels.js'
import type { StarRow } from '../star-rows.js'

/** Metadata of an aspcapStar file: pseudo-normalised already. */
export function aspcapStarMeta(file: FitsFile, source: string): SpectraMeta {
  return apogeeMeta(file, source, {
    wavelength: apogeeGrid(file, file.image(1), source),
    frame: 'rest',
    stage: 'normalised',
  })
}

/**
 * The star of an aspcapStar file: HDU 1 flux, 2 error, 4 labels: parameters with errors from their covariance, the
 * abundances of elements, each with its flag, and the flags of the star.
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
  const { params = 'FPARAM' } = options
  const elements = await aspcapElements(file, elementCount(table), apogeeRelease(header, source), options)
  const read = async (hdu: typeof flux): Promise<ArrayLike<number>> =>
    (await hdu.read(readControl(options))).data as Float32Array
  return {
    starId: apogeeId(header, source),
    ra: header.getNumber('RA') ?? Number.NaN,
    dec: header.getNumber('DEC') ?? Number.NaN,
    offset: 0,
    ...fluxAndIvar(await read(flux), await read(error)),
    catalog: makeTable([
      wordsColumn('APOGEE_ID', [apogeeId(header, source)]),
      ...parameterColumns(table, params),
      ...elementColumns(table, elements, params),
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
  const columns = [params, `${params}_COV`, ...LABEL_COLUMNS, ...FLAGS]
    .map((name) => names.get(name))
    .filter((name) => name !== undefined)
  return tableFromFits(await hdu.read({ columns, rows: [0, Math.min(1, hdu.rows)], ...readControl({ signal }) }))
}

/** ASPCAPFLAG has 64 bits from DR17 on; PARAMFLAG and ELEMFLAG have one number for each parameter and element. */
function flagColumns(table: Table): Column[] {
  return [
    ...FLAGS.map((name): Column => {
      const values = findColumn(table, name)?.values
      return values instanceof BigInt64Array
        ? { name, values: new BigUint64Array(values.buffer, values.byteOffset, values.length) }
        : flagsColumn(name, [values === undefined ? undefined : Number(values[0])])
    }),
    ...['PARAMFLAG', 'ELEMFLAG'].flatMap((name): Column[] => {
      const values = flagVector(table, name)
      return values.length === 0 ? [] : [{ name, values, width: values.length }]
    }),
  ]
}
