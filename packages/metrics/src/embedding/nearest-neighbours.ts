import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { Points } from './check-points.js'
import { checkNeighbours, checkPoints } from './check-points.js'
import { SquaredDistances } from './squared-distances.js'

/** The nearest other points of each point. */
export interface Neighbours {
  readonly k: number
  /** (n × k) rows of the neighbours, nearest first. */
  readonly index: Int32Array
  /** (n × k) squared Euclidean distances, ascending. */
  readonly distance2: Float64Array
}

/**
 * The k nearest other points of each point, exactly; of equally near ones the first.
 *
 * @throws `embedding/data`, `embedding/neighbours`. Cost: n² × width / 2, memory n × k.
 */
export function nearestNeighbours(points: Points, k: number, options: RunOptions = {}): Neighbours {
  const { n } = points
  checkPoints(points)
  checkNeighbours(k, n)
  const index = new Int32Array(n * k)
  const distance2 = new Float64Array(n * k).fill(Number.POSITIVE_INFINITY)
  const distances = new SquaredDistances(points)
  const room = distances.room()
  for (let from = 0; from < n;) {
    throwIfAborted(options)
    const rows = distances.rows(from, from, room)
    for (let r = 0; r < rows; r++) {
      const i = from + r
      for (let j = i + 1; j < n; j++) {
        const d2 = room[r * n + j]
        if (d2 < distance2[i * k]) replaceFarthest(index, distance2, i * k, k, j, d2)
        if (d2 < distance2[j * k]) replaceFarthest(index, distance2, j * k, k, i, d2)
      }
    }
    from += rows
    options.onProgress?.(from, n)
  }
  for (let i = 0; i < n; i++) sortHeap(index, distance2, i * k, k)
  return { k, index, distance2 }
}

/** Put a nearer point in the place of the farthest, which is the root of the heap that begins at `start`. */
function replaceFarthest(
  index: Int32Array,
  distance2: Float64Array,
  start: number,
  k: number,
  point: number,
  d2: number,
): void {
  let hole = 0
  for (;;) {
    let child = 2 * hole + 1
    if (child >= k) break
    if (child + 1 < k && distance2[start + child + 1] > distance2[start + child]) child++
    if (distance2[start + child] <= d2) break
    distance2[start + hole] = distance2[start + child]
    index[start + hole] = index[start + child]
    hole = child
  }
  distance2[start + hole] = d2
  index[start + hole] = point
}

/** Turn a heap into ascending order. */
function sortHeap(index: Int32Array, distance2: Float64Array, start: number, k: number): void {
  for (let last = k - 1; last > 0; last--) {
    const d2 = distance2[start + last]
    const point = index[start + last]
    const farthest = distance2[start]
    const farthestPoint = index[start]
    replaceFarthest(index, distance2, start, last, point, d2)
    distance2[start + last] = farthest
    index[start + last] = farthestPoint
  }
}
