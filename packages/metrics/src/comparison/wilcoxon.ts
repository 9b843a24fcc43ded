import { twoSidedP } from '../normal-distribution.js'

/** Exact null distributions up to this many pairs; the normal approximation is good to a per cent above. */
const EXACT_UP_TO = 50

/** Result of {@link wilcoxonSignedRank}. */
export interface SignedRankTest {
  /** Pairs that differ. */
  readonly n: number
  /** Sum of the ranks of the positive differences. */
  readonly wPlus: number
  /** Two-sided; 1 when no pair differs. */
  readonly p: number
}

/**
 * Wilcoxon's signed-rank test that paired differences lie symmetrically about 0; zeros are dropped, ties share their mean
 * rank.
 *
 * @param difference (n), no NaN. Exact for up to 50 pairs without ties, else the normal approximation with the variance
 * of ties and no continuity correction. Cost: n log n.
 */
export function wilcoxonSignedRank(difference: Float64Array): SignedRankTest {
  const known = difference.filter((d) => d !== 0)
  const n = known.length
  if (n === 0) return { n, wPlus: 0, p: 1 }
  const order = Array.from(known, (_, i) => i).sort((a, b) => Math.abs(known[a]) - Math.abs(known[b]))
  let wPlus = 0
  let ties = 0
  for (let start = 0; start < n;) {
    let end = start + 1
    while (end < n && Math.abs(known[order[end]]) === Math.abs(known[order[start]])) end++
    const rank = (start + 1 + end) / 2
    for (let k = start; k < end; k++) if (known[order[k]] > 0) wPlus += rank
    const size = end - start
    ties += size ** 3 - size
    start = end
  }
  if (n <= EXACT_UP_TO && ties === 0) return { n, wPlus, p: exactP(n, wPlus) }
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48
  return { n, wPlus, p: twoSidedP((wPlus - (n * (n + 1)) / 4) / Math.sqrt(variance)) }
}

/** Share of the 2ⁿ choices of signs whose rank sum is at least as far from its mean. */
function exactP(n: number, wPlus: number): number {
  const total = (n * (n + 1)) / 2
  const share = new Float64Array(total + 1)
  share[0] = 1
  for (let rank = 1; rank <= n; rank++)
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--)
      share[sum] = (share[sum] + (sum >= rank ? share[sum - rank] : 0)) / 2
  const near = Math.min(wPlus, total - wPlus)
  let tail = 0
  for (let sum = 0; sum <= near; sum++) tail += share[sum]
  return Math.min(1, 2 * tail)
}
