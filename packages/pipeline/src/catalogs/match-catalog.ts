import { crossmatch } from '@astrolabel/crossmatch'
import type { MatchResult } from '@astrolabel/crossmatch'
import type { Column, RunOptions, Table } from '@astrolabel/spectra'
import {
  AstrolabelError,
  columnNumbers,
  columnStrings,
  findColumn,
  makeTable,
  requireColumn,
  takeRows,
} from '@astrolabel/spectra'
import { ID_COLUMNS } from '@astrolabel/surveys'

/** How two catalogues are matched. */
export interface MatchOptions extends RunOptions {
  /** Largest separation, arcsec; 3. */
  readonly radius?: number
  /** Use each star of the second catalogue once, the nearest first; true. */
  readonly oneToOne?: boolean
}

/** Matched rows, and what a person should know of them. */
export interface CatalogMatch {
  /** One row a match: `star_id`, `index_a`, `index_b`, `separation`, `candidates`, then the columns of the second. */
  readonly table: Table
  readonly summary: MatchSummary
}

/** Numbers of a match. */
export interface MatchSummary {
  readonly n: number
  readonly a: number
  readonly b: number
  /** Stars of the first with more than one candidate in the radius. */
  readonly ambiguous: number
  /** Stars without a position, in the first and the second. */
  readonly without_position: { readonly a: number; readonly b: number }
  readonly radius_arcsec: number
  readonly one_to_one: boolean
  readonly separation_arcsec: { readonly median: number; readonly max: number }
  /** The identifier that stars were matched by; absent when it was their position. */
  readonly by?: string
}

/**
 * Match a list of stars with a catalogue by position on the sky.
 *
 * @param a Stars: `star_id`, `ra`, `dec` (degrees, ICRS). @param b A catalogue with positions.
 * @throws `crossmatch/no-match` when no star matches, with the nearest separation there is; `table/no-column`.
 */
export function matchCatalog(a: Table, b: Table, options: MatchOptions = {}): CatalogMatch {
  const radius = options.radius ?? 3
  const oneToOne = options.oneToOne ?? true
  const sky = { a: positions(a), b: positions(b) }
  const run = {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  }
  const match = crossmatch(sky.a, sky.b, { radiusArcsec: radius, oneToOne, ...run })
  if (match.n === 0) throw noMatch(a, b, sky, radius)
  return { table: matchTable(a, b, match), summary: summarise(a, b, match, radius, oneToOne) }
}

function positions(table: Table): { ra: Float64Array; dec: Float64Array } {
  return {
    ra: columnNumbers(requireColumn(table, 'ra', 'TARGET_RA', 'RAJ2000')),
    dec: columnNumbers(requireColumn(table, 'dec', 'TARGET_DEC', 'DEJ2000')),
  }
}

function noMatch(
  a: Table,
  b: Table,
  sky: { a: { ra: Float64Array; dec: Float64Array }; b: { ra: Float64Array; dec: Float64Array } },
  radius: number,
): AstrolabelError {
  const nearest =
    a.n === 0 || b.n === 0
      ? undefined
      : crossmatch(sky.a, sky.b, { radiusArcsec: 648_000 }).separationArcsec.reduce(
          (least, value) => Math.min(least, value),
          Number.POSITIVE_INFINITY,
        )
  return new AstrolabelError(
    'crossmatch/no-match',
    `None of ${a.n} stars has a counterpart among ${b.n} within ${radius} arcsec`,
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

/** The pairs as a table: who, which rows, how far apart, then the columns of the second. */
export function matchTable(a: Table, b: Table, match: MatchResult): Table {
  const columns: Column[] = [
    {
      name: 'star_id',
      values: columnStrings(
        takeRows({ n: a.n, columns: new Map([['id', idColumn(a)]]) }, match.indexA).columns.get('id')!,
      ),
    },
    { name: 'index_a', values: match.indexA },
    { name: 'index_b', values: match.indexB },
    { name: 'separation', values: match.separationArcsec, unit: 'arcsec' },
    { name: 'candidates', values: match.ambiguous.candidates },
  ]
  const own = new Set(columns.map((column) => column.name))
  for (const column of takeRows(b, match.indexB).columns.values())
    columns.push(own.has(column.name) ? { ...column, name: `${column.name}_b` } : column)
  return makeTable(columns, match.n)
}

/** The identifiers of a list of stars: a column of names, else the row numbers. */
function idColumn(table: Table): Column {
  const rows = Int32Array.from({ length: table.n }, (_, i) => i)
  return findColumn(table, ...ID_COLUMNS) ?? { name: 'row', values: rows }
}

/** What a person should know of a match. */
export function summarise(a: Table, b: Table, match: MatchResult, radius: number, oneToOne: boolean): MatchSummary {
  const sorted = match.separationArcsec.slice().sort()
  const round = (value: number): number => Math.round(value * 1e6) / 1e6
  return {
    n: match.n,
    a: a.n,
    b: b.n,
    ambiguous: match.ambiguous.a.length,
    without_position: match.withoutPosition,
    radius_arcsec: radius,
    one_to_one: oneToOne,
    separation_arcsec: { median: round(sorted[Math.floor((sorted.length - 1) / 2)]!), max: round(sorted.at(-1)!) },
  }
}
