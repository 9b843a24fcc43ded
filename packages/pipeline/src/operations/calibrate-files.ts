import type { Binning, ConformalCalibration, ConformalGroups } from '@astrolabel/metrics'
import { applyConformal, calibrateConformal, equalCountBins, parseConformal } from '@astrolabel/metrics'
import type { Labels } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, columnNumbers, findColumn } from '@astrolabel/spectra'
import { readFile } from 'node:fs/promises'
import { requireFile } from '../formats/file-format.js'
import { writeLabels } from '../formats/write-table.js'
import { writeAside } from '../run/write-aside.js'
import { readLabels } from './evaluate-files.js'

/** How intervals are calibrated. */
export interface CalibrateRequest {
  readonly seed?: number | undefined
  /** Shares to cover; 0.68 and 0.95 unless given. */
  readonly levels?: readonly number[] | undefined
  /** Residuals over their errors unless given. */
  readonly score?: 'normalised' | 'absolute' | undefined
  readonly sides?: 'symmetric' | 'asymmetric' | undefined
  /** Groups of stars with intervals of their own: a label or column, and inner edges or how many groups. */
  readonly groups?: Binning | undefined
}

/** The intervals that were found. */
export interface CalibrationSummary {
  readonly out: string
  readonly calibration: ConformalCalibration
}

/** Labels that were written. */
export interface AppliedLabels {
  readonly out: string
  readonly stars: number
  /** Extra columns that came in. */
  readonly columns: readonly string[]
}

/**
 * Calibrate intervals on labels of stars that the model had not seen, against their truth, and write them as JSON.
 *
 * @throws `metrics/no-match`, `metrics/no-errors`, `metrics/edges`, `metrics/groups`, and what reading and writing say.
 */
export async function calibrateFiles(
  labels: string,
  truth: string,
  out: string,
  request: CalibrateRequest = {},
): Promise<CalibrationSummary> {
  const { seed = 1, levels, score, sides, groups } = request
  const predicted = await readLabels(labels)
  const calibration = calibrateConformal(predicted, await readLabels(truth), {
    random: RandomStream.fromSeed(seed),
    levels,
    score,
    sides,
    groups: groups === undefined ? undefined : withEdges(predicted, groups),
  })
  await writeAside(out, `${JSON.stringify(calibration, null, 2)}\n`)
  return { out, calibration }
}

/**
 * Labels with the intervals of a calibration as extra columns, such as `teff_lo68` and `teff_hi68`.
 *
 * @throws `metrics/not-calibration`, `metrics/no-common-label`, and what reading and writing say.
 */
export async function applyCalibration(labels: string, calibration: string, out: string): Promise<AppliedLabels> {
  const before = await readLabels(labels)
  const after = applyConformal(before, await readCalibration(calibration))
  return writeApplied(out, before, after)
}

/** A calibration from its file. @throws `formats/no-file`, `metrics/not-calibration`. */
export async function readCalibration(path: string): Promise<ConformalCalibration> {
  await requireFile(path)
  return parseConformal(await readFile(path, 'utf8'))
}

/** Write labels that something was done to, and say which columns they have now and had not before. */
export async function writeApplied(out: string, before: Labels, after: Labels): Promise<AppliedLabels> {
  async function* batches(): AsyncGenerator<Labels> {
    yield after
  }
  await writeLabels(out, batches())
  const columns = [...(after.extra?.columns.keys() ?? [])].filter((name) => before.extra?.columns.has(name) !== true)
  return { out, stars: after.n, columns }
}

/** Stars that a group of its own needs: fewer have no 95 % interval. */
const FEWEST_IN_GROUP = 20

/** Inner edges of groups: given ones as they are, open at both ends, or those between so many of equal count. */
function withEdges(labels: Labels, { by, bins }: Binning): ConformalGroups {
  if (typeof bins !== 'number') return { by, edges: bins.filter(Number.isFinite) }
  if (bins > 1 && bins * FEWEST_IN_GROUP > labels.n)
    throw new AstrolabelError('metrics/groups', `${bins} groups are too many for ${labels.n} stars`, {
      expected: `at least ${FEWEST_IN_GROUP} stars a group`,
      remedy: `A single number is how many groups there are; for two groups parted at ${bins} give ${by}:${bins},inf`,
    })
  const column = labels.labels.findIndex(({ name }) => name === by)
  const extra = labels.extra && findColumn(labels.extra, by)
  const values =
    column >= 0
      ? Float64Array.from({ length: labels.n }, (_, i) => labels.values[i * labels.labels.length + column]!)
      : extra === undefined
        ? new Float64Array(0)
        : columnNumbers(extra)
  return {
    by,
    edges: equalCountBins(values, bins)
      .slice(1)
      .map(({ from }) => from),
  }
}
