import { AstrolabelError, RandomStream } from '@astrolabel/spectra'
import type { Points } from './check-points.js'
import { checkPoints } from './check-points.js'

/** Points along the directions in which they vary most. */
export interface PrincipalMap {
  /** (n × count) coordinates along each direction, about the mean. */
  readonly scores: Float64Array
  /** (count × width) unit vectors, that of the largest variance first; the largest element of each is positive. */
  readonly axes: Float64Array
  /** (width) */
  readonly mean: Float64Array
  /** (count) variance along each, with n − 1. */
  readonly variance: Float64Array
  /** Part of the whole variance that the map shows. */
  readonly explained: number
}

/** Directions carried beyond those wanted: the more, the faster the wanted ones settle. */
const SPARE = 8
const ROUNDS = 200
const SETTLED = 1e-12
/** Sweeps of rotations after which columns are uncorrelated for any points seen. */
const SWEEPS = 30

/**
 * The first principal components of points: a plane map that is linear, so that distances mean what they say.
 *
 * Subspace iteration with Rayleigh–Ritz (Golub & Van Loan 2013, §8.2), until the variances have settled to 1e-12.
 *
 * @throws `embedding/data`, `embedding/components` unless 1 ≤ count ≤ min(n − 1, width).
 * Cost: n × width × (count + 8) a round, some tens of rounds.
 */
export function principalMap(points: Points, count: number, options: { readonly seed?: number } = {}): PrincipalMap {
  const { n, width, values } = points
  checkPoints(points)
  const most = Math.min(n - 1, width)
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new AstrolabelError('embedding/components', 'So many principal components cannot be had', {
      got: count,
      expected: `1 to ${most} of ${n} points of ${width} values`,
    })
  const mean = new Float64Array(width)
  for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) mean[d] += values[i * width + d] / n
  const x = Float64Array.from(values, (value, at) => value - mean[at % width])
  let whole = 0
  for (const value of x) whole += value * value
  const k = Math.min(count + SPARE, width)
  const random = RandomStream.fromSeed(options.seed ?? 1)
  const axes = Float64Array.from({ length: k * width }, () => random.normal())
  // Columns of the scores lie one after another: (k × n).
  const scores = new Float64Array(k * n)
  let squares: Float64Array = new Float64Array(k)
  for (let round = 0; round < ROUNDS; round++) {
    orthonormalise(axes, k, width)
    times(x, axes, scores, n, width, k)
    const before = squares
    squares = separate(scores, axes, n, width, k)
    if (squares.subarray(0, count).every((value, c) => Math.abs(value - before[c]) <= SETTLED * squares[0])) break
    if (round < ROUNDS - 1) backTimes(x, scores, axes, n, width, k)
  }
  const kept = axes.slice(0, count * width)
  const out = new Float64Array(n * count)
  for (let c = 0; c < count; c++) {
    const sign = pointUp(kept.subarray(c * width, (c + 1) * width))
    for (let i = 0; i < n; i++) out[i * count + c] = sign * scores[c * n + i]
  }
  const shown = squares.subarray(0, count).reduce((sum, value) => sum + value, 0)
  return {
    scores: out,
    axes: kept,
    mean,
    variance: squares.slice(0, count).map((value) => value / (n - 1)),
    explained: whole > 0 ? Math.min(1, shown / whole) : 0,
  }
}

/** scores = axes X', (k × n). */
function times(x: Float64Array, axes: Float64Array, scores: Float64Array, n: number, width: number, k: number): void {
  for (let i = 0; i < n; i++)
    for (let a = 0; a < k; a++) {
      let sum = 0
      for (let d = 0; d < width; d++) sum += x[i * width + d] * axes[a * width + d]
      scores[a * n + i] = sum
    }
}

/** axes = scores X, (k × width): X'X times the axes that the scores are of. */
function backTimes(
  x: Float64Array,
  scores: Float64Array,
  axes: Float64Array,
  n: number,
  width: number,
  k: number,
): void {
  axes.fill(0)
  for (let i = 0; i < n; i++)
    for (let a = 0; a < k; a++) {
      const score = scores[a * n + i]
      for (let d = 0; d < width; d++) axes[a * width + d] += score * x[i * width + d]
    }
}

/**
 * Turn the axes within what they span so that their scores are uncorrelated, that of the largest variance first:
 * one-sided Jacobi rotations (Hestenes 1958). @returns (k) their sums of squares.
 */
function separate(scores: Float64Array, axes: Float64Array, n: number, width: number, k: number): Float64Array {
  const column = (a: number): Float64Array => scores.subarray(a * n, (a + 1) * n)
  const axis = (a: number): Float64Array => axes.subarray(a * width, (a + 1) * width)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let turned = false
    for (let a = 0; a < k; a++)
      for (let b = a + 1; b < k; b++) {
        const first = dot(column(a), column(a))
        const second = dot(column(b), column(b))
        const product = dot(column(a), column(b))
        if (Math.abs(product) <= 1e-14 * Math.sqrt(first * second) && first >= second) continue
        turned = true
        const angle = Math.atan2(2 * product, first - second) / 2
        turn(column(a), column(b), angle)
        turn(axis(a), axis(b), angle)
      }
    if (!turned) break
  }
  return Float64Array.from({ length: k }, (_, a) => dot(column(a), column(a)))
}

/** a, b → a cos + b sin, b cos − a sin. */
function turn(a: Float64Array, b: Float64Array, angle: number): void {
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  for (let i = 0; i < a.length; i++) {
    const from = a[i]
    a[i] = from * cos + b[i] * sin
    b[i] = b[i] * cos - from * sin
  }
}

/** Rows made orthonormal by modified Gram–Schmidt, twice, since once loses digits; a row of nothing becomes 0. */
function orthonormalise(rows: Float64Array, k: number, width: number): void {
  for (let a = 0; a < k; a++) {
    const row = rows.subarray(a * width, (a + 1) * width)
    const before = Math.sqrt(dot(row, row))
    for (let pass = 0; pass < 2; pass++)
      for (let b = 0; b < a; b++) {
        const earlier = rows.subarray(b * width, (b + 1) * width)
        const along = dot(row, earlier)
        for (let d = 0; d < width; d++) row[d] -= along * earlier[d]
      }
    const length = Math.sqrt(dot(row, row))
    // What is left of a row within the others' span is rounding, not a direction.
    for (let d = 0; d < width; d++) row[d] = length > 1e-12 * before ? row[d] / length : 0
  }
}

/** The sign of an axis is free: this makes it the same on every machine. @returns what it was multiplied by. */
function pointUp(axis: Float64Array): number {
  let largest = 0
  for (const value of axis) if (Math.abs(value) > Math.abs(largest)) largest = value
  if (largest >= 0) return 1
  for (let d = 0; d < axis.length; d++) axis[d] = -axis[d]
  return -1
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}
