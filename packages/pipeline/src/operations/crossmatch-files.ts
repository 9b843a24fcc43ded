import type { RunOptions, Table } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { chainTable } from '../catalogs/chain-table.js'
import type { DuplicateSummary } from '../catalogs/duplicate-stars.js'
import { duplicateStars } from '../catalogs/duplicate-stars.js'
import type { Pairs } from '../catalogs/find-pairs.js'
import { findPairsOnThreads } from '../catalogs/find-pairs.js'
import type { MatchOptions, MatchSummary } from '../catalogs/match-catalog.js'
import { matchCatalogOnThreads } from '../catalogs/match-catalog.js'
import { writeTable } from '../formats/write-table.js'
import { readTable } from '../formats/read-table.js'
import type { DuplicateRows } from '../formats/read-table.js'
import type { Reporter } from '../reporter.js'

/** A match of files. */
export interface CrossmatchRequest extends MatchOptions {
  /** Table of the matches by extension; nothing is written when undefined. */
  readonly out?: string | undefined
  /** Table of the pairs that the plausibility cut removed. */
  readonly removed?: string | undefined
  /** Which rows of a star that repeats in a catalogue of APOGEE or DESI are used, see {@link readTable}. */
  readonly duplicates?: DuplicateRows | undefined
  /** Threads of the search; 1. */
  readonly threads?: number | undefined
}

/** Numbers of a match of one catalogue with several. */
export interface ChainSummary {
  readonly mode: 'chain'
  /** Rows of the table: stars found in all catalogues, or with join left all stars. */
  readonly n: number
  readonly a: number
  /** Stars of the first in so many of the others: none, one, two, … */
  readonly found_in: readonly number[]
  /** Each of the others. */
  readonly catalogs: readonly { readonly path: string; readonly rows: number; readonly n: number }[]
  readonly radius_arcsec: number | null
}

/**
 * Match two catalogues, or spectra and a catalogue.
 *
 * @throws `crossmatch/no-match`, `table/no-column`, and what reading says.
 */
export async function crossmatchFiles(
  a: string,
  b: string,
  reporter: Reporter,
  request: CrossmatchRequest = {},
): Promise<MatchSummary> {
  const [first, second] = [await read(a, reporter, request), await read(b, reporter, request)]
  const match = await matchCatalogOnThreads(first, second, request, request.threads ?? 1)
  if (request.removed !== undefined && match.removed !== undefined) await writeTable(request.removed, match.removed)
  if (request.out !== undefined) await writeTable(request.out, match.table)
  return match.summary
}

/**
 * Look the stars of the first catalogue up in all others, each by itself, by position or by identifier.
 *
 * @throws `crossmatch/no-match` naming the catalogue that has none of the stars; otherwise as {@link crossmatchFiles}.
 */
export async function crossmatchChain(
  a: string,
  others: readonly string[],
  reporter: Reporter,
  request: CrossmatchRequest = {},
): Promise<ChainSummary> {
  if ((request.mode ?? 'nearest') !== 'nearest' || request.plausible !== undefined)
    throw new AstrolabelError('crossmatch/chain', 'Several catalogues are matched by the nearest star alone', {
      got: request.plausible === undefined ? `mode ${request.mode}` : 'a plausibility cut',
      remedy: 'Match two catalogues at a time',
    })
  const first = await read(a, reporter, request)
  const ends: { table: Table; pairs: Pairs }[] = []
  for (const path of others) {
    const table = await read(path, reporter, request)
    ends.push({ table, pairs: await findPairsOnThreads(first, table, request, request.threads ?? 1) })
  }
  const { table, found } = chainTable(first, ends, request)
  if (table.n === 0) {
    const missed = others.filter((_, i) => ends[i]!.pairs.indexA.length === 0)
    throw new AstrolabelError('crossmatch/no-match', `None of ${first.n} stars is in all ${others.length} catalogues`, {
      got: missed.length > 0 ? `none at all in ${missed.join(', ')}` : 'some in each of them',
      remedy: missed.length > 0 ? 'Check positions and radius' : 'Keep all stars with join left, or enlarge the radius',
    })
  }
  if (request.out !== undefined) await writeTable(request.out, table)
  const oneRadius = ends.every(({ pairs }) => pairs.by === undefined) && request.radiusColumn === undefined
  return {
    mode: 'chain',
    n: table.n,
    a: first.n,
    found_in: found,
    catalogs: others.map((path, i) => ({ path, rows: ends[i]!.table.n, n: ends[i]!.pairs.indexA.length })),
    radius_arcsec: oneRadius ? (request.radius ?? 3) : null,
  }
}

/** A search for rows that are one star: all rows of a catalogue are looked at. */
export interface DuplicatesRequest extends RunOptions {
  /** Arcsec; 3. */
  readonly radius?: number | undefined
  /** Table of the groups by extension; nothing is written when undefined. */
  readonly out?: string | undefined
}

/** Find rows of a catalogue that are one star. */
export async function findDuplicateStars(
  a: string,
  reporter: Reporter,
  { radius = 3, out, ...run }: DuplicatesRequest = {},
): Promise<DuplicateSummary> {
  const { table, summary } = duplicateStars(await read(a, reporter, { ...run, duplicates: 'all' }), radius, run)
  if (out !== undefined) await writeTable(out, table)
  return summary
}

async function read(path: string, reporter: Reporter, request: CrossmatchRequest): Promise<Table> {
  const { signal, duplicates } = request
  return readTable(path, {
    duplicates,
    also: namesIn(request),
    onWarning: (warning) => reporter.warn(warning.message),
    ...(signal && { signal }),
  })
}

/** The columns that a request names, of either catalogue. */
function namesIn({ pmA, pmB, epochA, epochB, radiusColumn, byId, plausible, keepA }: CrossmatchRequest): string[] {
  const labels = plausible?.labels.flatMap(({ a, b }) => [a, b]) ?? []
  const kept = keepA === 'all' ? [] : (keepA ?? [])
  const named = [...(pmA ?? []), ...(pmB ?? []), epochA, epochB, radiusColumn, byId?.a, byId?.b, ...labels, ...kept]
  return named.filter((name) => typeof name === 'string')
}
