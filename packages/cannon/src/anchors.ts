/**
 * Points spread over a cloud: the one nearest the centre, then again and again the one farthest from those chosen
 * (Gonzalez 1985). Fits start from the anchors that describe the star best.
 *
 * @param points (n × dim) row-major, scaled.
 * @returns Indices of at most `count` distinct points.
 * Cost: O(n dim count).
 */
export function spreadAnchors(points: Float64Array, dim: number, count: number): Int32Array {
  const n = points.length / dim
  const distance = new Float64Array(n)
  for (let i = 0; i < n; i++) for (let d = 0; d < dim; d++) distance[i] += points[i * dim + d] ** 2
  const chosen: number[] = []
  let next = distance.indexOf(distance.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY))
  distance.fill(Number.POSITIVE_INFINITY)
  while (chosen.length < Math.min(count, n) && next >= 0) {
    chosen.push(next)
    let farthest = -1
    let most = 0
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += (points[i * dim + d] - points[next * dim + d]) ** 2
      distance[i] = Math.min(distance[i], sum)
      if (distance[i] > most) {
        most = distance[i]
        farthest = i
      }
    }
    next = farthest
  }
  return Int32Array.from(chosen)
}
