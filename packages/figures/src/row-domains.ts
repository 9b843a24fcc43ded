import type { Domain } from './domain.js'

/** A range cut into `count` equal rows. */
export function splitRows([from, to]: Domain, count: number): Domain[] {
  return Array.from({ length: count }, (_, row): Domain => [
    from + ((to - from) * row) / count,
    from + ((to - from) * (row + 1)) / count,
  ])
}

/**
 * The range of values in each row, for lines thin out to the red; but at least a quarter of the widest, lest noise look
 * like lines.
 *
 * @param rows Values of the pixels, NaN outside the row; a row without any takes the widest range.
 * @param domainOf What it is for one row.
 */
export function rowDomains(
  rows: readonly Float64Array[],
  domainOf: (values: Float64Array, row: number) => Domain,
): Domain[] {
  const span = ([low, high]: Domain): number => high - low
  const own = rows.map((values, row) => (values.some(Number.isFinite) ? domainOf(values, row) : undefined))
  const widest = own.reduce(
    (a, b) => (a === undefined || (b !== undefined && span(b) > span(a)) ? b : a),
    undefined,
  ) ?? [-1, 1]
  return own.map((domain = widest): Domain => {
    const room = Math.max(0, (span(widest) / 4 - span(domain)) / 2)
    return [domain[0] - room, domain[1] + room]
  })
}
