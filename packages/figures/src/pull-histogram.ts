import { quantileSorted } from '@astrolabel/metrics'
import type { LabelInfo } from '@astrolabel/spectra'
import { sortedFinite } from './domain.js'
import type { FigureOptions } from './figure.js'
import { formatDecimals, pixel } from './format-number.js'
import { line } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame, Scales } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { smallMultiples } from './small-multiples.js'
import { fitText, svgText } from './svg-text.js'

/** Pulls of one label: residuals over their errors. */
export interface PullPanel {
  readonly label: LabelInfo
  /** (n), NaN where unknown. */
  readonly z: ArrayLike<number>
}

const LIMIT = 5
const TITLE = 37
const HEIGHT = 150

/**
 * Histograms of pulls with the unit normal distribution that they follow when errors are right; the title gives their
 * median and robust width, and how many lie beyond ± 5.
 *
 * @returns an SVG document; a label without pulls gets a panel that says so.
 */
export function pullHistogram(panels: readonly PullPanel[], options: FigureOptions = {}): string {
  const x: Axis = { domain: [-LIMIT, LIMIT], label: '(predicted − true) / error', spacing: 36 }
  return smallMultiples(panels.length, `Pulls of ${panels.map(({ label }) => label.symbol).join(', ')}`, options, {
    height: TITLE + HEIGHT + heightBelow(x) + 10,
    draw: (index, width) => drawPanel(panels[index]!, x, width),
  })
}

function drawPanel({ label, z }: PullPanel, x: Axis, width: number): string {
  const sorted = sortedFinite(z)
  const inside = sorted.filter((value) => Math.abs(value) <= LIMIT)
  // Bars hold enough stars not to be mostly noise; whole numbers stay on edges so that ± 1 can be read off.
  const perUnit = sorted.length >= 400 ? 4 : sorted.length >= 60 ? 2 : 1
  const counts = new Float64Array(2 * LIMIT * perUnit)
  for (const value of inside) counts[Math.min(counts.length - 1, Math.floor((value + LIMIT) * perUnit))]! += 1
  const density = counts.map((count) => (count * perUnit) / Math.max(1, sorted.length))
  const y: Axis = { domain: [0, 1.08 * Math.max(0.42, ...density)], label: 'density' }
  const left = widthBefore({ domain: [0, 0.5], label: 'density' }, HEIGHT) + 4
  const frame: Frame = { left, top: TITLE, right: width - EDGE, bottom: TITLE + HEIGHT }
  const title =
    svgText(left, 14, fitText(label.symbol, width - left - 70, 13), { size: 13, bold: true }) +
    svgText(frame.right, 14, `n ${sorted.length}`, { anchor: 'end', opacity: 0.75 })
  if (sorted.length === 0) return title + emptyPanel(frame)
  const median = quantileSorted(sorted, 0.5)
  const robust = 1.4826 * quantileSorted(sorted.map((value) => Math.abs(value - median)).sort(), 0.5)
  const beyond = sorted.length - inside.length
  const summary = `median ${formatDecimals(median, 2)} · width ${formatDecimals(robust, 2)}${beyond === 0 ? '' : ` · ${beyond} beyond ±5`}`
  return [
    title,
    svgText(left, 29, fitText(summary, width - left, 10), { size: 10, opacity: 0.75 }),
    panel(frame, x, y, (scales) => bars(density, perUnit, scales) + unitNormal(scales)),
  ].join('')
}

function bars(density: Float64Array, perUnit: number, { x, y, frame }: Scales): string {
  let d = `M${pixel(frame.left)} ${pixel(frame.bottom)}`
  density.forEach((value, i) => {
    d += `V${pixel(y(value))}H${pixel(x(-LIMIT + (i + 1) / perUnit))}`
  })
  return `<path class="bars" d="${d}V${pixel(frame.bottom)}Z" fill="${palette.data}" fill-opacity=".35" stroke="${palette.data}"/>`
}

function unitNormal(scales: Scales): string {
  const z = Array.from({ length: 101 }, (_, i) => -LIMIT + (2 * LIMIT * i) / 100)
  return line(
    z,
    z.map((value) => Math.exp(-0.5 * value * value) / Math.sqrt(2 * Math.PI)),
    scales,
    { color: palette.model, width: 1.6 },
  )
}
