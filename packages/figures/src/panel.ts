import type { Domain } from './domain.js'
import { pixel } from './format-number.js'
import { svgText, textWidth } from './svg-text.js'
import type { Tick } from './ticks.js'
import { linearTicks, logTicks } from './ticks.js'

/** Edges of a panel's plotting area, px of the figure. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** One axis of a panel. */
export interface Axis {
  /** Values at the left and right, or at the bottom and top; descending for a reversed axis. */
  readonly domain: Domain
  /** Logarithmic; both ends must be above 0. */
  readonly log?: boolean
  readonly label?: string
  /** False leaves the numbers to the panel below. */
  readonly numbers?: boolean
  /** Pixels between ticks, about. */
  readonly spacing?: number
  /** How far left of the frame the label stands; just outside the numbers unless panels are to line up. */
  readonly labelOffset?: number
}

/** Where values lie in the figure, and the frame they should stay in. */
export interface Scales {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly frame: Frame
}

/** Room right of a frame: half of the number that may stand under its corner. */
export const EDGE = 20

const TICK = 4
const LABEL_HEIGHT = 17

/** Room below a frame for numbers, and for a label when there is one. */
export function heightBelow(axis: Axis): number {
  return (axis.numbers === false ? TICK : 18) + (axis.label === undefined ? 0 : LABEL_HEIGHT)
}

/** Room left of a frame of this height. */
export function widthBefore(axis: Axis, height: number): number {
  const widest =
    axis.numbers === false ? 0 : Math.max(0, ...ticksOf(axis, height, 36).map((tick) => textWidth(tick.text)))
  return TICK + 5 + widest + (axis.label === undefined ? 0 : LABEL_HEIGHT)
}

/** The mapping of an axis to pixels from `start` to `end`. */
export function scale({ domain: [a, b], log }: Axis, start: number, end: number): (value: number) => number {
  if (log === true) {
    const k = (end - start) / Math.log(b / a)
    return (value) => start + k * Math.log(value / a)
  }
  const k = (end - start) / (b - a)
  return (value) => start + k * (value - a)
}

/** A panel: grid, what `draw` gives, frame, ticks, numbers and labels, in the coordinates of the figure. */
export function panel(frame: Frame, x: Axis, y: Axis, draw: (scales: Scales) => string): string {
  const { left, top, right, bottom } = frame
  const sx = scale(x, left, right)
  const sy = scale(y, bottom, top)
  const xTicks = ticksOf(x, right - left, 70)
  const yTicks = ticksOf(y, bottom - top, 36)
  const vertical = xTicks.map(({ value }) => `M${pixel(sx(value))} ${pixel(top)}V${pixel(bottom)}`)
  const horizontal = yTicks.map(({ value }) => `M${pixel(left)} ${pixel(sy(value))}H${pixel(right)}`)
  const marks = [
    ...xTicks.map(({ value }) => `M${pixel(sx(value))} ${pixel(bottom)}v${TICK}`),
    ...yTicks.map(({ value }) => `M${pixel(left)} ${pixel(sy(value))}h-${TICK}`),
  ]
  const numbers = [
    ...(x.numbers === false
      ? []
      : xTicks.map(({ value, text }) => svgText(sx(value), bottom + 15, text, { anchor: 'middle' }))),
    ...(y.numbers === false
      ? []
      : yTicks.map(({ value, text }) => svgText(left - TICK - 3, sy(value) + 3.8, text, { anchor: 'end' }))),
  ]
  const labels = [
    x.label === undefined
      ? ''
      : svgText((left + right) / 2, bottom + heightBelow(x) - 5, x.label, { anchor: 'middle' }),
    y.label === undefined
      ? ''
      : svgText(left - (y.labelOffset ?? widthBefore(y, bottom - top)) + 10, (top + bottom) / 2, y.label, {
          anchor: 'middle',
          rotate: -90,
        }),
  ]
  return [
    `<path d="${[...vertical, ...horizontal].join('')}" stroke="currentColor" stroke-opacity=".1" fill="none"/>`,
    draw({ x: sx, y: sy, frame }),
    `<path d="M${pixel(left)} ${pixel(top)}H${pixel(right)}V${pixel(bottom)}H${pixel(left)}Z${marks.join('')}" stroke="currentColor" stroke-opacity=".45" fill="none"/>`,
    numbers.length === 0 ? '' : `<g font-variant="tabular-nums">${numbers.join('')}</g>`,
    ...labels,
  ].join('')
}

/** An empty frame that says so. */
export function emptyPanel(frame: Frame): string {
  const { left, top, right, bottom } = frame
  return (
    `<rect x="${pixel(left)}" y="${pixel(top)}" width="${pixel(right - left)}" height="${pixel(bottom - top)}" stroke="currentColor" stroke-opacity=".3" stroke-dasharray="4 4" fill="none"/>` +
    svgText((left + right) / 2, (top + bottom) / 2 + 4, 'no data', { anchor: 'middle', opacity: 0.6 })
  )
}

function ticksOf({ domain, log, spacing }: Axis, length: number, usual: number): Tick[] {
  const low = Math.min(...domain)
  const high = Math.max(...domain)
  const count = length / (spacing ?? usual)
  return log === true ? logTicks(low, high, count) : linearTicks(low, high, count)
}
