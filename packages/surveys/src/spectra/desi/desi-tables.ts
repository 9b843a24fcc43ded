import type { FitsFile, TableHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, findColumn, requireColumn } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../../catalog/fits-catalog.js'
import { missingToNull } from '../../catalog/missing-values.js'
import { integersColumn, numbersColumn } from '../../catalog/value-columns.js'
import type { ReadOptions } from '../../ingest.js'

/** Options of what travels with DESI's spectra. */
export interface DesiTableOptions extends ReadOptions {
  /**
   * Columns of the FIBERMAP to carry besides the identifier and position, and no others unless `scores` asks for them; a
   * useful choice, the file's place, signal to noise and exposures when absent.
   */
  readonly columns?: readonly string[] | undefined
  /** Of SCORES: `snr` (default) the signal to noise of each arm, `all` every number, `none`. */
  readonly scores?: 'snr' | 'all' | 'none' | undefined
}

/** Columns of the FIBERMAP without which a star is not known. */
export const FIBERMAP_ALWAYS: readonly string[] = ['TARGETID', 'TARGET_RA', 'TARGET_DEC', 'OBJTYPE']

/** Carried when none are named, where a file has them. */
export const FIBERMAP_USEFUL: readonly string[] =
  'COADD_FIBERSTATUS FIBERSTATUS PETAL_LOC FIBER TILEID NIGHT EXPID MJD COADD_NUMEXP COADD_EXPTIME EXPTIME EBV FLUX_G FLUX_R FLUX_Z GAIA_PHOT_G_MEAN_MAG GAIA_PHOT_BP_MEAN_MAG GAIA_PHOT_RP_MEAN_MAG PARALLAX PMRA PMDEC REF_ID DESI_TARGET MWS_TARGET SV1_DESI_TARGET SV1_MWS_TARGET SV2_DESI_TARGET SV2_MWS_TARGET SV3_DESI_TARGET SV3_MWS_TARGET'.split(
    ' ',
  )

/** The FIBERMAP's columns. @throws `surveys/no-column`, listing the columns. */
export async function readFibermap(hdu: TableHdu, source: string, options: DesiTableOptions): Promise<Table> {
  const names = new Map(hdu.columns.map((info) => [info.name.toUpperCase(), info.name]))
  for (const name of ['TARGETID', ...(options.columns ?? [])]) {
    if (!names.has(name.toUpperCase()))
      throw new AstrolabelError('surveys/no-column', `The FIBERMAP of ${source} has no column ${name}`, {
        expected: `one of ${[...names.values()].join(', ')}`,
        remedy: 'Name one of these columns',
      })
  }
  const wanted = [...FIBERMAP_ALWAYS, ...(options.columns ?? FIBERMAP_USEFUL)]
    .map((name) => names.get(name.toUpperCase()))
    .filter((name) => name !== undefined)
  return missingToNull(tableFromFits(await hdu.read({ columns: [...new Set(wanted)], ...readControl(options) })))
}

/**
 * Columns of SCORES, row for row with the FIBERMAP: `MEDIAN_COADD_SNR_B` and so on. A file whose SCORES are of other
 * targets gives none, with the warning `surveys/scores-differ`.
 */
export async function readScores(
  file: FitsFile,
  fibermap: Table,
  source: string,
  options: DesiTableOptions,
): Promise<Column[]> {
  const { scores = options.columns === undefined ? 'snr' : 'none', onWarning } = options
  const hdu = file.hdus.find((candidate) => candidate.name === 'SCORES')
  if (scores === 'none' || hdu === undefined || !isTableHdu(hdu)) return []
  const names = hdu.columns
    .filter((info) => info.shape.length === 0 && info.dtype !== 'str' && info.variable === undefined)
    .map((info) => info.name)
    .filter((name) => (scores === 'all' ? name !== 'TARGETID' : /^MEDIAN_(?:COADD|CALIB)_SNR_/.test(name)))
  if (names.length === 0) return []
  const hasIds = hdu.columns.some((info) => info.name === 'TARGETID')
  const table = missingToNull(
    tableFromFits(await hdu.read({ columns: hasIds ? ['TARGETID', ...names] : names, ...readControl(options) })),
  )
  if (table.n !== fibermap.n || (hasIds && !sameIds(table, fibermap))) {
    onWarning?.({
      code: 'surveys/scores-differ',
      source,
      message: `SCORES of ${source} are of other targets than its FIBERMAP, and are left out`,
    })
    return []
  }
  return names.map((name) => requireColumn(table, name))
}

/**
 * What EXP_FIBERMAP tells of the exposures of each target of the FIBERMAP: `n_exposures`, and the least, mean and
 * greatest time in days, `mjd_min`, `mjd_mean`, `mjd_max`. Nothing for files without it.
 */
export async function readExposures(file: FitsFile, fibermap: Table, options: DesiTableOptions): Promise<Column[]> {
  const hdu = file.hdus.find((candidate) => candidate.name === 'EXP_FIBERMAP')
  if (hdu === undefined || !isTableHdu(hdu)) return []
  const names = ['TARGETID', 'MJD'].filter((name) => hdu.columns.some((info) => info.name === name))
  if (names[0] !== 'TARGETID') return []
  const table = missingToNull(tableFromFits(await hdu.read({ columns: names, ...readControl(options) })))
  const rowsOf = new Map<string, number[]>()
  idsOf(table).forEach((id, row) => {
    const rows = rowsOf.get(id)
    if (rows === undefined) rowsOf.set(id, [row])
    else rows.push(row)
  })
  const mine = idsOf(fibermap).map((id) => rowsOf.get(id) ?? [])
  const count = integersColumn(
    'n_exposures',
    mine.map((rows) => rows.length),
  )
  const mjd = findColumn(table, 'MJD')?.values as Float64Array | undefined
  if (mjd === undefined) return [count]
  const times = mine.map((rows) => rows.map((row) => mjd[row]!).filter((time) => Number.isFinite(time)))
  const each = (name: string, of: (values: readonly number[]) => number): Column =>
    numbersColumn(
      name,
      times.map((values) => (values.length === 0 ? undefined : of(values))),
      'd',
    )
  return [
    count,
    each('mjd_min', (values) => Math.min(...values)),
    each('mjd_mean', (values) => values[0]! + values.reduce((sum, time) => sum + time - values[0]!, 0) / values.length),
    each('mjd_max', (values) => Math.max(...values)),
  ]
}

function idsOf(table: Table): string[] {
  return Array.from(requireColumn(table, 'TARGETID').values as ArrayLike<number | bigint>, String)
}

function sameIds(a: Table, b: Table): boolean {
  const ids = idsOf(b)
  return idsOf(a).every((id, row) => id === ids[row])
}
