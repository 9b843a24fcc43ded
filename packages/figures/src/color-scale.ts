import type { Domain } from './domain.js'
import { robustExtent } from './domain.js'
import { pixel } from './format-number.js'
import { points } from './marks.js'
import type { PointStyle } from './marks.js'
import { palette, sequenceColor } from './palette.js'
import type { Scales } from './panel.js'
import { scale } from './panel.js'
import { svgText, textWidth } from './svg-text.js'
import { linearTicks } from './ticks.js'

/** Steps of the scale: each is one path, and no eye tells more apart. */
const STEPS = 24
const BAR = 11

/** The range of values that colours stand for: outliers take the colour of the end. */
export function colorDomain(values: ArrayLike<number>): Domain {
  return robustExtent(values, 0.01, 0.01, 0)
}

/** Points in the colours of `values`; those without a value are grey. */
export function coloredPoints(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  values: ArrayLike<number>,
  domain: Domain,
  scales: Scales,
  style: Omit<PointStyle, 'color'>,
): string {
  const [low, high] = domain
  const groups = Array.from({ length: STEPS + 1 }, (): number[] => [])
  for (let i = 0; i < x.length; i++) {
    const t = (values[i]! - low) / (high - low)
    groups[Number.isNaN(t) ? 0 : 1 + Math.min(STEPS - 1, Math.max(0, Math.floor(t * STEPS)))]!.push(i)
  }
  return groups
    .map((rows, g) => {
      const color = g === 0 ? palette.muted : sequenceColor((g - 0.5) / STEPS)
      return points(
        rows.map((i) => x[i]!),
        rows.map((i) => y[i]!),
        scales,
        { ...style, color },
      )
    })
    .join('')
}

/** Width that {@link colorBar} takes. */
export function colorBarWidth(domain: Domain, height: number): number {
  return BAR + 8 + Math.max(0, ...linearTicks(...domain, height / 40).map((tick) => textWidth(tick.text))) + 18
}

/** A vertical bar that tells the values of the colours, its left edge at `left`. */
export function colorBar(left: number, top: number, bottom: number, domain: Domain, label: string): string {
  const y = scale({ domain }, bottom, top)
  const step = (bottom - top) / STEPS
  const boxes = Array.from({ length: STEPS }, (_, i) => {
    // Half a pixel of overlap hides the seams of antialiasing.
    const height = step + (i === 0 ? 0 : 0.5)
    return `<rect x="${pixel(left)}" y="${pixel(bottom - (i + 1) * step)}" width="${BAR}" height="${pixel(height)}" fill="${sequenceColor((i + 0.5) / STEPS)}"/>`
  })
  const numbers = linearTicks(...domain, (bottom - top) / 40).map(({ value, text }) =>
    svgText(left + BAR + 5, y(value) + 3.8, text),
  )
  return `<g font-variant="tabular-nums">${boxes.join('')}${numbers.join('')}</g>${svgText(left + colorBarWidth(domain, bottom - top) - 4, (top + bottom) / 2, label, { anchor: 'middle', rotate: -90 })}`
}
