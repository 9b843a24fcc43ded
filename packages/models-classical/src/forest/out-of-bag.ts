import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { Forest } from './forest.js'
import { leafOf, treeCount } from './forest.js'
import { checkFeatures } from './predict-forest.js'

/**
 * Labels of the training rows as the trees see them that did not grow on them (Breiman 1996): an honest error without
 * a held-out part. Rows that belong together (visits of a star) must not be split between trees to keep it honest.
 *
 * @param x Features of the training rows, (n × width), in the order of training; columns may have been shuffled.
 * @returns (n × L); NaN where every tree grew on the row, or none of the others knows the label. Cost: n × trees × depth.
 */
export function predictOutOfBag(forest: Forest, x: Float32Array, n: number, options: RunOptions = {}): Float64Array {
  checkFeatures(forest, x, n)
  const { labels, width, value } = forest
  const out = new Float64Array(n * labels)
  const known = new Float64Array(n * labels)
  const trees = treeCount(forest)
  for (let tree = 0; tree < trees; tree++) {
    throwIfAborted(options)
    const seen = rowsOfTree(forest, tree, n)
    for (let row = 0; row < n; row++) {
      if (seen[row] === 1) continue
      const leaf = leafOf(forest, tree, x, row * width)
      for (let l = 0; l < labels; l++) {
        const label = value[leaf * labels + l]!
        if (Number.isNaN(label)) continue
        out[row * labels + l]! += label
        known[row * labels + l]!++
      }
    }
    options.onProgress?.(tree + 1, trees)
  }
  for (let i = 0; i < out.length; i++) out[i]! /= known[i]!
  return out
}

/** Of each of `n` training rows, 1 where a tree grew on it. */
export function rowsOfTree({ roots, memberStart, members }: Forest, tree: number, n: number): Uint8Array {
  const seen = new Uint8Array(n)
  const to = memberStart[roots[tree + 1]!]!
  for (let at = memberStart[roots[tree]!]!; at < to; at++) seen[members[at]!] = 1
  return seen
}

/**
 * Weighted root mean square of what is wrong with each label, over the rows that have it and a prediction.
 *
 * @param y Labels, (n × L); NaN where missing. @param weights (n × L); all 1. @returns (L), NaN where nothing is known.
 */
export function labelErrors(
  predicted: Float64Array,
  y: Float64Array,
  labels: number,
  weights?: Float64Array,
): Float64Array {
  const squares = new Float64Array(labels)
  const counted = new Float64Array(labels)
  for (let i = 0; i < y.length; i++) {
    const off = predicted[i]! - y[i]!
    const weight = weights?.[i] ?? 1
    if (Number.isNaN(off) || !(weight > 0)) continue
    squares[i % labels]! += weight * off * off
    counted[i % labels]! += weight
  }
  return squares.map((square, l) => Math.sqrt(square / counted[l]!))
}
