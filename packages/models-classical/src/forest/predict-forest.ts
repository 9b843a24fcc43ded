import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import type { Forest } from './forest.js'
import { leafOf, treeCount } from './forest.js'

/** Rows that go through one tree before the next: their features stay in the cache, the tree's nodes too. */
const BLOCK_ROWS = 256

/**
 * Mean of the trees' labels for each row.
 *
 * @param x Features, (n × width) row-major. @returns (n × L); NaN for a label that no tree knows.
 * @throws `forest/data` when the features do not fit the forest. Cost: n × trees × depth.
 */
export function predictForest(forest: Forest, x: Float32Array, n: number, options: RunOptions = {}): Float64Array {
  checkFeatures(forest, x, n)
  const { labels, value, width } = forest
  const trees = treeCount(forest)
  const sum = new Float64Array(n * labels)
  const known = new Uint32Array(n * labels)
  for (let start = 0; start < n; start += BLOCK_ROWS) {
    throwIfAborted(options)
    const end = Math.min(n, start + BLOCK_ROWS)
    for (let tree = 0; tree < trees; tree++) {
      for (let row = start; row < end; row++) {
        const leaf = leafOf(forest, tree, x, row * width) * labels
        for (let l = 0; l < labels; l++) {
          const label = value[leaf + l]!
          if (Number.isNaN(label)) continue
          sum[row * labels + l]! += label
          known[row * labels + l]!++
        }
      }
    }
    options.onProgress?.(end, n)
  }
  return sum.map((total, i) => total / known[i]!)
}

/** Fails with `forest/data` unless there are `n` rows of the features that the forest grew on. */
export function checkFeatures({ width }: Forest, x: Float32Array, n: number): void {
  if (x.length === n * width) return
  throw new AstrolabelError('forest/data', 'Features do not fit the forest', {
    got: `${x.length} numbers`,
    expected: `${n} rows of ${width}`,
  })
}
