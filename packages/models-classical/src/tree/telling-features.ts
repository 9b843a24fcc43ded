import type { TrainingData } from '../training-data.js'

/**
 * Of each of `count` equal stretches of neighbouring features, the one whose best single split explains most of a label:
 * neighbouring pixels tell much the same, and a tree that may ask about all of them takes very long. A tree's first
 * question is among them. Features that do not split the rows are left out.
 *
 * @returns For each label the numbers of the features, ascending. Cost: n log n a feature.
 */
export function tellingFeatures(data: TrainingData, count: number): number[][] {
  const { n, x, width, y, labels } = data
  const explained = new Float64Array(labels * width)
  const order = Int32Array.from({ length: n }, (_, row) => row)
  const column = new Float32Array(n)
  for (let feature = 0; feature < width; feature++) {
    for (let row = 0; row < n; row++) column[row] = x[row * width + feature]!
    order.sort((a, b) => column[a]! - column[b]! || a - b)
    for (let l = 0; l < labels; l++) explained[l * width + feature] = bestSplit(column, order, y, labels, l)
  }
  const stretches = Math.min(count, width)
  return Array.from({ length: labels }, (_, l) => {
    const of = (feature: number): number => explained[l * width + feature]!
    return Array.from({ length: stretches }, (__, i) => {
      let best = Math.floor((i * width) / stretches)
      for (let feature = best + 1; feature < Math.floor(((i + 1) * width) / stretches); feature++)
        if (of(feature) > of(best)) best = feature
      return best
    }).filter((feature) => of(feature) > 0)
  })
}

/** By how much the best split of rows in order lowers the sum of squares of label l; 0 where none does. */
function bestSplit(column: Float32Array, order: Int32Array, y: Float64Array, labels: number, l: number): number {
  let count = 0
  let sum = 0
  for (const row of order) {
    const label = y[row * labels + l]!
    if (Number.isNaN(label)) continue
    count++
    sum += label
  }
  let best = 0
  let below = 0
  let sumBelow = 0
  let before = Number.NEGATIVE_INFINITY
  for (const row of order) {
    const label = y[row * labels + l]!
    if (Number.isNaN(label)) continue
    if (below > 0 && column[row]! > before) {
      const between = sumBelow ** 2 / below + (sum - sumBelow) ** 2 / (count - below) - sum ** 2 / count
      if (between > best) best = between
    }
    below++
    sumBelow += label
    before = column[row]!
  }
  return best
}
