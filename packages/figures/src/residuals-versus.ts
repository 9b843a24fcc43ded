import { quantileSorted } from '@astrolabel/metrics'
import type { LabelInfo } from '@astrolabel/spectra'
import type { Domain } from './domain.js'
import { paddedExtent, robustExtent, sortedFinite, symmetricDomain } from './domain.js'
import type { FigureOptions } from './figure.js'
import { checkLengths, figure } from './figure.js'
import { pixel } from './format-number.js'
import { horizontal, line, points } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame, Scales } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { fitText, labelWithUnit, svgText } from './svg-text.js'

/** Residuals (predicted − true) of one label. */
export interface ResidualPanel {
  readonly label: LabelInfo
  /** (n) in the label's unit, NaN where missing. */
  readonly residual: ArrayLike<number>
}

/** What residuals are drawn against. */
export interface ResidualVariable {
  readonly label: string
  /** (n). */
  readonly values: ArrayLike<number>
  /** Logarithmic axis, for S/N; values of 0 and below are left out. */
  readonly log?: boolean
}

/**
 * Residuals of labels against another quantity, such as S/N or a label: one panel a label under another, with the
 * running median and the 16th and 84th percentiles in bins of equally many stars.
 *
 * @returns an SVG document; a label without residuals gets a panel that says so.
 * @throws `figures/length` when the arrays differ in length.
 */
export function residualsVersus(
  variable: ResidualVariable,
  panels: readonly ResidualPanel[],
  options: FigureOptions = {},
): string {
  const { log = false } = variable
  for (const { residual } of panels) checkLengths(variable.values.length, { residual })
  const width = options.width ?? 700
  const x = Float64Array.from(variable.values, (value) => (log && !(value > 0) ? Number.NaN : value))
  const domain = log ? logExtent(x) : robustExtent(x, 0.002, 0.002, 0.04)
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  const axes = panels.map(({ label, residual }): Axis => ({
    domain: symmetricDomain(Array.from(residual).filter((_, i) => Number.isFinite(x[i]))),
    label: `Δ${labelWithUnit(label)}`,
    spacing: 28,
  }))
  const height = 110
  const margin = Math.max(0, ...axes.map((axis) => widthBefore(axis, height)))
  let top = options.title === undefined ? 8 : 26
  panels.forEach(({ residual }, p) => {
    const last = p === panels.length - 1
    const xAxis: Axis = { domain, log, ...(last ? { label: variable.label } : { numbers: false }) }
    const frame: Frame = { left: margin + 4, top, right: width - EDGE, bottom: top + height }
    const known = Array.from(residual, (_, i) => i).filter((i) => Number.isFinite(residual[i]) && Number.isFinite(x[i]))
    parts.push(
      known.length === 0
        ? emptyPanel(frame)
        : panel(frame, xAxis, { ...axes[p]!, labelOffset: margin }, (scales) => {
            const xs = known.map((i) => x[i]!)
            const ys = known.map((i) => residual[i]!)
            return (
              points(xs, ys, scales, { color: palette.data, opacity: 0.45 }) +
              horizontal(0, scales, { color: 'currentColor', width: 1, dash: '5 3', opacity: 0.75 }) +
              running(xs, ys, scales)
            )
          }),
    )
    top = frame.bottom + heightBelow(xAxis) + (last ? 0 : 5)
  })
  if (panels.length === 0) {
    parts.push(emptyPanel({ left: 4, top, right: width - 4, bottom: top + 110 }))
    top += 116
  }
  return figure(
    width,
    top,
    `Residuals of ${panels.map(({ label }) => label.symbol).join(', ')} against ${variable.label}`,
    parts,
  )
}

/** Fewer stars than this in a bin give no quantile worth a line. */
const STARS_IN_BIN = 12

function running(x: readonly number[], y: readonly number[], scales: Scales): string {
  const bins = Math.min(14, Math.floor(x.length / STARS_IN_BIN))
  if (bins < 2) return ''
  const order = x.map((_, i) => i).sort((a, b) => x[a]! - x[b]!)
  const centres: number[] = []
  const quantiles: [number[], number[], number[]] = [[], [], []]
  for (let b = 0; b < bins; b++) {
    const rows = order.slice(Math.floor((b * order.length) / bins), Math.floor(((b + 1) * order.length) / bins))
    centres.push(x[rows[rows.length >> 1]!]!)
    const sorted = sortedFinite(rows.map((i) => y[i]!))
    ;[0.16, 0.5, 0.84].forEach((p, k) => quantiles[k]!.push(quantileSorted(sorted, p)))
  }
  const [low, median, high] = quantiles
  return (
    line(centres, low, scales, { color: palette.model, width: 1.1, dash: '3 2' }) +
    line(centres, high, scales, { color: palette.model, width: 1.1, dash: '3 2' }) +
    line(centres, median, scales, { color: palette.model, width: 2 }) +
    centres
      .map(
        (value, b) =>
          `<circle cx="${pixel(scales.x(value))}" cy="${pixel(scales.y(median[b]!))}" r="2.4" fill="${palette.model}"/>`,
      )
      .join('')
  )
}

/** At most twelve decades: fewer than the smallest doubles span, more than any quantity of a star. */
function logExtent(x: Float64Array): Domain {
  const [low, high] = paddedExtent(x.map(Math.log10), 0.04)
  return [10 ** Math.max(low, high - 12), 10 ** high]
}
