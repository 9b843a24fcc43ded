/** What boosting makes small: squares, or the pinball loss whose best constant is a quantile (Koenker & Bassett 1978). */
export type BoostingLoss = 'squares' | { readonly quantile: number }

/** What a tree is grown on where `left` is what the trees so far leave of a label: the slope of the loss. */
export function slope(loss: BoostingLoss, left: number): number {
  if (loss === 'squares') return left
  return left >= 0 ? loss.quantile : loss.quantile - 1
}

/** Loss of one label of one row. */
export function lossOf(loss: BoostingLoss, left: number): number {
  return left * slope(loss, left)
}

/** The constant of least loss for weighted values: their mean, or their quantile; 0 without weight. */
export function bestConstant(loss: BoostingLoss, values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(total > 0)) return 0
  if (loss === 'squares') return values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!)
  let reached = 0
  let lower: number | undefined
  for (const i of order) {
    // A level between two values is met by both, and by what lies between.
    if (lower !== undefined) return (lower + values[i]!) / 2
    reached += weights[i]!
    if (reached > loss.quantile * total) return values[i]!
    if (reached === loss.quantile * total) lower = values[i]!
  }
  return values[order.at(-1)!]!
}
