import type { CrossmatchOptions, MatchResult, SearchOptions } from '@astrolabel/crossmatch'
import { allPairs, crossmatch, kNearest } from '@astrolabel/crossmatch'
import { crossmatchThreads } from '@astrolabel/crossmatch/node'
import type { Column, RunOptions, Table } from '@astrolabel/spectra'
import type { MatchOptions } from './match-options.js'
import { idsOf, pairsByIds } from './id-pairs.js'
import { namedColumn } from './named-column.js'
import type { SkyProblem } from './sky-columns.js'
import { sharedKey } from './shared-key.js'
import { skyProblem } from './sky-columns.js'

/** Which row of a is which row of b, by row of a. */
export interface Pairs {
  readonly indexA: Int32Array
  readonly indexB: Int32Array
  /** The identifier that decided; absent when it was the position. */
  readonly by?: string
  /** Arcsec; NaN where identifiers decided and a position is not known. */
  readonly separation: Float64Array
  /** What else is known of each pair: `candidates`, or `rank`. */
  readonly columns: readonly Column[]
  /** Stars of a with more than one candidate. */
  readonly ambiguous: number
  /** Rows that cannot match: without a position, or without an identifier. */
  readonly left: { readonly a: number; readonly b: number }
}

/** Stars of both catalogues from which threads are worth their start. */
const THREADS_FROM = 500_000

/**
 * Finds the pairs of two catalogues on the calling thread.
 *
 * @throws `table/no-column`, `crossmatch/…`, and what @astrolabel/crossmatch throws.
 */
export function findPairs(a: Table, b: Table, options: MatchOptions): Pairs {
  if (options.byId !== undefined) {
    const { a: nameA, b: nameB } = options.byId
    const [idsA, idsB] = [namedColumn(a, nameA, 'catalogue A'), namedColumn(b, nameB, 'catalogue B')].map(idsOf)
    return pairsByIds(a, b, idsA!, idsB!, nameA === nameB ? nameA : `${nameA}=${nameB}`)
  }
  const key = sharedKey(a, b, options)
  if (key !== undefined) return pairsByIds(a, b, key.a.values, key.b.values, key.name)
  return skyPairs(a, b, options)
}

function skyPairs(a: Table, b: Table, options: MatchOptions): Pairs {
  const sky = skyProblem(a, b, options)
  switch (options.mode ?? 'nearest') {
    case 'nearest':
      return nearestPairs(crossmatch(sky.a, sky.b, nearestOptions(sky, options)))
    case 'pairs':
      return everyPair(sky, options)
    case 'k':
      return kPairs(sky, options)
  }
}

/** {@link findPairs} on several threads, where the mode and the number of stars make that faster. */
export async function findPairsOnThreads(a: Table, b: Table, options: MatchOptions, threads: number): Promise<Pairs> {
  const nearest = options.byId === undefined && (options.mode ?? 'nearest') === 'nearest'
  if (threads === 1 || !nearest || a.n + b.n < THREADS_FROM) return findPairs(a, b, options)
  const key = sharedKey(a, b, options)
  if (key !== undefined) return pairsByIds(a, b, key.a.values, key.b.values, key.name)
  const sky = skyProblem(a, b, options)
  return nearestPairs(await crossmatchThreads(sky.a, sky.b, { ...nearestOptions(sky, options), threads }))
}

function nearestOptions(sky: SkyProblem, options: MatchOptions): CrossmatchOptions {
  return { radiusArcsec: sky.radius, oneToOne: options.oneToOne ?? true, ...searchOptions(sky, options) }
}

function searchOptions({ epoch }: SkyProblem, { signal, onProgress }: RunOptions): SearchOptions {
  return {
    ...(epoch === undefined ? {} : { epoch }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  }
}

function nearestPairs(match: MatchResult): Pairs {
  return {
    indexA: match.indexA,
    indexB: match.indexB,
    separation: match.separationArcsec,
    columns: [{ name: 'candidates', values: match.ambiguous.candidates }],
    ambiguous: match.ambiguous.a.length,
    left: match.withoutPosition,
  }
}

function everyPair(sky: SkyProblem, options: MatchOptions): Pairs {
  const pairs = allPairs(sky.a, sky.b, { radiusArcsec: sky.radius, ...searchOptions(sky, options) })
  const rank = new Int32Array(pairs.n)
  let ambiguous = 0
  for (let i = 0; i < pairs.n; i++) {
    rank[i] = i > 0 && pairs.indexA[i] === pairs.indexA[i - 1] ? rank[i - 1]! + 1 : 1
    if (rank[i] === 2) ambiguous++
  }
  return {
    indexA: pairs.indexA,
    indexB: pairs.indexB,
    separation: pairs.separationArcsec,
    columns: [{ name: 'rank', values: rank }],
    ambiguous,
    left: pairs.withoutPosition,
  }
}

function kPairs(sky: SkyProblem, options: MatchOptions): Pairs {
  const { k, count, index, separationArcsec, withoutPosition } = kNearest(sky.a, sky.b, {
    k: options.k ?? 2,
    radiusArcsec: sky.radius,
    ...searchOptions(sky, options),
  })
  const n = count.reduce((sum, found) => sum + found, 0)
  const indexA = new Int32Array(n)
  const indexB = new Int32Array(n)
  const separation = new Float64Array(n)
  const rank = new Int32Array(n)
  let at = 0
  for (let row = 0; row < count.length; row++) {
    for (let i = 0; i < count[row]!; i++) {
      indexA[at] = row
      indexB[at] = index[row * k + i]!
      separation[at] = separationArcsec[row * k + i]!
      rank[at++] = i + 1
    }
  }
  return {
    indexA,
    indexB,
    separation,
    columns: [{ name: 'rank', values: rank }],
    ambiguous: count.filter((found) => found > 1).length,
    left: withoutPosition,
  }
}
