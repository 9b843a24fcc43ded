import type { LabelInfo } from '@astrolabel/spectra'
import { escapeMarkup } from './escape-markup.js'
import { pixel } from './format-number.js'

/** Average width of a character in pixels at the figures' 11 px, generous so that margins never clip. */
const CHARACTER = 6.3

/** How {@link svgText} writes; black on nothing, 11 px, left-aligned unless told. */
export interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly size?: number
  readonly bold?: boolean
  readonly color?: string
  readonly opacity?: number
  /** Degrees clockwise about the text's own position. */
  readonly rotate?: number
}

/** One line of text with its baseline at (x, y). `Teff` is set as T with a subscript, `log g` with an italic g. */
export function svgText(x: number, y: number, text: string, style: TextStyle = {}): string {
  const attributes = [
    style.rotate === undefined
      ? `x="${pixel(x)}" y="${pixel(y)}"`
      : `transform="translate(${pixel(x)},${pixel(y)}) rotate(${style.rotate})"`,
    style.anchor === undefined || style.anchor === 'start' ? '' : `text-anchor="${style.anchor}"`,
    style.size === undefined ? '' : `font-size="${style.size}"`,
    style.bold === true ? 'font-weight="600"' : '',
    style.color === undefined ? '' : `fill="${escapeMarkup(style.color)}"`,
    style.opacity === undefined ? '' : `opacity="${style.opacity}"`,
  ]
  return `<text ${attributes.filter((attribute) => attribute !== '').join(' ')}>${typeset(text)}</text>`
}

function typeset(text: string): string {
  return text
    .split(/(\bTeff\b|\blog g\b)/)
    .map((part, i, parts) => {
      if (part === 'Teff') return 'T<tspan dy="2.5" font-size="75%">eff</tspan>'
      if (part === 'log g') return 'log <tspan font-style="italic">g</tspan>'
      // The baseline stays lowered after a subscript until the next part raises it again.
      return i > 0 && parts[i - 1] === 'Teff' && part !== ''
        ? `<tspan dy="-2.5">${escapeMarkup(part)}</tspan>`
        : escapeMarkup(part)
    })
    .join('')
}

/** Width that a line of text takes at most, px. */
export function textWidth(text: string, size = 11): number {
  return (text.length * CHARACTER * size) / 11
}

/** As much of the text as fits the width, with … where it was cut. */
export function fitText(text: string, width: number, size = 11): string {
  const room = Math.floor((width * 11) / (CHARACTER * size))
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1)).trimEnd()}…`
}

/** A label and its unit as axes show it: `Teff (K)`, `log g (cgs)`. */
export function labelWithUnit({ symbol, unit }: LabelInfo): string {
  const short = unit === 'dex(cm s-2)' ? 'cgs' : unit === 'km/s' ? 'km s⁻¹' : unit
  return short === '' ? symbol : `${symbol} (${short})`
}
