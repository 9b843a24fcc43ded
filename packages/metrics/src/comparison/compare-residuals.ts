import type { BootstrapOptions, Interval } from '../bootstrap.js'
import { percentileInterval } from '../bootstrap.js'
import { groupRows } from '../group-rows.js'
import { starResamples } from '../star-resamples.js'
import { wilcoxonSignedRank } from './wilcoxon.js'

/** Two sets of residuals of the same stars, A minus B: negative when A is better. */
export interface PairedComparison {
  /** Rows that both have, and stars among them. */
  readonly n: number
  readonly stars: number
  readonly rmseA: number
  readonly rmseB: number
  readonly maeA: number
  readonly maeB: number
  readonly rmseDifference: number
  readonly rmseInterval: Interval
  readonly maeDifference: number
  readonly maeInterval: Interval
  /** Share of the stars for which A is nearer the truth, of those for which either is. */
  readonly shareNearer: number
  /** Share of the resamples in which the RMSE of A is lower; ties count half. */
  readonly chanceBetter: number
  /** Wilcoxon's signed-rank p-value of the mean |residual| of each star. */
  readonly p: number
}

/**
 * Compare residuals star by star: what two models share (hard stars, noise, a wrong truth) drops out, so that far
 * smaller differences show than between two separate error bars.
 *
 * @param a (n) residuals @param b (n) of the same rows; rows in which either is NaN are left out.
 * @param groups (n) star of each row; the bootstrap draws stars, and the test takes one value a star.
 * @throws `metrics/bootstrap`. Cost: `samples` × n.
 */
export function compareResiduals(
  a: Float64Array,
  b: Float64Array,
  groups: readonly string[],
  options: BootstrapOptions,
): PairedComparison {
  const rows: number[] = []
  for (let i = 0; i < a.length; i++) if (Number.isFinite(a[i]) && Number.isFinite(b[i])) rows.push(i)
  const absA = Float64Array.from(rows, (i) => Math.abs(a[i]))
  const absB = Float64Array.from(rows, (i) => Math.abs(b[i]))
  const ids = rows.map((i) => groups[i])
  const stars = groupRows(ids)
  const all = summarise(absA, absB, undefined)
  const rmse = new Float64Array(options.samples).fill(Number.NaN)
  const mae = new Float64Array(options.samples).fill(Number.NaN)
  starResamples(ids, options, (drawn, sample) => {
    const { rmseA, rmseB, maeA, maeB } = summarise(absA, absB, drawn)
    rmse[sample] = rmseA - rmseB
    mae[sample] = maeA - maeB
  })
  const perStar = Float64Array.from(
    stars,
    (visits) => visits.reduce((sum, i) => sum + absA[i] - absB[i], 0) / visits.length,
  )
  const nearer = perStar.filter((d) => d < 0).length
  const further = perStar.filter((d) => d > 0).length
  const lower = rmse.filter((d) => d < 0).length + rmse.filter((d) => d === 0).length / 2
  return {
    n: rows.length,
    stars: stars.length,
    ...all,
    rmseDifference: all.rmseA - all.rmseB,
    rmseInterval: percentileInterval(rmse, options.level),
    maeDifference: all.maeA - all.maeB,
    maeInterval: percentileInterval(mae, options.level),
    shareNearer: nearer / (nearer + further),
    chanceBetter: rows.length === 0 ? Number.NaN : lower / options.samples,
    p: wilcoxonSignedRank(perStar).p,
  }
}

function summarise(
  absA: Float64Array,
  absB: Float64Array,
  rows: Int32Array | undefined,
): Pick<PairedComparison, 'rmseA' | 'rmseB' | 'maeA' | 'maeB'> {
  const n = rows === undefined ? absA.length : rows.length
  let squaresA = 0
  let squaresB = 0
  let sumA = 0
  let sumB = 0
  for (let k = 0; k < n; k++) {
    const i = rows === undefined ? k : rows[k]
    squaresA += absA[i] * absA[i]
    squaresB += absB[i] * absB[i]
    sumA += absA[i]
    sumB += absB[i]
  }
  return { rmseA: Math.sqrt(squaresA / n), rmseB: Math.sqrt(squaresB / n), maeA: sumA / n, maeB: sumB / n }
}
