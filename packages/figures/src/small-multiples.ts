import type { FigureOptions } from './figure.js'
import { DEFAULT_WIDTH, figure } from './figure.js'
import { pixel } from './format-number.js'
import { emptyPanel } from './panel.js'
import { fitText, svgText } from './svg-text.js'

/** A grid of equal cells, three in a row at most, each drawn in its own coordinates from (0, 0). */
export function smallMultiples(
  count: number,
  description: string,
  options: FigureOptions,
  cell: { readonly height: number; readonly draw: (index: number, width: number) => string },
): string {
  const columns = Math.max(1, Math.min(3, count))
  const width = options.width ?? Math.min(DEFAULT_WIDTH, columns * 310)
  const top = options.title === undefined ? 0 : 24
  const cellWidth = width / columns
  const rows = Math.max(1, Math.ceil(count / columns))
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  for (let i = 0; i < count; i++) {
    parts.push(
      `<g transform="translate(${pixel((i % columns) * cellWidth)},${pixel(top + Math.floor(i / columns) * cell.height)})">${cell.draw(i, cellWidth)}</g>`,
    )
  }
  if (count === 0) parts.push(emptyPanel({ left: 4, top: top + 4, right: width - 4, bottom: top + cell.height - 6 }))
  return figure(width, top + rows * cell.height, description, parts)
}
