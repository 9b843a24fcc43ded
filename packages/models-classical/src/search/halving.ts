import { AstrolabelError, RandomStream } from '@astrolabel/spectra'
import type { SearchSplit } from './fold-fits.js'

/** One round of a halving: how many candidates it begins with, and on what part of the training rows. */
export interface HalvingRound {
  readonly candidates: number
  readonly share: number
}

/**
 * Rounds of successive halving (Jamieson & Talwalkar 2016): all candidates on few training rows, the best `1 / factor` of
 * them on `factor` times as many, until the last round has all rows.
 *
 * @throws `search/halving` unless the factor is above 1.
 */
export function halvingRounds(candidates: number, factor: number): HalvingRound[] {
  if (!(factor > 1))
    throw new AstrolabelError('search/halving', 'A halving keeps one in `factor` of the candidates each round', {
      got: factor,
      expected: 'a number above 1, such as 3',
    })
  // The epsilon keeps 9 candidates of factor 3 at two halvings although log(9)/log(3) is 2.0000000000000004 on some machines.
  const rounds = Math.floor(Math.log(candidates) / Math.log(factor) + 1e-9) + 1
  return Array.from({ length: rounds }, (_, round) => ({
    candidates: Math.max(1, Math.ceil(candidates / factor ** round - 1e-9)),
    share: factor ** (round + 1 - rounds),
  }))
}

/**
 * Splits with a part of their training rows: the same rows for the same seed, and those of a smaller share are among those
 * of a larger. The rows tested stay.
 *
 * @param least Fewest training rows to keep.
 */
export function thinSplits(splits: readonly SearchSplit[], share: number, least: number, seed: number): SearchSplit[] {
  if (share >= 1) return [...splits]
  return splits.map(({ train, test }, fold) => {
    const order = RandomStream.independent(seed, fold + 1)[fold]!.permutation(train.length)
    const count = Math.min(train.length, Math.max(least, Math.round(share * train.length)))
    return { train: Int32Array.from(order.subarray(0, count), (at) => train[at]!).sort(), test }
  })
}
