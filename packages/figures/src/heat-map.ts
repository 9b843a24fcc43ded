import { AstrolabelError } from '@astrolabel/spectra'
import type { FigureOptions } from './figure.js'
import { figure } from './figure.js'
import { pixel } from './format-number.js'
import { palette } from './palette.js'
import { emptyPanel } from './panel.js'
import { fitText, svgText, textWidth } from './svg-text.js'

/** A matrix to look at, such as a cross-talk matrix. */
export interface HeatMapData {
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** Row by row; NaN where there is none. */
  readonly values: readonly (readonly number[])[]
}

/** Options of {@link heatMap}. */
export interface HeatMapOptions extends FigureOptions {
  /** What the rows and columns are. */
  readonly rowLabel?: string
  readonly columnLabel?: string
  /** Size of the values at which a cell has its full colour; 1. */
  readonly limit?: number
}

const CELL = { width: 64, height: 34 }

/**
 * A matrix as cells with their values written in, orange above 0 and blue below, the fainter the nearer to it.
 *
 * @returns an SVG document. @throws `figures/length` when the values do not fit the rows and columns.
 */
export function heatMap({ rows, columns, values }: HeatMapData, options: HeatMapOptions = {}): string {
  const odd = values.findIndex((row) => row.length !== columns.length)
  if (values.length !== rows.length || odd >= 0)
    throw new AstrolabelError('figures/length', 'The values do not fit the rows and columns of the figure', {
      got: odd >= 0 ? `${values[odd]!.length} values in row ${odd}` : `${values.length} rows`,
      expected: `${rows.length} × ${columns.length}`,
    })
  const { rowLabel, columnLabel, limit = 1 } = options
  const left = Math.max(0, ...rows.map((name) => textWidth(name))) + (rowLabel === undefined ? 12 : 30)
  const top = (options.title === undefined ? 8 : 30) + (columnLabel === undefined ? 18 : 36)
  const widest = Math.max(CELL.width, ...columns.map((name) => textWidth(name) + 10))
  const right = left + widest * Math.max(1, columns.length)
  const bottom = top + CELL.height * Math.max(1, rows.length)
  const width = options.width ?? Math.max(right + 8, textWidth(options.title ?? '', 13) + 12)
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  if (columnLabel !== undefined)
    parts.push(svgText((left + right) / 2, top - 24, columnLabel, { anchor: 'middle', opacity: 0.7 }))
  if (rowLabel !== undefined)
    parts.push(svgText(14, (top + bottom) / 2, rowLabel, { anchor: 'middle', rotate: -90, opacity: 0.7 }))
  columns.forEach((name, c) => parts.push(svgText(left + (c + 0.5) * widest, top - 7, name, { anchor: 'middle' })))
  rows.forEach((name, r) => parts.push(svgText(left - 7, top + (r + 0.5) * CELL.height + 4, name, { anchor: 'end' })))
  if (rows.length === 0 || columns.length === 0) parts.push(emptyPanel({ left, top, right, bottom }))
  values.forEach((row, r) =>
    row.forEach((value, c) => parts.push(cell(left + c * widest, top + r * CELL.height, widest, value, limit))),
  )
  return figure(width, bottom + 8, `Matrix of ${rows.length} by ${columns.length} values`, parts)
}

function cell(x: number, y: number, width: number, value: number, limit: number): string {
  // Colours stay faint enough for the text of either page to be read on them.
  const strength = Number.isFinite(value) ? Math.min(1, Math.abs(value) / limit) * 0.6 : 0
  const color = value < 0 ? palette.data : palette.model
  const box = `x="${pixel(x + 1)}" y="${pixel(y + 1)}" width="${pixel(width - 2)}" height="${pixel(CELL.height - 2)}"`
  return (
    `<rect class="cell" ${box} fill="${color}" fill-opacity="${strength.toFixed(3)}" stroke="currentColor" stroke-opacity=".12"/>` +
    svgText(
      x + width / 2,
      y + CELL.height / 2 + 4,
      Number.isFinite(value) ? value.toFixed(2).replace(/^-0\.00$/, '0.00') : '–',
      {
        anchor: 'middle',
      },
    )
  )
}
