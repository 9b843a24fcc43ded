import { coverageCurve } from '../coverage-curve.js'
import { orNull } from '../json-number.js'
import { normalCdf, normalDensity, twoSidedP } from '../normal-distribution.js'
import type { LabelPairs } from '../match-labels.js'
import { medianInPlace, scaledMadInPlace } from '../order-statistics.js'
import { pulls } from '../pulls.js'
import { percentText } from '../quantity-text.js'
import { kolmogorovUniform } from './kolmogorov.js'
import { pitHistogram, pitValues } from './probability-integral.js'

/**
 * Whether the errors of one label can be believed, and what they are worth. Predictions are normal distributions of
 * width σ² = predictedError² + truthError². All of it is plain JSON; null where there are no errors.
 */
export interface UncertaintyCheck {
  /** Pairs with an error. */
  readonly n: number
  /** PIT values in ten equal bins. */
  readonly pit: readonly number[]
  /** Kolmogorov–Smirnov distance of the PIT values from uniform, and its p-value. */
  readonly ks: number | null
  readonly ks_p: number | null
  /** Mean |observed − expected| coverage of central intervals from 5 to 95 %. */
  readonly calibration_error: number | null
  /** 1.4826 × MAD of the pulls, 1 when right, and their median, 0 when right. */
  readonly z_width: number | null
  readonly z_median: number | null
  /** Mean and median predicted error (without the truth's). */
  readonly sharpness: number | null
  readonly median_error: number | null
  /** Standard deviation of the truth: what knowing nothing but the sample would give. */
  readonly climatology: number | null
  /** Mean continuous ranked probability score, in the label's unit (Gneiting & Raftery 2007, eq. 21); lower is better. */
  readonly crps: number | null
  /** 1 − CRPS / CRPS of the climatology: 1 is perfect, 0 worthless. */
  readonly crps_skill: number | null
  /** Mean negative log density, natural, in the label's unit. */
  readonly nll: number | null
  readonly verdict: 'right' | 'too small' | 'too large' | 'biased' | 'wrong shape' | 'unknown'
  readonly text: string
}

/** A p-value below this, the smallest of three tests, says that the errors are wrong. */
const SIGNIFICANT = 0.01
/** Shares of a normal distribution, and within how many standard deviations they lie. */
const CENTRAL = [
  { share: 0.6826894921370859, limit: 1 },
  { share: 0.95, limit: 1.959963984540054 },
] as const
/** Fewer pairs than this cannot tell right errors from wrong ones. */
const FEWEST = 10
/** Widths of pulls nearer to 1 than this are right enough, whatever many stars can prove. */
const TOLERANCE = 0.1

/**
 * Check the errors of one label against the residuals.
 *
 * @param truthErrors Whether errors of the truth widen the distributions; true unless given.
 * Cost: n log n.
 */
export function checkUncertainty(pairs: LabelPairs, truthErrors = true): UncertaintyCheck {
  const { predicted, truth, predictedError } = pairs
  const truthError = truthErrors ? pairs.truthError : undefined
  const all = pulls(predicted, truth, predictedError, truthError)
  const rows = Array.from(all, (_, i) => i).filter((i) => !Number.isNaN(all[i]))
  const n = rows.length
  const z = Float64Array.from(rows, (i) => all[i])
  const sigma = Float64Array.from(rows, (i) => {
    const other = truthError?.[i] ?? 0
    return Math.hypot(predictedError[i], other > 0 && other < Infinity ? other : 0)
  })
  const pit = pitValues(z)
  const { d, p } = kolmogorovUniform(pit)
  const curve = coverageCurve(
    z,
    Array.from({ length: 19 }, (_, i) => (i + 1) / 20),
  )
  const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / n
  const own = Float64Array.from(rows, (i) => predictedError[i])
  const known = Float64Array.from(rows, (i) => truth[i])
  const average = mean(known)
  const climatology = Math.sqrt(mean(known.map((value) => (value - average) ** 2)))
  const crps = mean(sigma.map((s, i) => s * unitCrps(z[i])))
  const zWidth = scaledMadInPlace(z.slice())
  const zMedian = medianInPlace(z.slice())
  const verdict = judge(z, p, zWidth, zMedian)
  return {
    n,
    pit: Array.from(pitHistogram(pit)),
    ks: orNull(d),
    ks_p: orNull(p),
    calibration_error: orNull(
      curve.observed.reduce((sum, observed, i) => sum + Math.abs(observed - curve.expected[i]), 0) /
        curve.observed.length,
    ),
    z_width: orNull(zWidth),
    z_median: orNull(zMedian),
    sharpness: orNull(mean(own)),
    median_error: orNull(medianInPlace(own)),
    climatology: orNull(climatology),
    crps: orNull(crps),
    crps_skill: orNull(1 - crps / climatologyCrps(known)),
    nll: orNull(mean(sigma.map((s, i) => 0.5 * z[i] * z[i] + Math.log(s * Math.sqrt(2 * Math.PI))))),
    verdict,
    text: inWords(verdict, zWidth, n, z),
  }
}

/** CRPS of a standard normal prediction at a pull. */
function unitCrps(z: number): number {
  return z * (2 * normalCdf(z) - 1) + 2 * normalDensity(z) - 1 / Math.sqrt(Math.PI)
}

/** CRPS of the sample itself as the prediction, half its mean absolute difference (Gneiting & Raftery 2007, eq. 20). */
function climatologyCrps(values: Float64Array): number {
  const sorted = values.slice().sort()
  const n = sorted.length
  return sorted.reduce((sum, value, i) => sum + (2 * i + 1 - n) * value, 0) / (n * n)
}

function judge(z: Float64Array, ksP: number, width: number, median: number): UncertaintyCheck['verdict'] {
  const n = z.length
  if (n < FEWEST) return 'unknown'
  // The Kolmogorov–Smirnov test hardly looks at the tails, which the coverages do.
  const ps = CENTRAL.map(({ share, limit }) => {
    const inside = z.filter((value) => Math.abs(value) <= limit).length / n
    return twoSidedP((inside - share) / Math.sqrt((share * (1 - share)) / n))
  })
  if (3 * Math.min(ksP, ...ps) >= SIGNIFICANT) return 'right'
  if (width > 1 + TOLERANCE) return 'too small'
  if (width < 1 - TOLERANCE) return 'too large'
  // The median of n standard normals scatters by 1.25 / √n.
  return Math.abs(median) > Math.max(TOLERANCE, 3.2 / Math.sqrt(n)) ? 'biased' : 'wrong shape'
}

function inWords(verdict: UncertaintyCheck['verdict'], width: number, n: number, z: Float64Array): string {
  const [inner, outer] = CENTRAL.map(({ limit }) => z.filter((value) => Math.abs(value) <= limit).length / n)
  const seen = `68 % intervals cover ${percentText(inner)} of ${n}, 95 % intervals ${percentText(outer)}`
  switch (verdict) {
    case 'unknown':
      return n === 0 ? 'no errors to check' : `${n === 1 ? '1 star is' : `${n} stars are`} too few to check errors by`
    case 'right':
      return `errors agree with the residuals: ${seen}`
    case 'too small':
      return `errors are too small by a factor of ${width.toFixed(2)}: ${seen}`
    case 'too large':
      return `errors are too large by a factor of ${(1 / width).toFixed(2)}: ${seen}`
    case 'biased':
      return `errors are about right but the labels are biased: ${seen}`
    case 'wrong shape':
      return `errors are about right in the middle, but residuals have ${outer < CENTRAL[1].share ? 'wider' : 'narrower'} wings than a normal distribution: ${seen}`
  }
}
