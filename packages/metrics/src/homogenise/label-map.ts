import type { TrendBasis } from './trend-basis.js'

/** The bias of one label of the first survey against the second. */
export interface LabelTrend {
  readonly unit: string
  readonly basis: TrendBasis
  readonly theta: readonly number[]
  /** (m × m) of theta, row-major. */
  readonly covariance: readonly number[]
  /** Scatter between the surveys that their errors do not explain, in the label's unit. */
  readonly intrinsic: number
  /** Range of each predictor among the common stars: outside of it the bias is a guess. */
  readonly range: Readonly<Record<string, readonly [number, number]>>
  readonly stars: number
  /** Rows that were not thrown out as outliers. */
  readonly used: number
  readonly held_out: HeldOutCheck
}

/** Differences to the second survey of stars that the fit had not seen, before and after. */
export interface HeldOutCheck {
  readonly folds: number
  readonly stars: number
  readonly bias_before: number | null
  readonly bias_after: number | null
  readonly rmse_before: number | null
  readonly rmse_after: number | null
  /** After minus before, with its 95 % interval by a paired bootstrap of the stars. */
  readonly rmse_change: number | null
  readonly rmse_ci: readonly [number | null, number | null]
  readonly mad_before: number | null
  readonly mad_after: number | null
  /** Share of the differences within the errors of both after it. */
  readonly coverage68: number | null
  /** `helps` and `harms` when the interval leaves out 0. */
  readonly verdict: 'helps' | 'harms' | 'no difference'
  readonly text: string
}

/** From the labels of one survey to those of another: plain JSON. */
export interface LabelMap {
  readonly format: 'astrolabel-homogenisation'
  readonly version: 1
  /** What the surveys are called. */
  readonly from: string
  readonly to: string
  readonly labels: Readonly<Record<string, LabelTrend>>
}
