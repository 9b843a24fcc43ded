import { isTableHdu } from '@astrolabel/io-fits'
import type { TableHdu } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import { numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import { lamostObject, tableArm } from './lamost-file.js'
import type { LamostArm, LamostFile, LamostReadOptions } from './lamost-file.js'
import type { StarRow } from '../star-rows.js'

/** One exposure: the pixels of its arms, blue first, with wavelengths of their own. */
export interface LamostExposure {
  /** Arms and their numbers of pixels, in the order of the row. */
  readonly arms: readonly { readonly name: string; readonly length: number }[]
  readonly row: StarRow
}

const DETECTOR_ROWS = 4136

/**
 * The single exposures of a medium-resolution file, in time: tables B-LMJM and R-LMJM, whose wavelengths are those of
 * the detector. `star_id` is OBSID and the local modified Julian minute; an arm that an exposure lacks has ivar 0.
 *
 * @throws `surveys/options` for low resolution, of which no exposures are released, `surveys/not-lamost` without any.
 */
export async function lamostExposures(lamost: LamostFile, options: LamostReadOptions): Promise<LamostExposure[]> {
  const { file, source, kind } = lamost
  if (kind === 'lrs')
    throw new AstrolabelError('surveys/options', `${source} has no single exposures`, {
      got: 'a file of low resolution',
      expected: 'med-*.fits',
      remedy: 'Read it without exposures',
    })
  const found = new Map<string, Partial<Record<'B' | 'R', TableHdu>>>()
  for (const hdu of file.hdus) {
    const [, arm, minute] = /^([BR])-(\d+)$/.exec(hdu.name) ?? []
    if (minute === undefined || !isTableHdu(hdu)) continue
    found.set(minute, { ...found.get(minute), [arm as 'B' | 'R']: hdu })
  }
  if (found.size === 0)
    throw new AstrolabelError('surveys/not-lamost', `${source} has no single exposures`, {
      got: file.hdus.map((hdu) => hdu.name),
      expected: 'tables such as B-84107311',
      remedy: 'Read its coadds',
    })
  const out: LamostExposure[] = []
  for (const [minute, tables] of [...found].sort(([a], [b]) => Number(a) - Number(b)))
    out.push(await exposure(lamost, minute, tables, options))
  return out
}

async function exposure(
  lamost: LamostFile,
  minute: string,
  tables: Partial<Record<'B' | 'R', TableHdu>>,
  options: LamostReadOptions,
): Promise<LamostExposure> {
  const arms: LamostArm[] = []
  for (const name of ['B', 'R'] as const) {
    const hdu = tables[name]
    arms.push(hdu === undefined ? emptyArm(name) : await tableArm(hdu, name, lamost.source, options))
  }
  const object = lamostObject(lamost)
  const header = (tables.B ?? tables.R)!.header
  const snr = (name: 'B' | 'R'): number | undefined => tables[name]?.header.getNumber('SNR')
  return {
    arms: arms.map(({ name, flux }) => ({ name, length: flux.length })),
    row: {
      ...object,
      starId: `${object.starId}-${minute}`,
      offset: 0,
      flux: joined(
        arms.map((arm) => arm.flux),
        Float32Array,
      ),
      ivar: joined(
        arms.map((arm) => arm.ivar),
        Float32Array,
      ),
      mask: joined(
        arms.map((arm) => arm.mask),
        Uint32Array,
      ),
      wave: joined(
        arms.map((arm) => arm.loglam.map((x) => 10 ** x)),
        Float64Array,
      ),
      catalog: makeTable([
        wordsColumn('star_group', [object.starId]),
        wordsColumn('LMJM', [minute]),
        numbersColumn('EXPTIME', [header.getNumber('EXPTIME')], 's'),
        numbersColumn('SNR_B', [snr('B')]),
        numbersColumn('SNR_R', [snr('R')]),
        ...object.catalog.columns.values(),
      ]),
    },
  }
}

/** The place of an arm that was not observed; its wavelengths are where the others' are, and bad. */
function emptyArm(name: 'B' | 'R'): LamostArm {
  const [first, step] = name === 'B' ? [3.69, 1.1e-5] : [3.797, 9.5e-6]
  return {
    name,
    loglam: Float64Array.from({ length: DETECTOR_ROWS }, (_, i) => first + i * step),
    flux: new Float32Array(DETECTOR_ROWS),
    ivar: new Float32Array(DETECTOR_ROWS),
    mask: new Uint32Array(DETECTOR_ROWS),
  }
}

function joined<T extends Float32Array | Uint32Array | Float64Array>(
  parts: readonly T[],
  array: new (length: number) => T,
): T {
  const out = new array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
