/**
 * Squared distance of a point from the convex hull of others, by Wolfe's (1976) algorithm for the point of least norm
 * in a polytope. Stops early as soon as the point is known to be outside by more than `tolerance`, when only that is
 * asked.
 *
 * @param points (n × dim) row-major, finite.
 * @param query (dim)
 * @returns Squared distance; values below 1e-9 of the points' squared extent mean inside.
 *
 * Cost: O(n dim) a step, about dim to 3 dim steps.
 */
export function distanceToHull(points: Float64Array, dim: number, query: Float64Array): number {
  const n = points.length / dim
  if (n === 0) return Number.POSITIVE_INFINITY
  const shifted = new Float64Array(points.length)
  let extent = 0
  for (let i = 0; i < n; i++) {
    let norm = 0
    for (let d = 0; d < dim; d++) {
      const value = points[i * dim + d] - query[d]
      shifted[i * dim + d] = value
      norm += value * value
    }
    extent = Math.max(extent, norm)
  }
  const tolerance = 1e-10 * extent
  const point = (i: number): Float64Array => shifted.subarray(i * dim, (i + 1) * dim)
  let corral = [support(shifted, dim, new Float64Array(dim).fill(1))]
  let weights = [1]
  let x = Float64Array.from(point(corral[0]))
  for (let major = 0; major < 10 * (dim + 2) + 50; major++) {
    const norm = dot(x, x)
    if (norm <= tolerance) return 0
    const best = support(shifted, dim, x)
    if (norm - dot(x, point(best)) <= tolerance || corral.includes(best)) return norm
    corral.push(best)
    weights.push(0)
    // Minor cycle: move to the least-norm point of the corral's affine hull, dropping points until it lies inside.
    for (;;) {
      const affine = affineWeights(corral.map(point))
      if (affine === undefined) {
        corral.pop()
        weights.pop()
        return norm
      }
      if (affine.every((weight) => weight > 1e-12)) {
        weights = affine
        break
      }
      let step = 1
      for (let k = 0; k < affine.length; k++) if (affine[k] <= 1e-12) step = Math.min(step, weights[k] / Math.max(weights[k] - affine[k], 1e-300))
      weights = weights.map((weight, k) => weight + step * (affine[k] - weight))
      const kept = weights.map((weight) => weight > 1e-12)
      corral = corral.filter((_, k) => kept[k])
      weights = weights.filter((_, k) => kept[k])
      if (corral.length === 0) return norm
    }
    x = new Float64Array(dim)
    corral.forEach((index, k) => {
      for (let d = 0; d < dim; d++) x[d] += weights[k] * shifted[index * dim + d]
    })
  }
  return dot(x, x)
}

/** Index of the point with the smallest product with `direction`. */
function support(points: Float64Array, dim: number, direction: Float64Array): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < points.length / dim; i++) {
    let product = 0
    for (let d = 0; d < dim; d++) product += points[i * dim + d] * direction[d]
    if (product < least) {
      least = product
      best = i
    }
  }
  return best
}

/**
 * Weights (sum 1) of the least-norm point of an affine hull: solves (G + 1 1ᵀ) w ∝ 1 with the Gram matrix G.
 * Undefined when the points are affinely dependent.
 */
function affineWeights(points: readonly Float64Array[]): number[] | undefined {
  const k = points.length
  const matrix = points.map((a) => points.map((b) => 1 + dot(a, b)))
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
