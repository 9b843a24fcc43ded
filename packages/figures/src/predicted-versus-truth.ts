import type { LabelStatistics } from '@astrolabel/metrics'
import { labelStatistics, quantileSorted } from '@astrolabel/metrics'
import type { LabelInfo } from '@astrolabel/spectra'
import { colorBar, colorBarWidth, colorDomain, coloredPoints } from './color-scale.js'
import type { Domain } from './domain.js'
import { paddedExtent, sortedFinite, symmetricDomain } from './domain.js'
import type { FigureOptions } from './figure.js'
import { DEFAULT_WIDTH, checkLengths, figure } from './figure.js'
import { decimalsFor, formatDecimals, pixel } from './format-number.js'
import { errorBars, horizontal, points, strokePath } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame, Scales } from './panel.js'
import { emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { fitText, labelWithUnit, svgText } from './svg-text.js'

/** One label of many stars, in its unit; NaN where missing. */
export interface ComparisonPanel {
  readonly label: LabelInfo
  /** (n). */
  readonly truth: ArrayLike<number>
  /** (n). */
  readonly predicted: ArrayLike<number>
  /** (n) one standard deviation of the predicted. */
  readonly error?: ArrayLike<number>
  /** (n) what points are coloured by, such as S/N. */
  readonly color?: ArrayLike<number>
}

/** Options of {@link predictedVersusTruth}. */
export interface ComparisonOptions extends FigureOptions {
  /** What the colours mean, beside their scale. */
  readonly colorLabel?: string
  /** Panels in a row; 3 unless given. */
  readonly columns?: number
}

const TITLE = 38
const STRIP = 74
const GAP = 8

/** With more stars than this, bars at each would hide the points: one bar of the median error stands in the corner. */
const MANY_BARS = 200

/**
 * Predicted against true labels: a square panel a label with the one-to-one line, residuals in a strip below, and the
 * statistics over it. Residuals beyond five robust standard deviations are triangles at the edge.
 *
 * @returns an SVG document; a label without pairs gets a panel that says so.
 * @throws `figures/length` when the arrays of a panel differ in length.
 */
export function predictedVersusTruth(panels: readonly ComparisonPanel[], options: ComparisonOptions = {}): string {
  for (const { truth, predicted, error, color } of panels) checkLengths(truth.length, { predicted, error, color })
  const columns = Math.max(1, Math.min(options.columns ?? 3, panels.length))
  const colors = panels.flatMap(({ color }) => (color === undefined ? [] : Array.from(color)))
  const colored = colors.some((value) => Number.isFinite(value))
  const domain = colorDomain(colors)
  const top = options.title === undefined ? 0 : 24
  const barWidth = colored ? colorBarWidth(domain, 200) + 10 : 0
  const width = options.width ?? Math.min(DEFAULT_WIDTH, columns * 340 + barWidth)
  const cellWidth = (width - barWidth) / columns
  const drafts = panels.map(prepare)
  // One margin for all panels, so that they line up whatever their numbers need.
  const margin = Math.max(
    0,
    ...drafts.map(({ yUpper, yLower }) => Math.max(widthBefore(yUpper, cellWidth - 80), widthBefore(yLower, STRIP))),
  )
  const cells = drafts.map((draft) => layOut(draft, cellWidth, margin))
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  let y = top
  for (let first = 0; first < cells.length; first += columns) {
    const row = cells.slice(first, first + columns)
    row.forEach((cell, i) =>
      parts.push(`<g transform="translate(${pixel(i * cellWidth)},${pixel(y)})">${cell.draw(domain)}</g>`),
    )
    y += Math.max(...row.map((cell) => cell.height))
  }
  if (panels.length === 0) {
    parts.push(emptyPanel({ left: 4, top: y + 4, right: width - 4, bottom: y + 160 }))
    y += 170
  }
  if (colored)
    parts.push(colorBar(width - barWidth + 8, top + TITLE, top + TITLE + 200, domain, options.colorLabel ?? ''))
  return figure(width, y, `Predicted against true ${panels.map(({ label }) => label.symbol).join(', ')}`, parts)
}

interface Cell {
  readonly height: number
  readonly draw: (colors: Domain) => string
}

interface Draft {
  readonly data: ComparisonPanel
  readonly truth: Float64Array
  readonly predicted: Float64Array
  readonly error: Float64Array | undefined
  readonly residual: Float64Array
  readonly statistics: LabelStatistics
  readonly xUpper: Axis
  readonly yUpper: Axis
  readonly xLower: Axis
  readonly yLower: Axis
}

function prepare(data: ComparisonPanel): Draft {
  const { label } = data
  const truth = Float64Array.from(data.truth)
  const predicted = Float64Array.from(data.predicted)
  const error = data.error && Float64Array.from(data.error)
  const residual = predicted.map((value, i) => value - truth[i]!)
  const domain = comparisonDomain(truth, predicted)
  return {
    data,
    truth,
    predicted,
    error,
    residual,
    statistics: labelStatistics(predicted, truth, { predictedError: error }),
    xUpper: { domain, numbers: false, spacing: 62 },
    yUpper: { domain, label: `predicted ${labelWithUnit(label)}`, spacing: 62 },
    xLower: { domain, label: `true ${labelWithUnit(label)}`, spacing: 62 },
    yLower: { domain: symmetricDomain(residual), label: 'residual', spacing: 20 },
  }
}

function layOut(
  { data, truth, predicted, error, residual, statistics, xUpper, yUpper, xLower, yLower }: Draft,
  width: number,
  margin: number,
): Cell {
  const left = margin + 4
  const side = width - left - 18
  const upper: Frame = { left, top: TITLE, right: left + side, bottom: TITLE + side }
  const lower: Frame = { left, top: upper.bottom + GAP, right: upper.right, bottom: upper.bottom + GAP + STRIP }
  const height = lower.bottom + heightBelow(xLower) + 8
  const draw = (colors: Domain): string => {
    const title =
      svgText(left, 14, fitText(data.label.symbol, side - 60, 13), { size: 13, bold: true }) +
      svgText(upper.right, 14, `n ${statistics.n}`, { anchor: 'end', opacity: 0.75 })
    if (statistics.n === 0) return title + emptyPanel({ ...upper, bottom: lower.bottom })
    const dots = (y: Float64Array, scales: Scales): string =>
      data.color === undefined
        ? points(truth, y, scales, { color: palette.data })
        : coloredPoints(truth, y, data.color, colors, scales, {})
    const bars = (y: Float64Array, scales: Scales): string =>
      error === undefined || statistics.n > MANY_BARS ? '' : errorBars(truth, y, error, scales, palette.data)
    return [
      title,
      svgText(left, 29, fitText(describe(statistics), side + 14, 10), { size: 10, opacity: 0.75 }),
      panel(upper, xUpper, { ...yUpper, labelOffset: margin }, (scales) => {
        const corner = `M${pixel(upper.left)} ${pixel(upper.bottom)}L${pixel(upper.right)} ${pixel(upper.top)}`
        return (
          bars(predicted, scales) +
          dots(predicted, scales) +
          strokePath(corner, { color: 'currentColor', width: 1, dash: '5 3', opacity: 0.75 }) +
          medianBar(error, statistics, scales)
        )
      }),
      panel(lower, xLower, { ...yLower, labelOffset: margin }, (scales) => {
        const zero = horizontal(0, scales, { color: 'currentColor', width: 1, dash: '5 3', opacity: 0.75 })
        return (
          bars(residual, scales) +
          dots(residual, scales) +
          zero +
          horizontal(statistics.bias, scales, { color: palette.model, width: 1.4 })
        )
      }),
    ].join('')
  }
  return { height, draw }
}

/** The range of the truth, and of predictions up to a quarter of it beyond: a wild prediction must not shrink the rest. */
function comparisonDomain(truth: Float64Array, predicted: Float64Array): Domain {
  const used = truth.filter((value, i) => Number.isFinite(value) && Number.isFinite(predicted[i]))
  const [low, high] = paddedExtent(used, 0.05)
  const others = sortedFinite(predicted.filter((_, i) => Number.isFinite(truth[i])))
  if (others.length === 0) return [low, high]
  const room = (high - low) / 4
  const edge = (high - low) / 50
  return [
    Math.min(low, Math.max(low - room, others[0]! - edge)),
    Math.max(high, Math.min(high + room, others[others.length - 1]! + edge)),
  ]
}

function describe({ bias, rmse, mad }: LabelStatistics): string {
  const decimals = decimalsFor(rmse)
  return `bias ${formatDecimals(bias, decimals)} · rmse ${formatDecimals(rmse, decimals)} · MAD ${formatDecimals(mad, decimals)}`
}

function medianBar(error: Float64Array | undefined, { n }: LabelStatistics, { frame, y }: Scales): string {
  if (error === undefined || n <= MANY_BARS) return ''
  const known = sortedFinite(error)
  if (known.length === 0) return ''
  const half = Math.abs(y(quantileSorted(known, 0.5)) - y(0))
  const x = frame.right - 18
  const centre = frame.bottom - Math.max(14, half + 6)
  return (
    strokePath(
      `M${pixel(x)} ${pixel(centre - half)}V${pixel(centre + half)}M${pixel(x - 3)} ${pixel(centre - half)}h6M${pixel(x - 3)} ${pixel(centre + half)}h6`,
      { color: 'currentColor', width: 1 },
    ) + svgText(x - 8, centre + 4, 'median error', { anchor: 'end', opacity: 0.75 })
  )
}
