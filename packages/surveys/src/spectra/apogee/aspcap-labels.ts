import { columnNumbers, findColumn } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import { clearColumn } from '../../catalog/missing-values.js'
import { flagsColumn, numbersColumn } from '../../catalog/value-columns.js'
import { pixelMask } from './apogee-file.js'
import type { AspcapElement } from './aspcap-elements.js'

/** Places of PARAM and FPARAM in their order (sdss/apogee, `aspcap.py`): label, unit and whether it is a logarithm. */
const PARAMS: readonly (readonly [name: string, unit: string, logarithm?: true])[] = [
  ['teff', 'K'],
  ['logg', 'dex(cm s-2)'],
  ['v_micro', 'km/s', true],
  ['m_h', 'dex'],
  ['c_m', 'dex'],
  ['n_m', 'dex'],
  ['alpha_m', 'dex'],
  ['v_sini', 'km/s', true],
]

/** Columns of HDU 4 that labels are made of, besides the parameters and their covariance. */
export const LABEL_COLUMNS: readonly string[] = [
  'PARAMFLAG',
  'PARAM_CHI2',
  'FELEM',
  'FELEM_ERR',
  'ELEM',
  'ELEM_ERR',
  'X_H',
  'X_H_ERR',
  'X_M',
  'X_M_ERR',
  'ELEMFLAG',
]

/**
 * Parameters, their errors and flags out of a one-row table. Errors are the roots of the covariance's diagonal; one of 0
 * is that of a parameter that was not fitted. A vector too short for a label leaves it missing.
 */
export function parameterColumns(table: Table, params: 'FPARAM' | 'PARAM'): Column[] {
  const values = vector(table, params)
  const covariance = vector(table, `${params}_COV`)
  const flags = flagVector(table, 'PARAMFLAG')
  return PARAMS.flatMap(([name, unit, logarithm], i): Column[] => {
    const raw = values[i]
    const value = known(raw) ? (logarithm ? 10 ** raw : raw) : undefined
    const variance = covariance[i * values.length + i]
    const sigma = value !== undefined && known(variance) && variance > 0 ? Math.sqrt(variance) : undefined
    const error = logarithm && sigma !== undefined ? value! * Math.LN10 * sigma : sigma
    return [
      numbersColumn(name, [value], unit),
      numbersColumn(`${name}_err`, [error], unit),
      ...(flags.length === 0 ? [] : [flagsColumn(`${name}_flag`, [flags[i]])]),
    ]
  })
}

/**
 * Abundances, their errors and flags out of a one-row table: `na_h`, `mg_m`, … as ASPCAP has them. With calibrated
 * parameters they are of ELEM, or X_H and X_M where a release has no ELEM any more, else of FELEM.
 *
 * Carbon and nitrogen over M are also parameters, which have the name: as elements they are `c_m_elem` and `n_m_elem`.
 */
export function elementColumns(table: Table, elements: readonly AspcapElement[], params: 'FPARAM' | 'PARAM'): Column[] {
  const flags = flagVector(table, 'ELEMFLAG')
  return elements.flatMap(({ symbol, toH }, i): Column[] => {
    const [values, errors] = abundances(table, toH, params)
    const plain = `${symbol.toLowerCase()}_${toH ? 'h' : 'm'}`
    const name = PARAMS.some(([label]) => label === plain) ? `${plain}_elem` : plain
    const value = known(values[i]) ? values[i] : undefined
    const error = value !== undefined && known(errors[i]) && errors[i]! > 0 ? errors[i] : undefined
    return [
      numbersColumn(name, [value], 'dex'),
      numbersColumn(`${name}_err`, [error], 'dex'),
      ...(flags.length === 0 ? [] : [flagsColumn(`${name}_flag`, [flags[i]])]),
    ]
  })
}

/** How many elements the arrays of a table have; 0 when there are none. */
export function elementCount(table: Table): number {
  // Where FELEM has a row a spectral window, the first is the fit of all windows: other arrays tell the length of it.
  for (const name of ['ELEMFLAG', 'X_H', 'ELEM', 'FELEM_ERR', 'FELEM']) {
    const column = findColumn(table, name)
    if (column !== undefined) return column.width ?? 1
  }
  return 0
}

function abundances(
  table: Table,
  toH: boolean,
  params: 'FPARAM' | 'PARAM',
): [values: ArrayLike<number>, errors: ArrayLike<number>] {
  const calibrated = findColumn(table, 'ELEM') === undefined ? (toH ? 'X_H' : 'X_M') : 'ELEM'
  const name = params === 'FPARAM' ? 'FELEM' : calibrated
  return [vector(table, name), vector(table, `${name}_ERR`)]
}

/** One number of the table; undefined where it is missing. */
export function scalar(table: Table, name: string): number | undefined {
  const column = findColumn(table, name)
  return column === undefined ? undefined : columnNumbers(clearColumn(column, [-9999]))[0]
}

function vector(table: Table, name: string): ArrayLike<number> {
  return (findColumn(table, name)?.values ?? []) as ArrayLike<number>
}

/** Flags of all places, without a sign: one of 16 bits must not spread its sign to the bits above. */
export function flagVector(table: Table, name: string): Uint32Array {
  const values = (findColumn(table, name)?.values ?? []) as ArrayLike<number | bigint>
  return pixelMask(values, values instanceof Int16Array ? 16 : 32)
}

function known(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value !== -9999
}
