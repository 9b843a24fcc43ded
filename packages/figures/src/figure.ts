import { AstrolabelError } from '@astrolabel/spectra'
import { escapeMarkup } from './escape-markup.js'
import { pixel } from './format-number.js'

/** Options of every figure. */
export interface FigureOptions {
  /** px; 900 unless given, or what few panels need. */
  readonly width?: number
  /** Above the figure; none unless given. */
  readonly title?: string
}

/** Width of a figure unless told. */
export const DEFAULT_WIDTH = 900

/** Put the parts together to one SVG document that scales down with its page and draws in the current colour. */
export function figure(width: number, height: number, description: string, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pixel(width)} ${pixel(height)}" width="${pixel(width)}" height="${pixel(height)}" ` +
    `style="max-width:100%;height:auto" role="img" aria-label="${escapeMarkup(description)}" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" font-size="11" fill="currentColor">` +
    `${parts.join('')}</svg>\n`
  )
}

/** @throws `figures/length` when arrays that belong together differ in length, naming the one. */
export function checkLengths(expected: number, arrays: Readonly<Record<string, ArrayLike<number> | undefined>>): void {
  for (const [name, array] of Object.entries(arrays)) {
    if (array !== undefined && array.length !== expected) {
      throw new AstrolabelError('figures/length', `${name} has another length than the rest of the figure's data`, {
        got: array.length,
        expected,
      })
    }
  }
}
