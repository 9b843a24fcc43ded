import type { RandomStream, RowSplit, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, starGroups } from '@astrolabel/spectra'
import { nearPositions } from './near-positions.js'
import { nearSpectra } from './near-spectra.js'

/** A test row that a training row gives away. */
export interface SplitLeak {
  readonly by: 'star' | 'position' | 'spectrum'
  readonly testRow: number
  readonly testStar: string
  readonly trainRow: number
  readonly trainStar: string
  /** Arc seconds for a position, correlation of the noise for a spectrum; null for a star. */
  readonly value: number | null
}

/** Whether test stars are trained on, under their own name or another. */
export interface SplitAudit {
  readonly train: number
  readonly test: number
  /** Test rows given away in any of the ways. */
  readonly leaking: number
  readonly leaks: readonly SplitLeak[]
  /** Test rows that had no position, and could not be looked for on the sky. */
  readonly withoutPosition: number
  readonly verdict: 'clean' | 'leak'
  readonly text: string
}

/** How near two positions are the same star. */
const RADIUS = 3

/**
 * Look for test stars among the training stars: by star id or group, by position, and by spectra whose noise is the same,
 * which is one observation under two names.
 *
 * @param spectra Normalised, both parts together. @throws `audit/split` for a part without rows.
 */
export function auditSplit(
  spectra: Spectra,
  split: RowSplit,
  random: RandomStream,
  options: RunOptions & { /** Arc seconds; 3. */ readonly radius?: number } = {},
): SplitAudit {
  const { train, test } = split
  const stray = [...Array.from(train), ...Array.from(test)].find((row) => !(row >= 0 && row < spectra.n))
  if (train.length === 0 || test.length === 0 || stray !== undefined)
    throw new AstrolabelError('audit/split', 'A split to audit has rows on both of its sides', {
      got: stray === undefined ? `${train.length} training and ${test.length} test rows` : `row ${stray}`,
      expected: `rows 0 to ${spectra.n - 1} on both`,
    })
  const groups = starGroups(spectra)
  const leak = (by: SplitLeak['by'], testRow: number, trainRow: number, value: number | null): SplitLeak => ({
    by,
    testRow,
    testStar: spectra.starId[testRow],
    trainRow,
    trainStar: spectra.starId[trainRow],
    value,
  })
  const rowOf = new Map(Array.from(train, (row) => [groups[row], row]))
  const byStar = Array.from(test).flatMap((row) => {
    const other = rowOf.get(groups[row])
    return other === undefined ? [] : [leak('star', row, other, null)]
  })
  const { ra, dec } = spectra
  const byPosition = nearPositions(ra, dec, train, test, options.radius ?? RADIUS).map((near) =>
    leak('position', near.test, near.train, near.separation),
  )
  const bySpectrum = nearSpectra(spectra, train, test, random, options).map((near) =>
    leak('spectrum', near.test, near.train, near.correlation),
  )
  const leaks = [...byStar, ...byPosition, ...bySpectrum]
  const leaking = new Set(leaks.map(({ testRow }) => testRow)).size
  const withoutPosition = Array.from(test).filter((row) => !Number.isFinite(ra[row] + dec[row])).length
  const unseen = withoutPosition > 0 ? ` ${withoutPosition} test rows have no position.` : ''
  const text =
    leaking === 0
      ? `None of ${test.length} test rows is a training star by id, by position or by its noise.`
      : `${leaking} of ${test.length} test rows are trained on: ${byStar.length} by star id, ${byPosition.length} by position, ` +
        `${bySpectrum.length} by the same noise. What they say of accuracy is too good.`
  return {
    train: train.length,
    test: test.length,
    leaking,
    leaks,
    withoutPosition,
    verdict: leaking === 0 ? 'clean' : 'leak',
    text: text + unseen,
  }
}
