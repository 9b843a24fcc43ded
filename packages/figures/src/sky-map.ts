import { colorBar, colorBarWidth, colorDomain, coloredPoints } from './color-scale.js'
import type { FigureOptions } from './figure.js'
import { checkLengths, figure } from './figure.js'
import { points, strokePath } from './marks.js'
import { palette } from './palette.js'
import { emptyPanel, scale } from './panel.js'
import type { Frame, Scales } from './panel.js'
import { pixel } from './format-number.js'
import { fitText, svgText } from './svg-text.js'

/** Positions of stars, (n) each. */
export interface SkyData {
  /** Degrees, ICRS; NaN where unknown. */
  readonly ra: ArrayLike<number>
  readonly dec: ArrayLike<number>
  /** What points are coloured by. */
  readonly color?: ArrayLike<number>
}

/** Options of {@link skyMap}. */
export interface SkyOptions extends FigureOptions {
  readonly colorLabel?: string
}

/**
 * Stars on the whole sky in Hammer's equal-area projection, right ascension growing to the left from 0° at the middle.
 *
 * @returns an SVG document; without a position it says so.
 * @throws `figures/length` when the arrays differ in length.
 */
export function skyMap(data: SkyData, options: SkyOptions = {}): string {
  const { ra, dec, color } = data
  checkLengths(ra.length, { dec, color })
  const width = options.width ?? 700
  const top = options.title === undefined ? 8 : 28
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  const places = Array.from(ra, (_, i) => hammer(ra[i]!, dec[i]!))
  const colored = color !== undefined && Array.from(color).some(Number.isFinite)
  const domain = colorDomain(color ?? [])
  const barWidth = colored ? colorBarWidth(domain, width / 2.6) + 10 : 0
  const frame: Frame = { left: 30, top, right: width - barWidth - 8, bottom: top + (width - barWidth - 38) / 2 }
  if (!places.some(([x]) => Number.isFinite(x)))
    return figure(width, frame.bottom + 8, 'Sky map without data', [...parts, emptyPanel({ ...frame, left: 4 })])
  const scales: Scales = {
    x: scale({ domain: [2, -2] }, frame.left, frame.right),
    y: scale({ domain: [-1, 1] }, frame.bottom, frame.top),
    frame,
  }
  const xs = places.map(([x]) => x)
  const ys = places.map(([, y]) => y)
  parts.push(
    graticule(scales),
    colored
      ? coloredPoints(xs, ys, color, domain, scales, { radius: 1.8, opacity: 0.8 })
      : points(xs, ys, scales, { color: palette.data, opacity: 0.8 }),
    ...[0, 60, 120, 240, 300].map((degrees) => {
      const [x, y] = hammer(degrees, 0)
      return svgText(scales.x(x) + 3, scales.y(y) - 4, `${degrees}°`, { size: 10, opacity: 0.6 })
    }),
    ...[-60, -30, 0, 30, 60].map((degrees) => {
      const [x, y] = hammer(180, degrees)
      return svgText(
        scales.x(x) - 5,
        scales.y(y) + (degrees === 0 ? 4 : degrees > 0 ? 0 : 8),
        `${degrees < 0 ? '−' : ''}${Math.abs(degrees)}°`,
        { anchor: 'end', size: 10, opacity: 0.6 },
      )
    }),
  )
  if (colored) parts.push(colorBar(frame.right + 14, top + 10, frame.bottom - 10, domain, options.colorLabel ?? ''))
  return figure(width, frame.bottom + 8, `Sky map of ${places.filter(([x]) => Number.isFinite(x)).length} stars`, parts)
}

/** Hammer's projection: x from −2 to 2 (east positive, the edge at ra 180°), y from −1 to 1. */
function hammer(ra: number, dec: number): [x: number, y: number] {
  const wrapped = ((ra % 360) + 360) % 360
  const longitude = ((wrapped > 180 ? wrapped - 360 : wrapped) * Math.PI) / 180
  const latitude = (dec * Math.PI) / 180
  const z = Math.sqrt(1 + Math.cos(latitude) * Math.cos(longitude / 2))
  return [(2 * Math.cos(latitude) * Math.sin(longitude / 2)) / z, Math.sin(latitude) / z]
}

function graticule({ x, y }: Scales): string {
  const trace = (positions: readonly (readonly [number, number])[]): string =>
    positions
      .map(([ra, dec], i) => `${i === 0 ? 'M' : 'L'}${pixel(x(hammer(ra, dec)[0]))} ${pixel(y(hammer(ra, dec)[1]))}`)
      .join('')
  const steps = (from: number, to: number, count: number): number[] =>
    Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count)
  // The edge itself is at 180°; a hair inside it on the west keeps that meridian from wrapping to the east.
  const west = 180 + 1e-9
  const meridian = (ra: number): string => trace(steps(-90, 90, 36).map((dec) => [ra, dec] as const))
  const parallel = (dec: number): string => trace(steps(-180 + 1e-9, 180, 72).map((ra) => [ra, dec] as const))
  const inner = [60, 120, 240, 300, 0].map(meridian).join('') + [-60, -30, 0, 30, 60].map(parallel).join('')
  return (
    strokePath(inner, { color: 'currentColor', width: 1, opacity: 0.12 }) +
    strokePath(meridian(180) + meridian(west), { color: 'currentColor', width: 1, opacity: 0.45 })
  )
}
