import type { Forest } from './forest.js'

/**
 * Importance of each feature: its part of what all splits of the forest explain (mean decrease of impurity).
 *
 * @returns (width), adds up to 1; 0 everywhere when no tree has a split.
 */
export function impurityImportance({ feature, gain, width }: Forest): Float64Array {
  const out = new Float64Array(width)
  let total = 0
  for (let node = 0; node < feature.length; node++) {
    if (feature[node]! < 0) continue
    out[feature[node]!]! += gain[node]!
    total += gain[node]!
  }
  return total > 0 ? out.map((part) => part / total) : out
}
