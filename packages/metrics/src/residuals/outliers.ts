import type { LabelInfo, Labels } from '@astrolabel/spectra'
import { FlagSet, columnNumbers, findColumn } from '@astrolabel/spectra'
import type { LabelMatch, LabelPairs } from '../match-labels.js'
import { labelPairs } from '../match-labels.js'
import { medianInPlace, quantileSorted, scaledMadInPlace } from '../order-statistics.js'
import { pulls } from '../pulls.js'
import { quantityText } from '../quantity-text.js'

/** A label of a star that is far from the truth. All of it is plain JSON. */
export interface OutlierLabel {
  readonly label: string
  readonly predicted: number
  readonly truth: number
  readonly residual: number
  /** Residual minus its median, in units of the robust scatter of all residuals. */
  readonly in_scatter: number
  /** Residual over its error; null when the error is not known. */
  readonly z: number | null
}

/** A star that is far from the truth, and what may be the matter. */
export interface Outlier {
  readonly star_id: string
  /** Row of the predicted labels. */
  readonly row: number
  /** The labels that are far off, the furthest first. */
  readonly labels: readonly OutlierLabel[]
  readonly reasons: readonly string[]
}

/** When a star is an outlier, and what counts as a reason. */
export interface OutlierOptions {
  /** Residuals further than this many robust scatters from their median, or this many of their errors from 0; 5. */
  readonly threshold?: number | undefined
  /** S/N a pixel below which noise is a reason; 20. */
  readonly lowSnr?: number | undefined
  /** Reduced χ² above which a poor fit is a reason; 3. */
  readonly poorChi2?: number | undefined
  /** Labels of the same stars by other models, to tell a bad prediction from a bad truth. */
  readonly others?: readonly Labels[] | undefined
}

/** What flags of models mean, in words. */
const FLAG_WORDS: Readonly<Record<string, string>> = {
  OUTSIDE_HULL: 'labels outside the training hull',
  AT_BOUND: 'fit at the edge of the allowed labels',
  POOR_FIT: 'poor fit of the spectrum',
  NOT_CONVERGED: 'fit did not converge',
  FEW_PIXELS: 'few good pixels',
}

interface LabelColumn {
  readonly info: LabelInfo
  readonly pairs: LabelPairs
  readonly residual: Float64Array
  readonly z: Float64Array
  readonly center: number
  readonly scatter: number
  /** Range of the truth without the outermost 1 % at both ends. */
  readonly range: readonly [number, number]
  readonly usualTruthError: number
}

/**
 * Stars whose labels are far from the truth, the worst first, with the reasons that the data show: noise, flags, a poor
 * fit, a truth at the edge of the range or with a large error, several labels off together, other models that agree
 * with the prediction against the truth.
 *
 * Cost: n log n a label.
 */
