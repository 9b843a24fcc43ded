import type { PackedForest } from '@astrolabel/kernels'
import { sumLeaves } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'

/** Trees whose values add up to a label: each was grown on what the ones before it leave. */
export interface BoostedTrees extends PackedForest {
  /** (L) what the labels start from. */
  readonly base: Float64Array
  /** (nodes) by how much a split lowers the sum of squares of what its tree was grown on; 0 in a leaf. */
  readonly gain: Float64Array
  /** (L) trees that say something of each label. */
  readonly rounds: Int32Array
}

/** Rows between two looks at the signal. */
const BLOCK_ROWS = 16_384

/**
 * Labels of rows, (n × L).
 *
 * @param x Features, (n × width) row-major. @throws `boosting/data` when they do not fit. Cost: n × trees × depth.
 */
export function predictBoosting(
  model: BoostedTrees,
  x: Float32Array,
  n: number,
  options: RunOptions = {},
): Float64Array {
  const { width, labels, base } = model
  if (x.length !== n * width)
    throw new AstrolabelError('boosting/data', 'Features do not fit the trees', {
      got: `${x.length} numbers`,
      expected: `${n} rows of ${width}`,
    })
  const out = Float64Array.from({ length: n * labels }, (_, i) => base[i % labels]!)
  for (let start = 0; start < n; start += BLOCK_ROWS) {
    throwIfAborted(options)
    const end = Math.min(n, start + BLOCK_ROWS)
    sumLeaves(model, x.subarray(start * width, end * width), end - start, out.subarray(start * labels, end * labels))
    options.onProgress?.(end, n)
  }
  return out
}
