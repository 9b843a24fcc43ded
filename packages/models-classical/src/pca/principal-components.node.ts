import { AstrolabelError } from '@astrolabel/spectra'
import type { PcaOptions, PrincipalComponents } from './principal-components.js'
import { centredRows, componentsOf, principalComponents } from './principal-components.js'
import { SplitRows } from './split-rows.node.js'

/**
 * {@link principalComponents} on several threads, each of which holds a part of the rows. The same components up to
 * rounding, and the same bytes for the same number of threads. The calling thread computes too, and waits for the others.
 *
 * @throws `pca/worker` when a thread dies, and what principalComponents throws.
 */
export async function principalComponentsParallel(
  x: Float32Array,
  n: number,
  width: number,
  count: number,
  options: PcaOptions & { readonly threads?: number } = {},
): Promise<PrincipalComponents> {
  const { threads = 1 } = options
  if (!Number.isInteger(threads) || threads < 1)
    throw new AstrolabelError('pca/threads', 'Bad number of threads', { got: threads, expected: '1 or more' })
  if (threads === 1) return principalComponents(x, n, width, count, options)
  const rows = centredRows(x, n, width, count)
  const split = new SplitRows(rows.centred, n, width, threads)
  try {
    return componentsOf(rows, split, n, width, count, options)
  } finally {
    await split.close()
  }
}
