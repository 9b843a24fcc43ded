const ROUNDS = 500
/** Part of the distance to which it is found: what lies nearer than that to 0 is inside. */
const PRECISION = 1e-3

/**
 * Distance of a point from the convex hull of others, 0 inside, by Gilbert's (1966) algorithm: from the hull's nearest
 * point so far towards the point that lies farthest the other way.
 *
 * @param hull (n × width) row-major, n of 1 or more. @param point (width).
 * @param tolerance Distance that counts as 0. Cost: n × width a step, few steps but near the surface.
 */
export function hullDistance(hull: Float64Array, width: number, point: Float64Array, tolerance: number): number {
  const n = hull.length / width
  const x = new Float64Array(width)
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < n; i++) {
    let square = 0
    for (let d = 0; d < width; d++) square += (hull[i * width + d] - point[d]) ** 2
    if (square < nearest) {
      nearest = square
      for (let d = 0; d < width; d++) x[d] = hull[i * width + d] - point[d]
    }
  }
  let square = nearest
  for (let round = 0; round < ROUNDS; round++) {
    if (square <= tolerance * tolerance) return 0
    let least = Number.POSITIVE_INFINITY
    let at = 0
    for (let i = 0; i < n; i++) {
      let product = 0
      for (let d = 0; d < width; d++) product += (hull[i * width + d] - point[d]) * x[d]
      if (product < least) {
        least = product
        at = i * width
      }
    }
    // The hull lies beyond the plane through that point: least / |x| bounds its distance from below.
    if (square - least <= PRECISION * square) break
    let along = 0
    let length = 0
    for (let d = 0; d < width; d++) {
      const way = hull[at + d] - point[d] - x[d]
      along -= x[d] * way
      length += way * way
    }
    const step = Math.min(1, Math.max(0, along / length))
    square = 0
    for (let d = 0; d < width; d++) {
      x[d] += step * (hull[at + d] - point[d] - x[d])
      square += x[d] * x[d]
    }
  }
  return Math.sqrt(square)
}
