import { crossmatch } from '@astrolabel/crossmatch'
import type { Table } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import type { Pairs } from './find-pairs.js'
import { findPairs, findPairsOnThreads } from './find-pairs.js'
import type { MatchOptions } from './match-options.js'
import { matchTable, withUnmatched } from './match-table.js'
import type { PlausiblePairs, PlausibleReport } from './plausible-pairs.js'
import { plausiblePairs } from './plausible-pairs.js'
import { positions } from './sky-columns.js'

export type { MatchOptions } from './match-options.js'

/** Matched rows, and what a person should know of them. */
export interface CatalogMatch {
  /** One row a match: `star_id`, `index_a`, `index_b`, `separation`, `candidates` or `rank`, then the columns of the second. */
  readonly table: Table
  /** Pairs that the plausibility cut removed; undefined without one. */
  readonly removed?: Table
  readonly summary: MatchSummary
}

/** Numbers of a match. */
export interface MatchSummary {
  /** Pairs. */
  readonly n: number
  readonly a: number
  readonly b: number
  /** Stars of the first with more than one candidate in the radius. */
  readonly ambiguous: number
  /** Stars without a position (or without an identifier), in the first and the second. */
  readonly without_position: { readonly a: number; readonly b: number }
  /** The radius of all; null when stars have their own, or identifiers decided. */
  readonly radius_arcsec: number | null
  readonly one_to_one: boolean
  readonly mode: 'nearest' | 'pairs' | 'k' | 'id'
  /** Stars of the first and of the second that are in no pair. */
  readonly unmatched: { readonly a: number; readonly b: number }
  /** null when no position is known, which only identifiers can do without. */
  readonly separation_arcsec: { readonly median: number | null; readonly max: number | null }
  /** The identifier that stars were matched by; absent when it was their position. */
  readonly by?: string
  /** What the plausibility cut removed. */
  readonly plausible?: PlausibleReport
}

/**
 * Match a list of stars with a catalogue, by position on the sky or by identifier.
 *
 * @param a Stars: `ra`, `dec` (degrees, ICRS), `star_id` or another identifier. @param b A catalogue with positions.
 * @throws `crossmatch/no-match` when no star matches, with the nearest separation there is; `table/no-column`, `crossmatch/…`.
 */
export function matchCatalog(a: Table, b: Table, options: MatchOptions = {}): CatalogMatch {
  return matchOf(a, b, findPairs(a, b, options), options)
}

/** {@link matchCatalog} on several threads. */
export async function matchCatalogOnThreads(
  a: Table,
  b: Table,
  options: MatchOptions,
  threads: number,
): Promise<CatalogMatch> {
  return matchOf(a, b, await findPairsOnThreads(a, b, options, threads), options)
}

/** The match that pairs are. @throws `crossmatch/no-match`, `crossmatch/none-plausible`, `table/no-column`. */
function matchOf(a: Table, b: Table, found: Pairs, options: MatchOptions): CatalogMatch {
  if (found.indexA.length === 0) throw noMatch(a, b, options)
  const cut = options.plausible === undefined ? undefined : plausiblePairs(a, b, found, options.plausible)
  const pairs = cut?.pairs ?? found
  if (pairs.indexA.length === 0) throw noPlausiblePair(cut!)
  const rows = options.join === 'left' ? withUnmatched(pairs, a.n) : pairs
  return {
    table: matchTable(a, b, rows, options.keepA),
    ...(cut === undefined ? {} : { removed: cut.removed }),
    summary: { ...summarise(a, b, pairs, options), ...(cut === undefined ? {} : { plausible: cut.report }) },
  }
}

function noMatch(a: Table, b: Table, options: MatchOptions): AstrolabelError {
  if (options.byId !== undefined)
    return new AstrolabelError('crossmatch/no-match', `None of ${a.n} stars has its identifier among ${b.n}`, {
      got: `${options.byId.a} of the first and ${options.byId.b} of the second`,
      remedy: 'Check that both columns hold the same kind of identifier, written the same way',
    })
  const sky = { a: positions(a), b: positions(b) }
  const radius = options.radiusColumn === undefined ? `${options.radius ?? 3} arcsec` : `their ${options.radiusColumn}`
  const nearest =
    a.n === 0 || b.n === 0
      ? undefined
      : crossmatch(sky.a, sky.b, { radiusArcsec: 648_000 }).separationArcsec.reduce(
          (least, value) => Math.min(least, value),
          Number.POSITIVE_INFINITY,
        )
  return new AstrolabelError(
    'crossmatch/no-match',
    `None of ${a.n} stars has a counterpart among ${b.n} within ${radius}`,
    {
      got:
        nearest === undefined
          ? 'an empty catalogue'
          : nearest === Number.POSITIVE_INFINITY
            ? 'a list in which no position is known'
            : `a nearest pair ${nearest < 3600 ? `${nearest.toFixed(1)} arcsec` : `${(nearest / 3600).toFixed(1)} degrees`} apart`,
      remedy: 'Check that both positions are in degrees, ICRS, and that the fields overlap, or enlarge the radius',
    },
  )
}

function noPlausiblePair({ report }: PlausiblePairs): AstrolabelError {
  return new AstrolabelError('crossmatch/none-plausible', `None of ${report.pairs} pairs is plausible`, {
    got: `distances of ${report.max_distance} or more in all of them`,
    remedy: 'Check that the labels of both catalogues are in the same units, or raise the largest distance',
  })
}

function summarise(a: Table, b: Table, pairs: Pairs, options: MatchOptions): MatchSummary {
  const { indexA, indexB, by } = pairs
  const sorted = pairs.separation.filter(Number.isFinite).toSorted()
  const round = (value: number | undefined): number | null =>
    value === undefined ? null : Math.round(value * 1e6) / 1e6
  const mode = by === undefined ? (options.mode ?? 'nearest') : 'id'
  return {
    n: indexA.length,
    a: a.n,
    b: b.n,
    ambiguous: pairs.ambiguous,
    without_position: pairs.left,
    radius_arcsec: mode === 'id' ? null : options.radiusColumn === undefined ? (options.radius ?? 3) : null,
    one_to_one: mode === 'nearest' && (options.oneToOne ?? true),
    mode,
    unmatched: { a: a.n - new Set(indexA).size, b: b.n - new Set(indexB).size },
    separation_arcsec: { median: round(sorted[Math.floor((sorted.length - 1) / 2)]), max: round(sorted.at(-1)) },
    ...(by === undefined ? {} : { by }),
  }
}
