import type { ParameterValues } from '../pipeline/parameters.js'
import type { TrainingData } from '../pipeline/training-data.js'
import type { FoldScore } from './score-candidates.js'

/** A candidate and how good it is. */
export interface RankedCandidate {
  /** Where it stands in the list of candidates. */
  readonly candidate: number
  readonly parameters: ParameterValues
  /** 1 is the best; candidates of the same score share a rank. */
  readonly rank: number
  /**
   * Mean over the folds of a fold's score: the root mean square error of each label in units of the label's spread (its
   * standard deviation over all rows of the search), averaged over the labels. 1 is no better than the mean.
   */
  readonly score: number
  /** Standard deviation of the folds' scores, n in the denominator. */
  readonly scoreStd: number
  /** (L) mean over the folds of each label's error in units of its spread. */
  readonly labels: readonly number[]
  /** Score of each fold. */
  readonly folds: readonly number[]
  /** Training rows of a fold; a halving gives early rounds few. */
  readonly rows: number
  /** Seconds of its fits in all folds. */
  readonly seconds: number
}

/** Standard deviation of each label over the rows that have it, (L): the unit of scores. */
export function labelSpread({ y, n, labels }: Pick<TrainingData, 'y' | 'n' | 'labels'>): Float64Array {
  return Float64Array.from({ length: labels }, (_, l) => {
    const known: number[] = []
    for (let row = 0; row < n; row++) if (!Number.isNaN(y[row * labels + l]!)) known.push(y[row * labels + l]!)
    const middle = mean(known)
    return Math.sqrt(mean(known.map((value) => (value - middle) ** 2)))
  })
}

/** Candidates from best to worst; of equals the earlier is first. @param scores As {@link scoreCandidates} gives them. */
export function rankCandidates(
  candidates: readonly ParameterValues[],
  scores: readonly FoldScore[],
  folds: number,
  spread: Float64Array,
  rows: number,
): RankedCandidate[] {
  const found = candidates.map((parameters, candidate) => {
    const own = scores.slice(candidate * folds, (candidate + 1) * folds)
    const byFold = own.map(({ errors }) => mean(Array.from(errors, (error, l) => error / spread[l]!)))
    const score = mean(byFold)
    return {
      candidate,
      parameters,
      score,
      scoreStd: Math.sqrt(mean(byFold.map((value) => (value - score) ** 2))),
      labels: Array.from(spread, (unit, l) => mean(own.map(({ errors }) => errors[l]! / unit))),
      folds: byFold,
      rows,
      seconds: Math.round(1000 * own.reduce((sum, { seconds }) => sum + seconds, 0)) / 1000,
    }
  })
  return withRanks(found.toSorted((a, b) => a.score - b.score || a.candidate - b.candidate))
}

/** Ranks by place in a list; neighbours of the same score on as many rows share one. */
export function withRanks(all: readonly Omit<RankedCandidate, 'rank'>[]): RankedCandidate[] {
  let rank = 0
  return all.map((one, i) => {
    const before = all[i - 1]
    if (before?.score !== one.score || before.rows !== one.rows) rank = i + 1
    return { ...one, rank }
  })
}

/** Mean of the numbers that are known; NaN when none is. */
function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.reduce((sum, value) => sum + value, 0) / known.length
}
