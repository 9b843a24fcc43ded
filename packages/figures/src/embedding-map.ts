import { robustExtent } from './domain.js'
import type { FigureOptions } from './figure.js'
import { checkLengths, figure } from './figure.js'
import { points } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { fitText, svgText, textWidth } from './svg-text.js'

/** Points of a map, (n) each. */
export interface EmbeddingData {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** (n) which set each point is of: its colour. */
  readonly set: readonly string[]
}

/** Options of {@link embeddingMap}. */
export interface EmbeddingOptions extends FigureOptions {
  /** What the axes are called; none unless given, since those of t-SNE mean nothing. */
  readonly xLabel?: string
  readonly yLabel?: string
}

/**
 * A map of spectra in a plane, each set in a colour of its own: where synthetic and observed spectra lie apart, models do
 * not carry over.
 *
 * @returns an SVG document; without points it says so. @throws `figures/length` when the arrays differ in length.
 */
export function embeddingMap({ x, y, set }: EmbeddingData, options: EmbeddingOptions = {}): string {
  checkLengths(x.length, { y })
  checkLengths(set.length, { x })
  const width = options.width ?? 560
  const top = options.title === undefined ? 28 : 46
  const bottom = top + Math.round(width * 0.78)
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  if (x.length === 0)
    return figure(width, bottom + 6, 'Map without points', [
      ...parts,
      emptyPanel({ left: 4, top, right: width - 4, bottom }),
    ])
  const axis = (values: ArrayLike<number>, label: string | undefined): Axis => ({
    domain: robustExtent(values, 0, 0, 0.04),
    ...(label === undefined ? {} : { label }),
  })
  const [xAxis, yAxis] = [axis(x, options.xLabel), axis(y, options.yLabel)]
  const frame: Frame = { left: widthBefore(yAxis, bottom - top) + 4, top, right: width - EDGE, bottom }
  const names = [...new Set(set)]
  let at = frame.left
  names.forEach((name, s) => {
    const count = set.filter((one) => one === name).length
    const text = `${name} (${count})`
    parts.push(`<circle cx="${at + 5}" cy="${top - 13}" r="4" fill="${colorOf(s)}"/>`, svgText(at + 13, top - 9, text))
    at += textWidth(text) + 28
  })
  // In turn, so that the last set does not lie on top of all the others.
  const slices = Math.ceil(x.length / SLICE)
  parts.push(
    panel(frame, xAxis, yAxis, (scales) =>
      Array.from({ length: slices }, (_, slice) =>
        names
          .map((name, s) => {
            const rows: number[] = []
            for (let i = slice; i < x.length; i += slices) if (set[i] === name) rows.push(i)
            return points(
              rows.map((i) => x[i]!),
              rows.map((i) => y[i]!),
              scales,
              { color: colorOf(s), radius: 1.9, opacity: 0.7 },
            )
          })
          .join(''),
      ).join(''),
    ),
  )
  return figure(width, bottom + heightBelow(xAxis), `Map of ${x.length} spectra in ${names.length} sets`, parts)
}

const SLICE = 400

function colorOf(set: number): string {
  return palette.series[set % palette.series.length]!
}
