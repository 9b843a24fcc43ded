import type { Trend } from '@astrolabel/metrics'
import type { LabelInfo } from '@astrolabel/spectra'
import type { Domain } from './domain.js'
import { paddedExtent } from './domain.js'
import type { FigureOptions } from './figure.js'
import { DEFAULT_WIDTH, figure } from './figure.js'
import { pixel } from './format-number.js'
import { horizontal, line } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame, Scales } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { fitText, labelWithUnit, svgText } from './svg-text.js'

/** A quantity that residuals were tested against: one column of the figure. */
export interface TrendColumn {
  /** As the trends call it. */
  readonly name: string
  /** What stands below the column. */
  readonly title: string
}

const HEIGHT = 104
const TITLE = 18

/**
 * Residual trends as a grid: a row a label, a column a quantity, in each the running medians with their 68 % intervals;
 * trends that are no accident in colour, with how much of the scatter they are.
 *
 * All panels of a row have one scale, so that trends of a label can be compared by eye.
 *
 * @returns an SVG document; a panel without running medians says so.
 */
export function trendGrid(
  labels: readonly LabelInfo[],
  columns: readonly TrendColumn[],
  trends: readonly Trend[],
  options: FigureOptions = {},
): string {
  const width = options.width ?? DEFAULT_WIDTH
  const find = (label: string, against: string): Trend | undefined =>
    trends.find((trend) => trend.label === label && trend.against === against)
  const rows = labels.map((label) => {
    const all = columns.flatMap(({ name }) => find(label.name, name)?.running ?? [])
    const limit = 1.08 * Math.max(0, ...all.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]))
    const domain: Domain = limit > 0 ? [-limit, limit] : [-1, 1]
    return { label, axis: { domain, label: `Δ${labelWithUnit(label)}`, spacing: 26 } satisfies Axis }
  })
  const margin = Math.max(0, ...rows.map(({ axis }) => widthBefore(axis, HEIGHT))) + 4
  const gap = 10
  const cell = Math.max(60, (width - margin - EDGE - gap * (columns.length - 1)) / Math.max(1, columns.length))
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  let top = options.title === undefined ? 4 : 24
  if (rows.length === 0 || columns.length === 0) {
    parts.push(emptyPanel({ left: 4, top, right: width - 4, bottom: top + HEIGHT }))
    return figure(width, top + HEIGHT + 6, 'Residual trends without data', parts)
  }
  rows.forEach(({ label, axis }, r) => {
    const last = r === rows.length - 1
    columns.forEach(({ name, title }, c) => {
      const left = margin + c * (cell + gap)
      const frame: Frame = { left, top: top + TITLE, right: left + cell, bottom: top + TITLE + HEIGHT }
      const trend = find(label.name, name)
      const known = labels.flatMap((one) => find(one.name, name)?.running ?? [])
      const x: Axis = {
        ...columnAxis(known, trend?.log === true),
        spacing: 60,
        ...(last ? { label: fitText(title, cell) } : { numbers: false }),
      }
      const y: Axis = c === 0 ? { ...axis, labelOffset: margin } : { domain: axis.domain, spacing: 26, numbers: false }
      if (trend === undefined || trend.running.length === 0) {
        parts.push(emptyPanel(frame))
        return
      }
      const color = trend.verdict === 'none' ? palette.muted : palette.model
      const note =
        trend.verdict === 'none'
          ? 'no trend'
          : `${trend.verdict}, ${Math.abs(trend.change_in_scatter ?? 0).toFixed(1)} σ`
      parts.push(
        svgText(frame.right, frame.top - 5, note, {
          anchor: 'end',
          size: 10,
          ...(trend.verdict === 'none' ? { opacity: 0.6 } : { bold: true, color }),
        }),
        panel(frame, x, y, (scales) => drawTrend(trend, scales, color)),
      )
    })
    top += TITLE + HEIGHT + (last ? heightBelow({ domain: [0, 1], label: 'x' }) : 6)
  })
  return figure(width, top, `Residual trends of ${labels.map(({ symbol }) => symbol).join(', ')}`, parts)
}

function columnAxis(running: Trend['running'], log: boolean): Axis {
  const ends = running
    .flatMap(({ from, to }) => [from, to])
    .filter((value) => Number.isFinite(value) && (!log || value > 0))
  const [low, high] = paddedExtent(log ? ends.map(Math.log10) : ends, 0.03)
  return log ? { domain: [10 ** low, 10 ** high], log: true } : { domain: [low, high] }
}

function drawTrend({ running }: Trend, scales: Scales, color: string): string {
  const x = running.map(({ centre }) => centre)
  const band = [
    ...running.map(({ centre, high }) => [centre, high] as const),
    ...running.toReversed().map(({ centre, low }) => [centre, low] as const),
  ].map(([a, b]) => `${pixel(scales.x(a))} ${pixel(scales.y(b))}`)
  return (
    `<path d="M${band.join('L')}Z" fill="${color}" fill-opacity=".22"/>` +
    horizontal(0, scales, { color: 'currentColor', width: 1, dash: '5 3', opacity: 0.75 }) +
    line(
      x,
      running.map(({ median }) => median),
      scales,
      { color, width: 1.8 },
    ) +
    running
      .map(
        ({ centre, median }) =>
          `<circle cx="${pixel(scales.x(centre))}" cy="${pixel(scales.y(median))}" r="2.2" fill="${color}"/>`,
      )
      .join('')
  )
}
