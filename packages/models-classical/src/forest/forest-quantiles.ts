import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { Forest } from './forest.js'
import { leafOf, treeCount } from './forest.js'
import { rowsOfTree } from './out-of-bag.js'
import { checkFeatures } from './predict-forest.js'

/**
 * Quantiles of the labels that the training rows have where a row falls (Meinshausen 2006): each tree gives its leaf's
 * rows equal parts of its weight.
 *
 * With `rows`, the features are those of the training rows themselves, and row i is judged by the trees that did not
 * grow on it (out of bag).
 *
 * @param x Features, (n × width). @param y Labels of the training rows, (N × L); NaN where missing.
 * @param levels In ascending order, each from 0 to 1.
 * @returns (n × L × levels), NaN where no tree can tell. Cost: n × (trees × depth + N).
 */
export function forestQuantiles(
  forest: Forest,
  x: Float32Array,
  n: number,
  y: Float64Array,
  levels: readonly number[],
  options: RunOptions & { readonly outOfBag?: boolean } = {},
): Float64Array {
  checkFeatures(forest, x, n)
  const { labels, width, memberStart, members } = forest
  const trees = treeCount(forest)
  const training = y.length / labels
  const orders = Array.from({ length: labels }, (_, l) => sortedRows(y, training, labels, l))
  const weight = new Float64Array(training)
  const out = new Float64Array(n * labels * levels.length).fill(Number.NaN)
  const grownOn =
    options.outOfBag === true
      ? Array.from({ length: trees }, (_, tree) => rowsOfTree(forest, tree, training))
      : undefined
  for (let row = 0; row < n; row++) {
    if (row % 256 === 0) throwIfAborted(options)
    weight.fill(0)
    for (let tree = 0; tree < trees; tree++) {
      if (grownOn?.[tree]![row] === 1) continue
      const leaf = leafOf(forest, tree, x, row * width)
      const share = 1 / (memberStart[leaf + 1]! - memberStart[leaf]!)
      for (let at = memberStart[leaf]!; at < memberStart[leaf + 1]!; at++) weight[members[at]!]! += share
    }
    for (let l = 0; l < labels; l++)
      weightedQuantiles(y, weight, orders[l]!, labels, l, levels, out, (row * labels + l) * levels.length)
    options.onProgress?.(row + 1, n)
  }
  return out
}

/** Rows that have label l, by its value. */
function sortedRows(y: Float64Array, n: number, labels: number, l: number): Int32Array {
  const rows = Int32Array.from({ length: n }, (_, row) => row).filter((row) => !Number.isNaN(y[row * labels + l]!))
  return rows.sort((a, b) => y[a * labels + l]! - y[b * labels + l]! || a - b)
}

/** The value at which the weights, added up in the order of the label, reach each level; between values a straight line. */
function weightedQuantiles(
  y: Float64Array,
  weight: Float64Array,
  order: Int32Array,
  labels: number,
  l: number,
  levels: readonly number[],
  out: Float64Array,
  start: number,
): void {
  let total = 0
  for (const row of order) total += weight[row]!
  if (total === 0) return
  let reached = 0
  let level = 0
  let before = Number.NaN
  let middleBefore = 0
  for (const row of order) {
    const own = weight[row]!
    if (own === 0) continue
    const value = y[row * labels + l]!
    // A value stands for the middle of its share.
    const middle = (reached + own / 2) / total
    while (level < levels.length && levels[level]! <= middle) {
      const part = (levels[level]! - middleBefore) / (middle - middleBefore)
      out[start + level++] = Number.isNaN(before) ? value : before + part * (value - before)
    }
    before = value
    middleBefore = middle
    reached += own
  }
  while (level < levels.length) out[start + level++] = before
}
