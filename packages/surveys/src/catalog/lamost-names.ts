import { findColumn } from '@astrolabel/spectra'
import type { Table } from '@astrolabel/spectra'

/** What the catalogues of medium resolution write after the names of labels: the pipeline that measured them. */
const LASP: readonly [string, string][] = [
  ['TEFF', 'teff'],
  ['LOGG', 'logg'],
  ['FEH', 'fe_h'],
  ['ALPHA_M', 'alpha_m'],
  ['VSINI', 'v_sini'],
  ['RV', 'v_rad'],
]

const RENAMES: ReadonlyMap<string, string> = new Map(
  LASP.flatMap(([name, label]): [string, string][] => [
    [`${name}_LASP`, label],
    [`${name}_LASP_ERR`, `${label}_err`],
    [`${name}_ERR_LASP`, `${label}_err`],
  ]),
)

/** Names of LAMOST's parameter catalogues over what the vocabulary says; none for other catalogues. */
export function lamostRenames(table: Table): ReadonlyMap<string, string> {
  return findColumn(table, 'obsid') === undefined ? new Map() : RENAMES
}
