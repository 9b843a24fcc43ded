import { pixel } from './format-number.js'
import type { Scales } from './panel.js'

/** How points are drawn. */
export interface PointStyle {
  readonly color: string
  /** px. */
  readonly radius?: number
  readonly opacity?: number
}

/** Above this many, points are snapped to half pixels so that those on one spot are written once. */
const MANY_POINTS = 10_000

/**
 * Points at (x, y); those outside the frame become small triangles at its edge, missing ones are left out.
 *
 * One path of zero-length strokes with round ends draws them all in 12 bytes a point, where circle elements take 50.
 */
export function points(x: ArrayLike<number>, y: ArrayLike<number>, scales: Scales, style: PointStyle): string {
  const { radius = 1.8, opacity = 0.65, color } = style
  const { left, right, top, bottom } = scales.frame
  const snap = x.length > MANY_POINTS ? 2 : 10
  const inside = new Set<string>()
  const beyond = new Set<string>()
  for (let i = 0; i < x.length; i++) {
    const px = scales.x(x[i]!)
    const py = scales.y(y[i]!)
    if (Number.isNaN(px) || Number.isNaN(py)) continue
    const cx = Math.min(right, Math.max(left, px))
    const cy = Math.min(bottom, Math.max(top, py))
    const at = `M${Math.round(cx * snap) / snap} ${Math.round(cy * snap) / snap}`
    if (py < top) beyond.add(`${at}l-3 5h6Z`)
    else if (py > bottom) beyond.add(`${at}l-3-5h6Z`)
    else if (px < left) beyond.add(`${at}l5-3v6Z`)
    else if (px > right) beyond.add(`${at}l-5-3v6Z`)
    else inside.add(`${at}h.01`)
  }
  return (
    (inside.size === 0
      ? ''
      : `<path class="points" d="${[...inside].join('')}" stroke="${color}" stroke-opacity="${opacity}" stroke-width="${2 * radius}" stroke-linecap="round" fill="none"/>`) +
    (beyond.size === 0
      ? ''
      : `<path class="beyond" d="${[...beyond].join('')}" fill="${color}" fill-opacity="${opacity}"/>`)
  )
}

/** Bars of ± one error at each point that lies in the frame. */
export function errorBars(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  error: ArrayLike<number>,
  scales: Scales,
  color: string,
): string {
  const { left, right, top, bottom } = scales.frame
  let d = ''
  for (let i = 0; i < x.length; i++) {
    const px = scales.x(x[i]!)
    const py = scales.y(y[i]!)
    if (!(px >= left && px <= right && py >= top && py <= bottom && error[i]! > 0)) continue
    const low = Math.min(bottom, scales.y(y[i]! - error[i]!))
    const high = Math.max(top, scales.y(y[i]! + error[i]!))
    d += `M${pixel(px)} ${pixel(low)}V${pixel(high)}`
  }
  return d === '' ? '' : `<path class="errors" d="${d}" stroke="${color}" stroke-opacity=".35" fill="none"/>`
}

/** How lines are drawn. */
export interface LineStyle {
  readonly color: string
  /** px. */
  readonly width?: number
  readonly dash?: string
  readonly opacity?: number
}

/** A line through all points, broken where a value is missing, kept inside the frame. */
export function line(x: ArrayLike<number>, y: ArrayLike<number>, scales: Scales, style: LineStyle): string {
  const { top, bottom } = scales.frame
  let d = ''
  let broken = true
  for (let i = 0; i < x.length; i++) {
    const px = scales.x(x[i]!)
    const py = scales.y(y[i]!)
    if (!Number.isFinite(px) || Number.isNaN(py)) {
      broken = true
      continue
    }
    d += `${broken ? 'M' : 'L'}${pixel(px)} ${pixel(Math.min(bottom, Math.max(top, py)))}`
    broken = false
  }
  return strokePath(d, style)
}

/** The stroke of a path, or nothing for an empty one. */
export function strokePath(d: string, { color, width = 1.2, dash, opacity }: LineStyle): string {
  if (d === '') return ''
  const extra =
    (dash === undefined ? '' : ` stroke-dasharray="${dash}"`) +
    (opacity === undefined ? '' : ` stroke-opacity="${opacity}"`)
  return `<path d="${d}" stroke="${color}" stroke-width="${width}"${extra} stroke-linejoin="round" fill="none"/>`
}

/** A horizontal line across the frame. */
export function horizontal(value: number, scales: Scales, style: LineStyle): string {
  const { left, right } = scales.frame
  return strokePath(`M${pixel(left)} ${pixel(scales.y(value))}H${pixel(right)}`, style)
}
