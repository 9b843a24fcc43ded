import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { Points } from './check-points.js'
import { checkNeighbours, checkPoints } from './check-points.js'
import { nearestNeighbours } from './nearest-neighbours.js'
import { SquaredDistances } from './squared-distances.js'
import { pairAffinities, pairDivergence } from './tsne.js'

/**
 * How far the neighbours in a map are neighbours in the data (Venna & Kaski 2001): 1 when all of them are, about one
 * half for a map made at random.
 *
 * T = 1 − 2 / (n k (2n − 3k − 1)) Σ_i Σ_j max(0, r(i, j) − k), over the k nearest j of i in the map, with r(i, j) the
 * rank of j among the neighbours of i in the data.
 *
 * @param map (n × 2) or points of any width. @param k below n / 2.
 * @throws `embedding/data`, `embedding/neighbours`. Cost: n² (width + k).
 */
export function trustworthiness(data: Points, map: Points, k: number, options: RunOptions = {}): number {
  const { n } = data
  checkPoints(data)
  checkNeighbours(2 * k, n)
  const near = nearestNeighbours(map, k, { signal: options.signal })
  const distances = new SquaredDistances(data)
  const room = distances.room()
  let missed = 0
  for (let from = 0; from < n;) {
    throwIfAborted(options)
    const rows = distances.rows(from, 0, room)
    for (let r = 0; r < rows; r++) {
      const i = from + r
      const row = room.subarray(r * n, (r + 1) * n)
      // Nothing is nearer than the point itself, which has no rank.
      row[i] = -1
      for (let at = i * k; at < (i + 1) * k; at++) {
        const j = near.index[at]
        const d2 = row[j]
        let rank = 0
        for (let other = 0; other < n; other++) if (row[other] < d2 || (row[other] === d2 && other < j)) rank++
        if (rank > k) missed += rank - k
      }
    }
    from += rows
    options.onProgress?.(from, n)
  }
  return 1 - (2 * missed) / (n * k * (2 * n - 3 * k - 1))
}

/**
 * Kullback–Leibler divergence of a map from the data, nats, with the repulsion summed over all pairs exactly: what
 * t-SNE makes small, for a map by any program.
 *
 * @param map (n × 2). @throws `embedding/data`, `embedding/neighbours`. Cost: n² width.
 */
export function mapDivergence(data: Points, map: Float64Array, perplexity = 30): number {
  checkPoints({ n: data.n, width: 2, values: map })
  let total = 0
  for (let i = 0; i < data.n; i++)
    for (let j = 0; j < i; j++)
      total += 2 / (1 + (map[2 * i] - map[2 * j]) ** 2 + (map[2 * i + 1] - map[2 * j + 1]) ** 2)
  return pairDivergence(pairAffinities(data, perplexity), map, total, 1)
}
