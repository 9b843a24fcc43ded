/** What a bias may depend on: nothing, several labels in a straight line, or the label itself along a spline. */
export type TrendKind = 'constant' | 'linear' | 'spline'

/** The functions that make up a bias, of the labels of the first survey. All of it is plain JSON. */
export interface TrendBasis {
  readonly kind: TrendKind
  /** Labels it depends on, the label itself first. */
  readonly predictors: readonly string[]
  /** By predictor: what is subtracted, and what the difference is divided by. */
  readonly centers: readonly number[]
  readonly scales: readonly number[]
  /** Of the spline in the label itself, scaled, ascending, three or more; else empty. */
  readonly knots: readonly number[]
}

/** Number of functions, the constant first. */
export function basisSize({ kind, predictors, knots }: TrendBasis): number {
  if (kind === 'constant') return 1
  return 1 + predictors.length + (kind === 'spline' ? knots.length - 2 : 0)
}

/**
 * Values and derivatives of the functions at one star: a constant, each scaled predictor, and natural cubic splines of
 * the first (Hastie, Tibshirani & Friedman 2009, eq. 5.4), which go on in straight lines outside the knots.
 *
 * @param x (J) predictors in their units. @param values (m) receives the functions.
 * @param slopes (m × J) receives their derivatives, per unit of the predictor.
 */
export function evaluateBasis(basis: TrendBasis, x: Float64Array, values: Float64Array, slopes: Float64Array): void {
  const { kind, predictors, centers, scales, knots } = basis
  const count = predictors.length
  slopes.fill(0)
  values[0] = 1
  if (kind === 'constant') return
  for (let j = 0; j < count; j++) {
    values[1 + j] = (x[j] - centers[j]) / scales[j]
    slopes[(1 + j) * count + j] = 1 / scales[j]
  }
  if (kind === 'linear') return
  const u = values[1]
  const last = knots[knots.length - 1]
  const cubic = (k: number): number => (plus(u - knots[k]) ** 3 - plus(u - last) ** 3) / (last - knots[k])
  const slope = (k: number): number => (3 * (plus(u - knots[k]) ** 2 - plus(u - last) ** 2)) / (last - knots[k])
  for (let k = 0; k < knots.length - 2; k++) {
    const at = 1 + count + k
    values[at] = cubic(k) - cubic(knots.length - 2)
    slopes[at * count] = (slope(k) - slope(knots.length - 2)) / scales[0]
  }
}

function plus(value: number): number {
  return value > 0 ? value : 0
}
