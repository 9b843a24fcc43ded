import type { ModelComparison } from '@astrolabel/metrics'
import type { LabelInfo } from '@astrolabel/spectra'
import type { Domain } from './domain.js'
import type { FigureOptions } from './figure.js'
import { pixel } from './format-number.js'
import { palette } from './palette.js'
import type { Axis, Frame } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel } from './panel.js'
import { smallMultiples } from './small-multiples.js'
import { fitText, labelWithUnit, svgText, textWidth } from './svg-text.js'

const TITLE = 20
const ROW = 24

/**
 * Models side by side on the same stars: a panel a label, a row a model, its RMSE with the bootstrap interval. The best is
 * orange, and so are those that the paired comparison cannot tell from it, as open circles.
 *
 * Intervals of two models may overlap and one still be better for certain: they share their stars.
 *
 * @returns an SVG document.
 */
export function modelComparison(
  labels: readonly LabelInfo[],
  comparison: ModelComparison,
  options: FigureOptions = {},
): string {
  const names = Object.keys(comparison.models)
  const margin = Math.min(150, 12 + Math.max(0, ...names.map((name) => textWidth(name))))
  const height = ROW * names.length
  return smallMultiples(labels.length, `RMSE of ${names.join(', ')}`, options, {
    height: TITLE + height + heightBelow({ domain: [0, 1], label: 'x' }) + 12,
    draw: (index, width) => {
      const label = labels[index]!
      const frame: Frame = { left: margin, top: TITLE, right: width - EDGE, bottom: TITLE + height }
      return (
        svgText(margin, 14, fitText(label.symbol, width - margin, 13), { size: 13, bold: true }) +
        drawPanel(label, names, comparison, frame)
      )
    },
  })
}

function drawPanel(
  label: LabelInfo,
  names: readonly string[],
  { models, pairs }: ModelComparison,
  frame: Frame,
): string {
  const rows = names.flatMap((name, row) => {
    const { rmse, ci } = models[name]?.[label.name] ?? { rmse: null, ci: undefined }
    if (rmse === null) return []
    const [low, high] = ci?.['rmse'] ?? [rmse, rmse]
    return [{ name, row, rmse, low: low ?? rmse, high: high ?? rmse }]
  })
  if (rows.length === 0) return emptyPanel(frame)
  const best = rows.reduce((left, right) => (right.rmse < left.rmse ? right : left))
  const lost = new Set(
    pairs.flatMap(({ label: of, a, b, better }) =>
      of === label.name && better !== null ? [better === a ? b : a] : [],
    ),
  )
  const x: Axis = {
    domain: extent(rows.flatMap(({ low, high }) => [low, high])),
    label: `RMSE, ${labelWithUnit(label)}`,
  }
  const y: Axis = { domain: [names.length, 0], numbers: false }
  return (
    panel(frame, x, y, (scales) =>
      rows
        .map(({ name, row, rmse, low, high }) => {
          const color = lost.has(name) ? palette.data : palette.model
          const at = pixel(scales.y(row + 0.5))
          const fill = name === best.name || lost.has(name) ? color : 'none'
          return (
            `<path d="M${pixel(scales.x(low))} ${at}H${pixel(scales.x(high))}" stroke="${color}" stroke-width="1.6"/>` +
            `<circle cx="${pixel(scales.x(rmse))}" cy="${at}" r="4" fill="${fill}" stroke="${color}" stroke-width="1.6"/>`
          )
        })
        .join(''),
    ) +
    names
      .map((name, row) =>
        svgText(frame.left - 8, frame.top + ROW * (row + 0.5) + 4, fitText(name, frame.left - 10), { anchor: 'end' }),
      )
      .join('')
  )
}

function extent(values: readonly number[]): Domain {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = 0.12 * (high - low) || 0.1 * Math.abs(high) || 1
  return [Math.max(0, low - room), high + room]
}
