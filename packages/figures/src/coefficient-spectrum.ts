import { spectrumPath } from './decimate.js'
import type { Domain } from './domain.js'
import { paddedExtent, robustExtent } from './domain.js'
import type { FigureOptions } from './figure.js'
import { DEFAULT_WIDTH, checkLengths, figure } from './figure.js'
import { horizontal, strokePath } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { fitText, svgText } from './svg-text.js'

/** Coefficients of one term of a label model, (nPix). */
export interface CoefficientTerm {
  /** Such as `1`, `Teff` or `Teff · log g`. */
  readonly name: string
  readonly values: ArrayLike<number>
}

/** Options of {@link coefficientSpectrum}. */
export interface CoefficientOptions extends FigureOptions {
  /** The part to show, Å; all unless given. */
  readonly range?: Domain
}

/** Share of the pixels at either end of a row's range that may lie outside. */
const TAIL = 0.003
const HEIGHT = 96

/**
 * Coefficients of a label model by wavelength, a panel a term under another, and its scatter below: where a label
 * changes the spectrum, lines stand out.
 *
 * @param wave (nPix) Å.
 * @param scatter (nPix) the model's intrinsic scatter in normalised flux.
 * @returns an SVG document.
 * @throws `figures/length` when the arrays differ in length.
 */
export function coefficientSpectrum(
  wave: ArrayLike<number>,
  terms: readonly CoefficientTerm[],
  scatter?: ArrayLike<number>,
  options: CoefficientOptions = {},
): string {
  checkLengths(wave.length, {
    ...Object.fromEntries(terms.map(({ name, values }) => [`coefficient ${name}`, values])),
    scatter,
  })
  const width = options.width ?? DEFAULT_WIDTH
  const domain = options.range ?? paddedExtent(wave, 0)
  const rows = [
    ...terms.map((term, i) => ({ ...term, color: palette.series[i % palette.series.length]! })),
    ...(scatter === undefined ? [] : [{ name: 'scatter', values: scatter, color: palette.muted }]),
  ]
  const axes = rows.map(({ values }, row): Axis => {
    // The few largest are mostly pixels at the ends, where the fit has least to go by.
    const [low, high] = robustExtent(
      Array.from(values).filter((_, i) => wave[i]! >= domain[0] && wave[i]! <= domain[1]),
      TAIL,
      TAIL,
      0.15,
    )
    return { domain: row === terms.length && low > 0 ? [0, high] : [low, high], spacing: 26 }
  })
  const margin = Math.max(0, ...axes.map((axis) => widthBefore(axis, HEIGHT)))
  const parts =
    options.title === undefined ? [] : [svgText(4, 15, fitText(options.title, width, 13), { size: 13, bold: true })]
  let top = options.title === undefined ? 8 : 26
  rows.forEach(({ name, values, color }, i) => {
    const last = i === rows.length - 1
    const x: Axis = { domain, ...(last ? { label: 'wavelength (Å)' } : { numbers: false }) }
    const frame: Frame = { left: margin + 24, top, right: width - EDGE, bottom: top + HEIGHT }
    parts.push(
      panel(frame, x, axes[i]!, (scales) => {
        const [low, high] = axes[i]!.domain
        const zero =
          low < 0 && high > 0 ? horizontal(0, scales, { color: 'currentColor', width: 1, opacity: 0.35 }) : ''
        return zero + strokePath(spectrumPath(wave, values, scales), { color, width: 1 })
      }),
      svgText(14, top + HEIGHT / 2, fitText(name, HEIGHT + 10), { anchor: 'middle', rotate: -90, bold: true }),
    )
    top = frame.bottom + heightBelow(x) + (last ? 0 : 4)
  })
  if (rows.length === 0) {
    parts.push(emptyPanel({ left: 4, top, right: width - 4, bottom: top + 110 }))
    top += 116
  }
  return figure(width, top, `Coefficients of ${terms.map(({ name }) => name).join(', ')} by wavelength`, parts)
}
