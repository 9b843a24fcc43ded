import type { KernelPool, PoolCallOptions } from '@astrolabel/kernels/node'
import type { Forest } from './forest.js'
import { treeCount } from './forest.js'
import { checkFeatures, knownLeaves } from './predict-forest.js'

/** {@link predictForest} on the threads of a pool: the same numbers, bit for bit. */
export async function predictForestParallel(
  forest: Forest,
  x: Float32Array,
  n: number,
  pool: KernelPool,
  options: PoolCallOptions = {},
): Promise<Float64Array> {
  checkFeatures(forest, x, n)
  const out = new Float64Array(new SharedArrayBuffer(8 * n * forest.labels))
  const { sums, counts } = knownLeaves(forest)
  await pool.sumLeaves(sums, x, n, out, options)
  if (counts === undefined) return out.map((sum) => sum / treeCount(forest))
  const known = new Float64Array(out.length)
  await pool.sumLeaves(counts, x, n, known, options)
  return out.map((sum, i) => sum / known[i]!)
}
