/** Weights of a corral below this count as none. */
const WEIGHTLESS = 1e-12

/**
 * Squared distance of a point from the convex hull of others.
 *
 * @param points (n × dim) row-major, finite.
 * @param query (dim)
 * @returns Squared distance, 0 inside to 1e-10 of the squared extent of the points; Infinity when there are none.
 */
export function distanceToHull(points: Float64Array, dim: number, query: Float64Array): number {
  return leastNorm(points, dim, query, Number.NaN)
}

/**
 * Whether a point lies no farther from the convex hull of others than √`tolerance2`: as {@link distanceToHull} without
 * finding out how far, which takes fewer steps.
 */
export function isNearHull(points: Float64Array, dim: number, query: Float64Array, tolerance2: number): boolean {
  return leastNorm(points, dim, query, tolerance2) <= tolerance2
}

/**
 * Wolfe's (1976) algorithm for the point of least norm in a polytope, here that of the points seen from the query.
 * With a tolerance it stops as soon as the least norm is known to be on one side of it; NaN never stops it.
 *
 * Cost: O(n dim) a step, about dim to 3 dim steps.
 */
function leastNorm(points: Float64Array, dim: number, query: Float64Array, tolerance2: number): number {
  const { nearest, extent } = measure(points, dim, query)
  if (nearest < 0) return Number.POSITIVE_INFINITY
  const rounding = 1e-10 * extent
  const seen = (index: number): Float64Array => query.map((value, d) => points[index * dim + d] - value)
  let indices = [nearest]
  let corral = [seen(nearest)]
  let weights = [1]
  let x = corral[0]
  for (let major = 0; major < 10 * (dim + 2) + 50; major++) {
    const norm = dot(x, x)
    if (norm <= rounding) return 0
    if (norm <= tolerance2) return norm
    const best = support(points, dim, x)
    const towards = seen(best)
    // The hull lies beyond the plane through the supporting point, so this is a bound from below.
    const bound = dot(x, towards)
    if (norm - bound <= rounding || indices.includes(best) || (bound > 0 && bound * bound > tolerance2 * norm))
      return norm
    indices.push(best)
    corral.push(towards)
    weights.push(0)
    // Minor cycle: move to the least-norm point of the corral's affine hull, dropping points until it lies inside.
    for (;;) {
      const affine = affineWeights(corral, extent)
      if (affine === undefined) return norm
      if (affine.every((weight) => weight > WEIGHTLESS)) {
        weights = affine
        break
      }
      let step = 1
      for (let k = 0; k < affine.length; k++)
        if (affine[k] <= WEIGHTLESS) step = Math.min(step, weights[k] / Math.max(weights[k] - affine[k], 1e-300))
      weights = weights.map((weight, k) => weight + step * (affine[k] - weight))
      const kept = weights.map((weight) => weight > WEIGHTLESS)
      indices = indices.filter((_, k) => kept[k])
      corral = corral.filter((_, k) => kept[k])
      weights = weights.filter((_, k) => kept[k])
      if (corral.length === 0) return norm
    }
    x = new Float64Array(dim)
    for (let k = 0; k < corral.length; k++) for (let d = 0; d < dim; d++) x[d] += weights[k] * corral[k][d]
  }
  return dot(x, x)
}

/** The point nearest to the query, -1 when there is none, and the squared distance of the farthest. */
function measure(points: Float64Array, dim: number, query: Float64Array): { nearest: number; extent: number } {
  let nearest = -1
  let least = Number.POSITIVE_INFINITY
  let extent = 0
  for (let at = 0; at < points.length; at += dim) {
    let norm = 0
    for (let d = 0; d < dim; d++) {
      const value = points[at + d] - query[d]
      norm += value * value
    }
    if (norm > extent) extent = norm
    if (norm < least) {
      least = norm
      nearest = at / dim
    }
  }
  return { nearest, extent }
}

/** Index of the point with the smallest product with `direction`. */
function support(points: Float64Array, dim: number, direction: Float64Array): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < points.length; at += dim) {
    let product = 0
    for (let d = 0; d < dim; d++) product += points[at + d] * direction[d]
    if (product < least) {
      least = product
      best = at
    }
  }
  return best / dim
}

/**
 * Weights (sum 1) of the least-norm point of an affine hull: solves (G + 1 1ᵀ) w ∝ 1 with the Gram matrix G in units of
 * the squared extent. Undefined when the points are affinely dependent.
 */
function affineWeights(points: readonly Float64Array[], extent: number): number[] | undefined {
  const k = points.length
  const matrix = points.map((a) => points.map((b) => 1 + dot(a, b) / extent))
  const rhs = Array.from({ length: k }, () => 1)
  for (let i = 0; i < k; i++) {
    let pivot = i
    for (let r = i + 1; r < k; r++) if (Math.abs(matrix[r][i]) > Math.abs(matrix[pivot][i])) pivot = r
    ;[matrix[i], matrix[pivot]] = [matrix[pivot], matrix[i]]
    ;[rhs[i], rhs[pivot]] = [rhs[pivot], rhs[i]]
    if (Math.abs(matrix[i][i]) < 1e-13) return undefined
    for (let r = i + 1; r < k; r++) {
      const factor = matrix[r][i] / matrix[i][i]
      for (let c = i; c < k; c++) matrix[r][c] -= factor * matrix[i][c]
      rhs[r] -= factor * rhs[i]
    }
  }
  for (let i = k - 1; i >= 0; i--) {
    for (let c = i + 1; c < k; c++) rhs[i] -= matrix[i][c] * rhs[c]
    rhs[i] /= matrix[i][i]
  }
  const sum = rhs.reduce((total, value) => total + value, 0)
  return Number.isFinite(sum) && Math.abs(sum) > 1e-300 ? rhs.map((value) => value / sum) : undefined
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}
