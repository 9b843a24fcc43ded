import { coverageCurve } from '@astrolabel/metrics'
import type { FigureOptions } from './figure.js'
import { figure } from './figure.js'
import { pixel } from './format-number.js'
import { line, strokePath } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame } from './panel.js'
import { emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import type { PullPanel } from './pull-histogram.js'
import { fitText, svgText, textWidth } from './svg-text.js'

const DASHES: readonly (string | undefined)[] = [undefined, '7 3', '2 2']

/**
 * Observed against expected coverage of the errors of each label: on the diagonal when they are right, below it when
 * they are too small.
 *
 * @returns an SVG document; labels without pulls are left out.
 */
export function coveragePlot(series: readonly PullPanel[], options: FigureOptions = {}): string {
  const curves = series
    .map(({ label, z }) => ({ name: label.symbol, ...coverageCurve(Float64Array.from(z)) }))
    .filter(({ observed }) => Number.isFinite(observed[0]))
  const legendWidth = 34 + Math.max(0, ...curves.map(({ name }) => textWidth(name)))
  const width = options.width ?? 400 + legendWidth
  const top = options.title === undefined ? 8 : 26
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  if (curves.length === 0)
    return figure(width, top + 206, 'Coverage without data', [
      ...parts,
      emptyPanel({ left: 4, top, right: width - 4, bottom: top + 200 }),
    ])
  const x: Axis = { domain: [0, 1], label: 'expected coverage' }
  const y: Axis = { domain: [0, 1], label: 'observed coverage' }
  const left = widthBefore(y, 300) + 4
  const side = Math.max(80, width - left - legendWidth - 14)
  const frame: Frame = { left, top, right: left + side, bottom: top + side }
  const style = (i: number): { color: string; width: number; dash?: string } => {
    const dash = DASHES[Math.floor(i / palette.series.length) % DASHES.length]
    return { color: palette.series[i % palette.series.length]!, width: 1.8, ...(dash === undefined ? {} : { dash }) }
  }
  parts.push(
    panel(
      frame,
      x,
      y,
      (scales) =>
        strokePath(`M${pixel(frame.left)} ${pixel(frame.bottom)}L${pixel(frame.right)} ${pixel(frame.top)}`, {
          color: 'currentColor',
          width: 1,
          dash: '5 3',
          opacity: 0.75,
        }) + curves.map(({ expected, observed }, i) => line(expected, observed, scales, style(i))).join(''),
    ),
    ...curves.map(
      ({ name }, i) =>
        strokePath(`M${pixel(frame.right + 10)} ${pixel(top + 10 + 17 * i)}h16`, style(i)) +
        svgText(frame.right + 31, top + 14 + 17 * i, name),
    ),
  )
  return figure(
    width,
    Math.max(frame.bottom + heightBelow(x), top + 20 + 17 * curves.length),
    `Coverage of the errors of ${curves.map(({ name }) => name).join(', ')}`,
    parts,
  )
}
