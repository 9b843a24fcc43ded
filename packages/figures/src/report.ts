import { AstrolabelError } from '@astrolabel/spectra'
import { escapeMarkup } from './escape-markup.js'
import { formatSignificant } from './format-number.js'
import { reportStyle } from './report-style.js'

/** What a table shows in a cell: null and NaN as a dash. */
export type Cell = string | number | boolean | null

/** A table of the report. Columns of numbers are right-aligned; give a string where a number is formatted already. */
export interface ReportTable {
  readonly caption: string
  readonly columns: readonly string[]
  /** One cell a column. */
  readonly rows: readonly (readonly Cell[])[]
}

/** A figure of the report. */
export interface ReportFigure {
  readonly caption: string
  /** What a figure function gave. */
  readonly svg: string
}

/** One part of the report: its paragraphs, then tables, then figures. */
export interface ReportSection {
  readonly heading: string
  readonly paragraphs?: readonly string[]
  readonly tables?: readonly ReportTable[]
  readonly figures?: readonly ReportFigure[]
}

/** What {@link renderReport} writes. All text is plain: markup in it is shown, not obeyed. */
export interface Report {
  readonly title: string
  readonly summary: string
  readonly sections: readonly ReportSection[]
  /** How it came about, at the end: input, options, seed, versions. Values that are not text are written as JSON. */
  readonly provenance: Readonly<Record<string, unknown>>
}

/**
 * The report as one HTML file that needs nothing else: no script, no request, light or dark as the reader's system is.
 *
 * @returns the same bytes for the same report.
 * @throws `report/ragged` when a row has another number of cells than the table has columns; `report/not-svg` when a
 * figure is not an SVG document, or holds a script.
 */
export function renderReport(report: Report): string {
  const title = escapeMarkup(report.title)
  const contents = report.sections.map(
    ({ heading }, i) => `<li><a href="#section-${i + 1}">${escapeMarkup(heading)}</a></li>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p class="summary">${escapeMarkup(report.summary)}</p>
${contents.length < 2 ? '' : `<nav aria-label="Contents"><ul>${contents.join('')}</ul></nav>`}
</header>
${report.sections.map(section).join('\n')}
${provenance(report.provenance)}
</main>
</body>
</html>
`
}

function section({ heading, paragraphs = [], tables = [], figures = [] }: ReportSection, index: number): string {
  return [
    `<section id="section-${index + 1}">`,
    `<h2>${escapeMarkup(heading)}</h2>`,
    ...paragraphs.map((text) => `<p>${escapeMarkup(text)}</p>`),
    ...tables.map(table),
    ...figures.map(figure),
    '</section>',
  ].join('\n')
}

function table({ caption, columns, rows }: ReportTable): string {
  for (const [i, row] of rows.entries()) {
    if (row.length !== columns.length) {
      throw new AstrolabelError(
        'report/ragged',
        `Row ${i} of table ${JSON.stringify(caption)} does not fit its columns`,
        { got: `${row.length} cells`, expected: columns.length },
      )
    }
  }
  const numeric = columns.map((_, c) => rows.length > 0 && rows.every((row) => looksNumeric(row[c]!)))
  const align = (c: number): string => (numeric[c] === true ? ' class="number"' : '')
  const head = columns.map((name, c) => `<th scope="col"${align(c)}>${escapeMarkup(name)}</th>`).join('')
  const whole = columns.map((_, c) =>
    rows.every((row) => typeof row[c] !== 'number' || !Number.isFinite(row[c]) || Number.isInteger(row[c])),
  )
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, c) => (c === 0 && numeric[c] !== true ? `<th scope="row">${cellText(cell, false)}</th>` : `<td${align(c)}>${cellText(numeric[c] === true && typeof cell === 'string' ? cell.replace(/^\s*-(?=[\d.])/, '−') : cell, whole[c]!)}</td>`)).join('')}</tr>`,
  )
  return `<figure><div class="scroll"><table>\n<caption>${escapeMarkup(caption)}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table></div></figure>`
}

/** Numbers, what is missing, and strings that begin as a number does: `74.3`, `−0.02 ± 0.01`, `68.1 %`. */
function looksNumeric(cell: Cell): boolean {
  if (typeof cell === 'string') return /^\s*([-+−±<>≤≥~]?\s*\.?\d[^a-zA-Z]*[a-zA-Z/]{0,6}|[–—-]?)\s*$/.test(cell)
  return typeof cell === 'number' || cell === null
}

/** Numbers to three significant digits, whole in a column of whole numbers: rows of labels differ in their units. */
function cellText(cell: Cell, whole: boolean): string {
  if (cell === null || (typeof cell === 'number' && Number.isNaN(cell))) return '–'
  if (typeof cell === 'number')
    return whole && Number.isFinite(cell) ? String(cell).replace('-', '−') : formatSignificant(cell)
  return escapeMarkup(String(cell))
}

function figure({ caption, svg }: ReportFigure): string {
  if (!/^\s*<svg[\s>]/.test(svg) || /<script|<foreignObject|\son\w+\s*=|javascript:/i.test(svg)) {
    throw new AstrolabelError('report/not-svg', `Figure ${JSON.stringify(caption)} is not a plain SVG document`, {
      got: svg.slice(0, 60),
      remedy: 'Pass what a figure function returns',
    })
  }
  return `<figure><div class="scroll">${svg.trim()}</div><figcaption>${escapeMarkup(caption)}</figcaption></figure>`
}

function provenance(entries: Readonly<Record<string, unknown>>): string {
  const items = Object.entries(entries).map(
    ([name, value]) =>
      `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(typeof value === 'string' ? value : (JSON.stringify(value) ?? '–'))}</dd>`,
  )
  return items.length === 0 ? '' : `<footer>\n<h2>Provenance</h2>\n<dl>${items.join('')}</dl>\n</footer>`
}
