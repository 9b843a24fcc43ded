import type { UncertaintyCheck } from '@astrolabel/metrics'
import type { LabelInfo } from '@astrolabel/spectra'
import type { FigureOptions } from './figure.js'
import { pixel } from './format-number.js'
import { horizontal } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame, Scales } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { smallMultiples } from './small-multiples.js'
import { fitText, svgText } from './svg-text.js'

/** Whether the errors of one label are right. */
export interface PitPanel {
  readonly label: LabelInfo
  readonly check: Pick<UncertaintyCheck, 'n' | 'pit' | 'verdict' | 'ks_p'>
}

const TITLE = 37
const HEIGHT = 120

/**
 * Histograms of where the truth falls in the predicted distributions: flat within the grey band, which holds 95 % of the
 * bars by chance, when errors are right; a valley when they are too small, a hill when too large, a slope for a bias.
 *
 * @returns an SVG document; a label without errors gets a panel that says so.
 */
export function pitHistograms(panels: readonly PitPanel[], options: FigureOptions = {}): string {
  const x: Axis = { domain: [0, 1], label: 'place of the truth in the prediction', spacing: 50 }
  const names = panels.map(({ label }) => label.symbol).join(', ')
  return smallMultiples(panels.length, `Probability integral transforms of ${names}`, options, {
    height: TITLE + HEIGHT + heightBelow(x) + 10,
    draw: (index, width) => drawPanel(panels[index]!, x, width),
  })
}

function drawPanel({ label, check }: PitPanel, x: Axis, width: number): string {
  const { n, pit, verdict, ks_p } = check
  const bins = pit.length
  const density = pit.map((count) => (count * bins) / Math.max(1, n))
  // Binomial spread of the share of a bar around 1 / bins, in units of the density.
  const spread = 1.96 * Math.sqrt((bins - 1) / Math.max(1, n))
  const y: Axis = { domain: [0, 1.08 * Math.max(1 + spread, ...density)], label: 'density' }
  const left = widthBefore({ domain: [0, 0.5], label: 'density' }, HEIGHT) + 4
  const frame: Frame = { left, top: TITLE, right: width - EDGE, bottom: TITLE + HEIGHT }
  const title =
    svgText(left, 14, fitText(label.symbol, width - left - 70, 13), { size: 13, bold: true }) +
    svgText(frame.right, 14, `n ${n}`, { anchor: 'end', opacity: 0.75 })
  if (n === 0) return title + emptyPanel(frame)
  const words =
    verdict === 'right'
      ? 'errors agree'
      : verdict === 'biased'
        ? 'biased'
        : verdict === 'wrong shape'
          ? 'wrong shape'
          : `errors ${verdict}`
  const p = ks_p === null ? '' : ks_p < 1e-4 ? ' · p < 0.0001' : ` · p ${ks_p.toPrecision(2)}`
  return [
    title,
    svgText(left, 29, fitText(words + p, width - left, 10), { size: 10, opacity: 0.75 }),
    panel(frame, x, y, (scales) => bars(density, scales) + band(spread, scales)),
  ].join('')
}

function bars(density: readonly number[], { x, y, frame }: Scales): string {
  let d = `M${pixel(frame.left)} ${pixel(frame.bottom)}`
  density.forEach((value, i) => {
    d += `V${pixel(y(value))}H${pixel(x((i + 1) / density.length))}`
  })
  return `<path class="bars" d="${d}V${pixel(frame.bottom)}Z" fill="${palette.data}" fill-opacity=".35" stroke="${palette.data}"/>`
}

function band(spread: number, scales: Scales): string {
  const { left, right } = scales.frame
  const top = scales.y(1 + spread)
  const bottom = scales.y(Math.max(0, 1 - spread))
  return (
    `<rect x="${pixel(left)}" y="${pixel(top)}" width="${pixel(right - left)}" height="${pixel(bottom - top)}" fill="${palette.muted}" fill-opacity=".22"/>` +
    horizontal(1, scales, { color: palette.model, width: 1.4 })
  )
}
