import { colorBar, colorBarWidth, colorDomain, coloredPoints } from './color-scale.js'
import type { Domain } from './domain.js'
import { robustExtent } from './domain.js'
import type { FigureOptions } from './figure.js'
import { checkLengths, figure } from './figure.js'
import { points } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { fitText, svgText } from './svg-text.js'

/** Stars of a Kiel diagram, (n) each, NaN where missing. */
export interface KielData {
  /** K. */
  readonly teff: ArrayLike<number>
  /** dex(cm s-2). */
  readonly logg: ArrayLike<number>
  /** dex, the colour; points are of one colour without it. */
  readonly fe_h?: ArrayLike<number>
}

/** Options of {@link kielDiagram}. */
export interface KielOptions extends FigureOptions {
  /** Teff at the left and right, K; from the stars unless given. */
  readonly teffDomain?: Domain
  /** log g at the bottom and top; from the stars unless given. */
  readonly loggDomain?: Domain
  /** [Fe/H] of the first and last colour; from the stars unless given. Give the same to diagrams to be compared. */
  readonly feHDomain?: Domain
}

/**
 * Kiel diagram: log g against Teff, both reversed so that giants are at the upper right, coloured by [Fe/H].
 *
 * @returns an SVG document; without a star that has both it says so.
 * @throws `figures/length` when the arrays differ in length.
 */
export function kielDiagram(data: KielData, options: KielOptions = {}): string {
  const { teff, logg, fe_h: feH } = data
  checkLengths(teff.length, { logg, fe_h: feH })
  const width = options.width ?? 560
  const top = options.title === undefined ? 8 : 26
  const bottom = top + Math.round(width * 0.68)
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  const known = Array.from(teff, (_, i) => i).filter((i) => Number.isFinite(teff[i]) && Number.isFinite(logg[i]))
  if (known.length === 0)
    return figure(width, bottom + 6, 'Kiel diagram without data', [
      ...parts,
      emptyPanel({ left: 4, top, right: width - 4, bottom }),
    ])
  const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(known, (i) => values[i]!)
  const colors = feH && pick(feH)
  const colored = colors?.some(Number.isFinite) === true
  const feHDomain = options.feHDomain ?? colorDomain(colors ?? [])
  const barWidth = colored ? colorBarWidth(feHDomain, bottom - top) + 10 : 0
  const x: Axis = {
    domain: options.teffDomain ?? reversed(robustExtent(pick(teff), 0.002, 0.002, 0.06)),
    label: 'Teff (K)',
  }
  const y: Axis = {
    domain: options.loggDomain ?? reversed(robustExtent(pick(logg), 0.002, 0.002, 0.06)),
    label: 'log g (cgs)',
  }
  const frame: Frame = {
    left: widthBefore(y, bottom - top) + 4,
    top,
    right: width - (colored ? barWidth + 14 : EDGE),
    bottom,
  }
  parts.push(
    panel(frame, x, y, (scales) =>
      colored
        ? coloredPoints(pick(teff), pick(logg), colors, feHDomain, scales, { radius: 2, opacity: 0.8 })
        : points(pick(teff), pick(logg), scales, { color: palette.data, radius: 2 }),
    ),
  )
  if (colored) parts.push(colorBar(frame.right + 12, top, bottom, feHDomain, '[Fe/H] (dex)'))
  return figure(width, bottom + heightBelow(x), `Kiel diagram of ${known.length} stars`, parts)
}

function reversed([low, high]: Domain): Domain {
  return [high, low]
}
