import type { BootstrapOptions } from './bootstrap.js'
import { checkBootstrap } from './bootstrap.js'
import { groupRows } from './group-rows.js'

/**
 * Bootstrap resamples that draw stars, not rows: all visits of a drawn star come along, so that they do not count as
 * independent.
 *
 * @param groups (n) star of each row.
 * @param visit Receives the rows of each resample, which may be longer or shorter than n; the buffer is reused.
 * @throws `metrics/bootstrap` when the options make no interval. Cost: `samples` × n.
 */
export function starResamples(
  groups: readonly string[],
  options: BootstrapOptions,
  visit: (rows: Int32Array, sample: number) => void,
): void {
  checkBootstrap(options)
  const stars = groupRows(groups)
  const buffer = new Int32Array(stars.length * stars.reduce((most, rows) => Math.max(most, rows.length), 0))
  for (let sample = 0; sample < options.samples && stars.length > 0; sample++) {
    let n = 0
    for (let star = 0; star < stars.length; star++)
      for (const row of stars[options.random.integer(stars.length)]) buffer[n++] = row
    visit(buffer.subarray(0, n), sample)
  }
}
