import { standardised } from './label-trend.js'
import { solveSymmetric } from '../linear/solve-symmetric.js'

/** Weights of stars under which a label has nothing to do with the others. */
export interface DecorrelatingWeights {
  /** (n) summing to 1. */
  readonly weights: Float64Array
  /** (Σw)² / Σw²: as many stars with equal weights say as much. */
  readonly effective: number
}

const ROUNDS = 200
const BALANCED = 1e-8

/**
 * Weights closest to equal ones under which a label is uncorrelated with each of the others, while the mean
 * of each label stays: entropy balancing (Hainmueller 2012, eqs 8–10), by Newton's method on its dual.
 *
 * @param label (n). @param others (n × width).
 * @returns undefined when no weights do it: the label follows from the others in these stars.
 */
export function decorrelatingWeights(
  label: Float64Array,
  others: Float64Array,
  width: number,
): DecorrelatingWeights | undefined {
  const n = label.length
  const x = standardised(label, n, 1)
  const o = standardised(others, n, width)
  const moments = momentsOf(x, o, n, width)
  const count = moments.length / n
  let at = weigh(moments, count, new Float64Array(count))
  for (let round = 0; round < ROUNDS; round++) {
    if (at.gradient.every((value) => Math.abs(value) < BALANCED)) {
      const squares = at.weights.reduce((sum, weight) => sum + weight * weight, 0)
      return { weights: at.weights, effective: 1 / squares }
    }
    const step = solveSymmetric(curvature(moments, count, at.weights, at.gradient), at.gradient)
    if (step === undefined) return undefined
    let length = 1
    let next = at
    do {
      next = weigh(
        moments,
        count,
        at.multipliers.map((value, m) => value - length * step[m]),
      )
      length /= 2
    } while (!(next.objective < at.objective) && length > 1e-10)
    if (!(next.objective < at.objective)) break
    at = next
  }
  return at.gradient.every((value) => Math.abs(value) < 1e-5)
    ? { weights: at.weights, effective: 1 / at.weights.reduce((sum, weight) => sum + weight * weight, 0) }
    : undefined
}

/** What must be 0 on weighted average: x, each other o, and their products x o. */
function momentsOf(x: Float64Array, o: Float64Array, n: number, width: number): Float64Array {
  const count = 1 + 2 * width
  const out = new Float64Array(n * count)
  for (let i = 0; i < n; i++) {
    let m = i * count
    out[m++] = x[i]
    for (let c = 0; c < width; c++) {
      const other = o[i * width + c]
      out[m++] = other
      out[m++] = x[i] * other
    }
  }
  return out
}

interface Weighed {
  readonly multipliers: Float64Array
  readonly weights: Float64Array
  /** log Σ exp(λ · z), whose least value balances. */
  readonly objective: number
  readonly gradient: Float64Array
}

function weigh(moments: Float64Array, count: number, multipliers: Float64Array): Weighed {
  const n = moments.length / count
  const weights = new Float64Array(n)
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i < n; i++) {
    for (let m = 0; m < count; m++) weights[i] += multipliers[m] * moments[i * count + m]
    most = Math.max(most, weights[i])
  }
  let sum = 0
  for (let i = 0; i < n; i++) sum += weights[i] = Math.exp(weights[i] - most)
  const gradient = new Float64Array(count)
  for (let i = 0; i < n; i++) {
    weights[i] /= sum
    for (let m = 0; m < count; m++) gradient[m] += weights[i] * moments[i * count + m]
  }
  return { multipliers, weights, objective: most + Math.log(sum), gradient }
}

function curvature(moments: Float64Array, count: number, weights: Float64Array, gradient: Float64Array): Float64Array {
  const out = new Float64Array(count * count)
  for (let i = 0; i < weights.length; i++)
    for (let a = 0; a < count; a++) {
      const value = weights[i] * (moments[i * count + a] - gradient[a])
      for (let b = 0; b <= a; b++) out[a * count + b] += value * (moments[i * count + b] - gradient[b])
    }
  for (let a = 0; a < count; a++) out[a * count + a] += 1e-9
  return out
}
