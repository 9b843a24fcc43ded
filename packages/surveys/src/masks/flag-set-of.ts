import type { FlagSet } from '@astrolabel/spectra'
import { APOGEE_ASPCAPFLAG, APOGEE_EXTRATARG, APOGEE_PARAMFLAG, APOGEE_STARFLAG } from './apogee.js'
import { DESI_FIBERMASK, DESI_RVS_WARN } from './desi.js'
import { SDSS_SPPIXMASK, SDSS_ZWARNING } from './sdss.js'

/** Columns of flags by their names in lower case. */
const SETS: ReadonlyMap<string, FlagSet> = new Map(
  (
    [
      [APOGEE_STARFLAG, 'starflag andflag spectrum_flags'],
      [APOGEE_ASPCAPFLAG, 'aspcapflag'],
      [APOGEE_PARAMFLAG, 'paramflag elemflag'],
      [APOGEE_EXTRATARG, 'extratarg'],
      [DESI_FIBERMASK, 'coadd_fiberstatus fiberstatus'],
      [DESI_RVS_WARN, 'rvs_warn'],
      [SDSS_ZWARNING, 'zwarning zwarn zwarning_flags'],
      [SDSS_SPPIXMASK, 'anyandmask anyormask'],
    ] as const
  ).flatMap(([set, names]) => names.split(' ').map((name) => [name, set] as const)),
)

/** `TEFF_FLAG`, `MG_FE_FLAG`, `mg_h_flag`: what ASPCAP thinks of one label. */
const LABEL_FLAG = /^(?:teff|logg|v_?micro|v_?sini|[a-z\d]+_(?:h|m|fe)(?:_elem)?)_flag$/

/**
 * The names of the bits of a column of flags, by what surveys call it, ignoring case; undefined when it is not known.
 *
 * `MG_FE_FLAG`, `teff_flag` and the like are PARAMFLAG and ELEMFLAG of one label. astra's `mg_h_flags` of DR19 have bits
 * of their own and are not among them.
 */
export function flagSetOf(column: string): FlagSet | undefined {
  const name = column.toLowerCase()
  return SETS.get(name) ?? (LABEL_FLAG.test(name) ? APOGEE_PARAMFLAG : undefined)
}

/** Columns whose bits have names, for messages. */
export const FLAG_COLUMNS: readonly string[] = [...SETS.keys(), 'mg_fe_flag and other flags of labels']
