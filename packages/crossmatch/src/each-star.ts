import type { SearchOptions } from './search-options.js'
import type { UnitVectors } from './sky/sky-positions.js'

/** Searches between two progress reports. */
const REPORT_EVERY = 65_536

/**
 * Calls `visit` for each star of a list, with progress reports, stopping between two of them when asked to.
 *
 * @param order indices of stars, as visitingOrder gives them, or some of these
 * @param visit gets the star's row and its unit vector
 */
export function eachStar(
  stars: UnitVectors,
  order: Int32Array,
  { signal, onProgress }: Pick<SearchOptions, 'signal' | 'onProgress'>,
  visit: (row: number, x: number, y: number, z: number) => void,
): void {
  const { xyz, row } = stars
  const count = order.length
  for (let done = 0; done < count;) {
    signal?.throwIfAborted()
    const end = Math.min(done + REPORT_EVERY, count)
    for (; done < end; done++) {
      const star = order[done]!
      visit(row[star]!, xyz[3 * star]!, xyz[3 * star + 1]!, xyz[3 * star + 2]!)
    }
    onProgress?.(done, count)
  }
  signal?.throwIfAborted()
}
