import type { Neighbours } from './nearest-neighbours.js'

/**
 * Joint probabilities of pairs of points, each pair once: p_ij = p_ji for i < j, summing to one half, since the other
 * half belongs to the pairs the other way round.
 */
export interface Affinities {
  readonly n: number
  /** (n + 1) where the pairs of each point begin. */
  readonly start: Int32Array
  /** The other point of each pair, above the row. */
  readonly other: Int32Array
  readonly p: Float64Array
}

/** Steps of the search for the width of a Gaussian, and the error of the entropy at which it ends (scikit-learn's). */
const SEARCH_STEPS = 100
const ENTROPY_TOLERANCE = 1e-5

/**
 * Affinities of t-SNE (van der Maaten & Hinton 2008, eqs 1 and 2): a Gaussian around each point over its nearest
 * neighbours, as wide as gives the perplexity, made symmetric.
 */
export function affinities(neighbours: Neighbours, n: number, perplexity: number): Affinities {
  const { k, index } = neighbours
  const conditional = conditionals(neighbours, n, perplexity)
  // The pair (i, j) comes from i, from j or from both: sort what each says under the lower of the two.
  const start = new Int32Array(n + 1)
  for (let at = 0; at < n * k; at++) start[Math.min(Math.floor(at / k), index[at]) + 1]++
  for (let i = 0; i < n; i++) start[i + 1] += start[i]
  const fill = start.slice(0, n)
  const other = new Int32Array(n * k)
  const p = new Float64Array(n * k)
  for (let at = 0; at < n * k; at++) {
    const i = Math.floor(at / k)
    const j = index[at]
    const slot = fill[Math.min(i, j)]++
    other[slot] = Math.max(i, j)
    p[slot] = conditional[at]
  }
  return merged(n, start, other, p)
}

/** The sum over j of p_j|i is 1, and so their entropy is log perplexity. */
function conditionals({ k, distance2 }: Neighbours, n: number, perplexity: number): Float64Array {
  const target = Math.log(perplexity)
  const out = new Float64Array(n * k)
  for (let i = 0; i < n; i++) {
    const from = i * k
    // Distances above the smallest: the same probabilities, and no exponent that rounds to 0 for all of them.
    const nearest = distance2[from]
    let scale = 0
    for (let at = from; at < from + k; at++) scale += distance2[at] - nearest
    // Where all neighbours are equally far no width changes the entropy.
    let beta = scale > 0 ? k / scale : 1
    let low = 0
    let high = Number.POSITIVE_INFINITY
    for (let step = 0; step < SEARCH_STEPS; step++) {
      let sum = 0
      let weighted = 0
      for (let at = from; at < from + k; at++) {
        const d2 = distance2[at] - nearest
        const weight = Math.exp(-beta * d2)
        out[at] = weight
        sum += weight
        weighted += weight * d2
      }
      for (let at = from; at < from + k; at++) out[at] /= sum
      const excess = Math.log(sum) + (beta * weighted) / sum - target
      if (Math.abs(excess) <= ENTROPY_TOLERANCE) break
      if (excess > 0) low = beta
      else high = beta
      beta = high === Number.POSITIVE_INFINITY ? beta * 2 : (low + high) / 2
    }
  }
  return out
}

/** Add up the entries of a pair, and divide by their whole sum so that pairs both ways sum to one. */
function merged(n: number, start: Int32Array, other: Int32Array, p: Float64Array): Affinities {
  const kept = new Int32Array(n + 1)
  const slotOf = new Int32Array(n).fill(-1)
  let end = 0
  let total = 0
  for (let i = 0; i < n; i++) {
    const first = end
    for (let at = start[i]; at < start[i + 1]; at++) {
      const j = other[at]
      const value = p[at]
      total += value
      if (slotOf[j] >= first) p[slotOf[j]] += value
      else {
        slotOf[j] = end
        other[end] = j
        p[end++] = value
      }
    }
    for (let at = first; at < end; at++) slotOf[other[at]] = -1
    kept[i + 1] = end
  }
  return { n, start: kept, other: other.slice(0, end), p: p.slice(0, end).map((value) => value / (2 * total)) }
}
