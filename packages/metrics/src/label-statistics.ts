import { AstrolabelError } from '@astrolabel/spectra'
import type { BootstrapOptions } from './bootstrap.js'
import type { StatisticIntervals } from './bootstrap-statistics.js'
import { bootstrapStatistics } from './bootstrap-statistics.js'
import { medianInPlace, scaledMadInPlace } from './order-statistics.js'
import { pulls } from './pulls.js'

/** 95 % of a normal distribution lie within ± this many standard deviations. */
const SIGMAS_95 = 1.959963984540054

/**
 * How well labels agree with the truth. Residuals are r = predicted − truth, in the label's unit; with no pairs every
 * number but the counts is NaN.
 */
export interface LabelStatistics {
  /** Pairs used. */
  readonly n: number
  /** Pairs dropped because either value is not finite. */
  readonly missing: number
  /** Mean of r. */
  readonly bias: number
  /** √ mean r², which is √(bias² + std²). */
  readonly rmse: number
  /** rmse / standard deviation of the truth: the RMSE of labels scaled to unit variance. NaN for a constant truth. */
  readonly rmseScaled: number
  /** Mean |r|. */
  readonly mae: number
  /** Scatter about the bias, √ mean (r − bias)²: divided by n, not n − 1. */
  readonly std: number
  /** Mean |r − bias|, which some papers call scatter. */
  readonly meanAbsoluteAboutBias: number
  /** Robust scatter, 1.4826 × median |r − median r|. */
  readonly mad: number
  readonly medianResidual: number
  /** Pairs that have an error above 0; the three below are of these pairs and absent without any. */
  readonly nWithError: number
  /** Share of |r| ≤ σ, for normal errors 0.6827, with σ² = predictedError² + truthError². */
  readonly coverage68?: number
  /** Share of |r| ≤ 1.95996 σ, for normal errors 0.95. */
  readonly coverage95?: number
  /** 1.4826 × MAD of r / σ: 1 when errors are right, 2 when they are half of what they should be. */
  readonly zWidth?: number
  readonly intervals?: StatisticIntervals
}

/** What {@link labelStatistics} may use besides the values. */
export interface LabelStatisticsOptions {
  /** (n) one standard deviation, in the label's unit; NaN or 0 where unknown. */
  readonly predictedError?: Float64Array | undefined
  /** (n) the same for the truth; where it is unknown the predicted error stands alone. */
  readonly truthError?: Float64Array | undefined
  /** Gives percentile intervals. */
  readonly bootstrap?: BootstrapOptions | undefined
  /** (n) star of each pair: the bootstrap draws stars, not pairs. Each pair is a star of its own unless given. */
  readonly groups?: readonly string[] | undefined
}

/**
 * Compare one label of many stars with the truth.
 *
 * @param predicted (n) in the label's unit; pairs with a value that is not finite are dropped and counted.
 * @param truth (n) in the same unit.
 * @throws `metrics/length` when the arrays differ in length, `metrics/bootstrap` on options that make no interval.
 *
 * Linear in n; a bootstrap costs `samples` times as much.
 */
export function labelStatistics(
  predicted: Float64Array,
  truth: Float64Array,
  options: LabelStatisticsOptions = {},
): LabelStatistics {
  const { predictedError, truthError, bootstrap, groups } = options
  for (const [name, array] of Object.entries({ truth, predictedError, truthError, groups })) {
    if (array !== undefined && array.length !== predicted.length) {
      throw new AstrolabelError('metrics/length', `${name} has another length than predicted`, {
        got: array.length,
        expected: predicted.length,
      })
    }
  }
  const rows: number[] = []
  for (let i = 0; i < predicted.length; i++) if (Number.isFinite(predicted[i] - truth[i])) rows.push(i)
  const residual = Float64Array.from(rows, (i) => predicted[i] - truth[i])
  const allPulls = predictedError === undefined ? undefined : pulls(predicted, truth, predictedError, truthError)
  const pull = allPulls === undefined ? undefined : Float64Array.from(rows, (i) => allPulls[i])
  const summary = summarize(residual, pull, new Float64Array(rows.length))
  return {
    n: rows.length,
    missing: predicted.length - rows.length,
    ...summary,
    rmseScaled: summary.rmse / spread(truth, rows),
    ...(bootstrap === undefined
      ? {}
      : { intervals: bootstrapStatistics(residual, pull, groups && rows.map((i) => groups[i]), bootstrap) }),
  }
}

type Summary = Omit<LabelStatistics, 'n' | 'missing' | 'rmseScaled' | 'intervals'>

function summarize(residual: Float64Array, pull: Float64Array | undefined, scratch: Float64Array): Summary {
  const n = residual.length
  let sum = 0
  let squares = 0
  let absolute = 0
  for (let i = 0; i < n; i++) {
    const r = residual[i]
    sum += r
    squares += r * r
    absolute += Math.abs(r)
  }
  const bias = sum / n
  let about = 0
  let absoluteAbout = 0
  for (let i = 0; i < n; i++) {
    const d = residual[i] - bias
    about += d * d
    absoluteAbout += Math.abs(d)
  }
  scratch.set(residual)
  const medianResidual = medianInPlace(scratch, n)
  return {
    bias,
    rmse: Math.sqrt(squares / n),
    mae: absolute / n,
    std: Math.sqrt(about / n),
    meanAbsoluteAboutBias: absoluteAbout / n,
    mad: scaledMadInPlace(scratch, n),
    medianResidual,
    ...summarizePulls(pull, scratch),
  }
}

function summarizePulls(
  pull: Float64Array | undefined,
  scratch: Float64Array,
): Pick<LabelStatistics, 'nWithError' | 'coverage68' | 'coverage95' | 'zWidth'> {
  let n = 0
  let within68 = 0
  let within95 = 0
  for (const z of pull ?? []) {
    if (Number.isNaN(z)) continue
    scratch[n++] = z
    if (Math.abs(z) <= 1) within68++
    if (Math.abs(z) <= SIGMAS_95) within95++
  }
  if (n === 0) return { nWithError: 0 }
  return { nWithError: n, coverage68: within68 / n, coverage95: within95 / n, zWidth: scaledMadInPlace(scratch, n) }
}

/** Standard deviation of the rows of `values`, divided by n; NaN when they are all the same, as nothing can be scaled by it. */
function spread(values: Float64Array, rows: readonly number[]): number {
  let sum = 0
  for (const i of rows) sum += values[i]
  const mean = sum / rows.length
  let squares = 0
  for (const i of rows) squares += (values[i] - mean) ** 2
  const constant = rows.every((i) => values[i] === values[rows[0]])
  return constant ? Number.NaN : Math.sqrt(squares / rows.length)
}