export function findOutliers(
  predicted: Labels,
  truth: Labels,
  match: LabelMatch,
  options: OutlierOptions = {},
): Outlier[] {
  const { threshold = 5, lowSnr = 20, poorChi2 = 3, others = [] } = options
  const columns = match.labels.map((info) => labelColumn(predicted, truth, match, info))
  const numbers = (...names: string[]): Float64Array | undefined => {
    const column = predicted.extra && findColumn(predicted.extra, ...names)
    return column && columnNumbers(column)
  }
  const snr = numbers('snr')
  const chi2 = numbers('chi2_reduced')
  const flags = new FlagSet(predicted.flagBits)
  const agreement = agreementWith(others)
  const found: { outlier: Outlier; size: number }[] = []
  match.predictedRows.forEach((row, i) => {
    const far = columns.flatMap((column) => {
      const inScatter = (column.residual[i] - column.center) / column.scatter
      const size = Math.max(Math.abs(inScatter), Number.isNaN(column.z[i]) ? 0 : Math.abs(column.z[i]))
      return size > threshold ? [{ column, inScatter, size }] : []
    })
    if (far.length === 0) return
    far.sort((a, b) => b.size - a.size)
    const reasons: string[] = []
    if (snr !== undefined && snr[row] < lowSnr) reasons.push(`low S/N, ${snr[row].toFixed(1)}`)
    const poor = chi2 !== undefined && chi2[row] > poorChi2
    if (poor) reasons.push(`poor fit of the spectrum, reduced χ² ${chi2[row].toFixed(1)}`)
    for (const name of flags.names(predicted.flags[row]))
      if (name !== 'POOR_FIT' || !poor) reasons.push(`${FLAG_WORDS[name] ?? 'flagged'} (${name})`)
    const names = far.map(({ column }) => column.info.symbol)
    for (const { column, inScatter } of far) {
      const { info, pairs, range, z } = column
      if (Math.abs(inScatter) <= threshold)
        reasons.push(`error of ${info.symbol} too small: ${quantityText(pairs.predictedError[i], info.unit)}`)
      else if (Number.isNaN(z[i])) reasons.push(`${info.symbol} has no error`)
      if (pairs.truth[i] < range[0] || pairs.truth[i] > range[1])
        reasons.push(`true ${info.symbol} at the edge of the sample`)
      if (pairs.truthError[i] > 3 * column.usualTruthError) reasons.push(`true ${info.symbol} has a large error`)
      const n = agreement(predicted.starId[row], info.name, pairs.predicted[i], pairs.truth[i], 2 * column.scatter)
      if (n > 0) reasons.push(`${n} other model${n > 1 ? 's agree' : ' agrees'} against the true ${info.symbol}`)
    }
    if (far.length > 1) reasons.push(`${names.join(', ')} off together: wrong star, wrong truth, or two stars`)
    found.push({
      outlier: {
        star_id: predicted.starId[row],
        row,
        labels: far.map(({ column, inScatter }) => ({
          label: column.info.name,
          predicted: column.pairs.predicted[i],
          truth: column.pairs.truth[i],
          residual: column.residual[i],
          in_scatter: inScatter,
          z: Number.isNaN(column.z[i]) ? null : column.z[i],
        })),
        reasons: reasons.length > 0 ? reasons : ['no reason seen'],
      },
      size: far[0].size,
    })
  })
  return found.sort((a, b) => b.size - a.size).map(({ outlier }) => outlier)
}

function labelColumn(predicted: Labels, truth: Labels, match: LabelMatch, info: LabelInfo): LabelColumn {
  const pairs = labelPairs(predicted, truth, match, info.name)
  const residual = pairs.predicted.map((value, i) => value - pairs.truth[i])
  const known = residual.filter(Number.isFinite)
  const scatter = scaledMadInPlace(known.slice())
  const sorted = pairs.truth.filter(Number.isFinite).sort()
  return {
    info,
    pairs,
    residual,
    z: pulls(pairs.predicted, pairs.truth, pairs.predictedError, pairs.truthError),
    center: medianInPlace(known),
    // More than half of the residuals the same: nothing to measure the others by.
    scatter: scatter > 0 ? scatter : Number.NaN,
    range: [quantileSorted(sorted, 0.01), quantileSorted(sorted, 0.99)],
    usualTruthError: medianInPlace(pairs.truthError.filter((error) => error > 0)),
  }
}

/** How many of the other models are nearer than `tolerance` to the prediction, and further than that from the truth. */
function agreementWith(
  others: readonly Labels[],
): (star: string, label: string, predicted: number, truth: number, tolerance: number) => number {
  const rows = others.map((labels) => new Map(labels.starId.map((id, row) => [id, row])))
  return (star, label, predicted, truth, tolerance) =>
    others.filter((labels, k) => {
      const column = labels.labels.findIndex(({ name }) => name === label)
      const row = rows[k].get(star)
      if (column < 0 || row === undefined) return false
      const value = labels.values[row * labels.labels.length + column]
      return Math.abs(value - predicted) < tolerance && Math.abs(value - truth) > tolerance
    }).length
}
