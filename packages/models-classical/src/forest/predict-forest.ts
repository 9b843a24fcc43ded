import type { PackedForest } from '@astrolabel/kernels'
import { sumLeaves } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import type { Forest } from './forest.js'
import { treeCount } from './forest.js'

/** Rows between two looks at the signal. */
const BLOCK_ROWS = 16_384

/**
 * Mean of the trees' labels for each row.
 *
 * @param x Features, (n × width) row-major. @returns (n × L); NaN for a label that no tree knows.
 * @throws `forest/data` when the features do not fit the forest. Cost: n × trees × depth.
 */
export function predictForest(forest: Forest, x: Float32Array, n: number, options: RunOptions = {}): Float64Array {
  checkFeatures(forest, x, n)
  const { labels, width } = forest
  const out = new Float64Array(n * labels)
  const { sums, counts } = knownLeaves(forest)
  for (let start = 0; start < n; start += BLOCK_ROWS) {
    throwIfAborted(options)
    const end = Math.min(n, start + BLOCK_ROWS)
    const rows = x.subarray(start * width, end * width)
    const part = out.subarray(start * labels, end * labels)
    sumLeaves(sums, rows, end - start, part)
    const known = new Float64Array(part.length)
    if (counts === undefined) known.fill(treeCount(forest))
    else sumLeaves(counts, rows, end - start, known)
    for (let i = 0; i < part.length; i++) part[i]! /= known[i]!
    options.onProgress?.(end, n)
  }
  return out
}

/**
 * The forest with 0 where a leaf does not know a label, because it was missing in training, and one that says which
 * leaves know it: the mean is over those. Without gaps there is nothing to count.
 */
export function knownLeaves(forest: Forest): { sums: PackedForest; counts: PackedForest | undefined } {
  const { value } = forest
  if (!value.some(Number.isNaN)) return { sums: forest, counts: undefined }
  return {
    sums: { ...forest, value: value.map((label) => (Number.isNaN(label) ? 0 : label)) },
    counts: { ...forest, value: value.map((label) => (Number.isNaN(label) ? 0 : 1)) },
  }
}

/** Fails with `forest/data` unless there are `n` rows of the features that the forest grew on. */
export function checkFeatures({ width }: Forest, x: Float32Array, n: number): void {
  if (x.length === n * width) return
  throw new AstrolabelError('forest/data', 'Features do not fit the forest', {
    got: `${x.length} numbers`,
    expected: `${n} rows of ${width}`,
  })
}
