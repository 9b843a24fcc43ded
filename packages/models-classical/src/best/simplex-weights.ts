import { solveSmall } from '../linear/solve-small.js'

/** Rounds of weighing rows anew, after which the mean absolute difference no longer falls to four digits. */
const ROUNDS = 20

/** Differences below this part of the median one count as much as one of that size: else a single row would hold all. */
const LEAST = 0.05

/** Added to the diagonal, as a part of it: candidates that say the same may share the weight as they like. */
const RIDGE = 1e-8

/**
 * Weights, none below 0 and 1 in all, of the mean of candidates with the least mean absolute difference from the truth
 * (stacking: Wolpert 1992, Breiman 1996), by weighted squares in rounds. Each round is exact: of all sets of candidates
 * the one whose least squares are smallest and need no weight below 0.
 *
 * @param residuals What each candidate leaves of each row, (candidates) of (rows): of rows that it has not seen.
 * @returns (candidates). Cost: rows × candidates² and 2^candidates × candidates³ a round.
 */
export function simplexWeights(residuals: readonly Float64Array[]): Float64Array {
  const count = residuals.length
  const rows = residuals[0]!.length
  let best = oneOf(count, leastAbsolute(residuals))
  let least = meanAbsolute(blend(residuals, best))
  let left = blend(residuals, new Float64Array(count).fill(1 / count))
  for (let round = 0; round < ROUNDS; round++) {
    const sizes = left.map(Math.abs).sort()
    const floor = Math.max(LEAST * sizes[Math.floor(rows / 2)]!, Number.MIN_VALUE)
    const products = new Float64Array(count * count)
    for (let row = 0; row < rows; row++) {
      const weight = 1 / Math.max(Math.abs(left[row]!), floor)
      for (let a = 0; a < count; a++)
        for (let b = 0; b <= a; b++) products[a * count + b]! += weight * residuals[a]![row]! * residuals[b]![row]!
    }
    const weights = leastOnSimplex(products, count)
    left = blend(residuals, weights)
    const now = meanAbsolute(left)
    if (now < least) [best, least] = [weights, now]
  }
  return best
}

/** The candidate with the least mean absolute residual; the first of equals. */
export function leastAbsolute(residuals: readonly Float64Array[]): number {
  const scores = residuals.map(meanAbsolute)
  return scores.indexOf(Math.min(...scores))
}

/** Weights that are 1 for one candidate and 0 for the others. */
export function oneOf(count: number, chosen: number): Float64Array {
  const out = new Float64Array(count)
  out[chosen] = 1
  return out
}

/** Weighted sum of columns. */
export function blend(columns: readonly Float64Array[], weights: Float64Array): Float64Array {
  const out = new Float64Array(columns[0]!.length)
  columns.forEach((column, c) => {
    // What is not used may be missing.
    if (weights[c]! > 0) for (let row = 0; row < out.length; row++) out[row]! += weights[c]! * column[row]!
  })
  return out
}

export function meanAbsolute(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value) / values.length, 0)
}

/** The w on the simplex with the least wᵀ P w (lower triangle given): the best of the sets whose optimum lies inside. */
function leastOnSimplex(products: Float64Array, count: number): Float64Array {
  let best = new Float64Array(count)
  let least = Infinity
  for (let set = 1; set < 2 ** count; set++) {
    const members = Array.from({ length: count }, (_, c) => c).filter((c) => (set >> c) & 1)
    const m = members.length
    const block = Float64Array.from({ length: m * m }, (_, at) => {
      const [a, b] = [members[Math.floor(at / m)]!, members[at % m]!]
      return products[Math.max(a, b) * count + Math.min(a, b)]! * (a === b ? 1 + RIDGE : 1)
    })
    const solved = solveSmall(block, m, new Float64Array(m).fill(1))
    const total = solved.reduce((sum, value) => sum + value, 0)
    // At the optimum P w = λ 1 with λ = 1 / total, which is also the value there.
    if (!(total > 0) || solved.some((value) => value < 0) || !(1 / total < least)) continue
    least = 1 / total
    best = new Float64Array(count)
    members.forEach((c, i) => (best[c] = solved[i]! / total))
  }
  return best
}
