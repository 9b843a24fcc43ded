import type { ChainSummary, DuplicateSummary, MatchSummary, PlausibleReport } from '@astrolabel/pipeline'
import { textTable } from '@astrolabel/pipeline'

/** What a match of two catalogues tells a person. */
export function matchText(summary: MatchSummary): string {
  const { n, a, b, mode, by, unmatched, ambiguous, separation_arcsec, radius_arcsec: radius, plausible } = summary
  const within = radius === null ? '' : ` within ${radius}″`
  const counted =
    mode === 'nearest' || mode === 'id'
      ? `${n} of ${a} stars matched with ${b}${by === undefined ? within : ` by ${by}`}`
      : `${n} pairs of ${a} stars with ${b}${within}, ${unmatched.a} stars without`
  const { median, max } = separation_arcsec
  const apart =
    median === null || max === null ? '' : `, separation median ${median.toFixed(3)}″, largest ${max.toFixed(3)}″`
  const line = `${counted}: ${ambiguous} ambiguous${apart}`
  return plausible === undefined ? line : `${line}\n${plausibleText(plausible)}`
}

function plausibleText({ pairs, removed, max_distance, parts }: PlausibleReport): string {
  const number = (value: number | null): string => (value === null ? '' : value.toPrecision(3))
  const table = textTable(
    ['part', 'weight', 'sigma', 'missing', 'mean kept', 'mean removed', 'decided'].map((title, i) => ({
      title,
      align: i === 0 ? ('left' as const) : ('right' as const),
    })),
    parts.map((part) => [
      part.label,
      String(part.weight),
      number(part.sigma),
      String(part.missing),
      number(part.mean_kept),
      number(part.mean_removed),
      String(part.decided),
    ]),
  )
  return `${removed} of ${pairs} pairs are not plausible (distance ${max_distance} or more)\n${table}`
}

/** What a match with several catalogues tells a person. */
export function chainText({ n, a, catalogs, found_in, radius_arcsec }: ChainSummary): string {
  const each = catalogs.map(({ path, rows, n: found }) => `${found} of ${a} stars in ${path} (${rows} rows)`)
  const within = radius_arcsec === null ? '' : `, within ${radius_arcsec}″`
  return [...each, `${found_in.at(-1)} stars in all${within}; ${found_in[0]} in none; ${n} rows`].join('\n')
}

/** What a search for duplicates tells a person. */
export function duplicateText({ n, a, members, largest, stars, radius_arcsec }: DuplicateSummary): string {
  return `${a} rows are ${stars} stars within ${radius_arcsec}″: ${n} groups of ${members} rows, the largest of ${largest}`
}
