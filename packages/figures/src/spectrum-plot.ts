import { runsPath, spectrumPath } from './decimate.js'
import type { Domain } from './domain.js'
import { paddedExtent, robustExtent, symmetricDomain } from './domain.js'
import type { FigureOptions } from './figure.js'
import { DEFAULT_WIDTH, checkLengths, figure } from './figure.js'
import { pixel } from './format-number.js'
import type { LineStyle } from './marks.js'
import { horizontal, strokePath } from './marks.js'
import { palette } from './palette.js'
import type { Axis, Frame, Scales } from './panel.js'
import { EDGE, emptyPanel, heightBelow, panel, widthBefore } from './panel.js'
import { rowDomains, splitRows } from './row-domains.js'
import { fitText, svgText, textWidth } from './svg-text.js'

/** One spectrum; all arrays (nPix). */
export interface SpectrumData {
  /** Å. */
  readonly wave: ArrayLike<number>
  readonly flux: ArrayLike<number>
  /** Inverse variance of flux; pixels of 0 are bad. */
  readonly ivar?: ArrayLike<number>
  /** Normalised model flux. */
  readonly model?: ArrayLike<number>
  /** What to divide flux by, in its unit; flux is taken as normalised without it. */
  readonly continuum?: ArrayLike<number>
  /** Not 0 where a pixel is bad for another reason than its ivar. */
  readonly bad?: ArrayLike<number>
}

/** Options of {@link spectrumPlot}. */
export interface SpectrumOptions extends FigureOptions {
  /** The part to show, Å; all unless given. */
  readonly range?: Domain
  /** Rows the wavelengths are spread over; 1 unless given. */
  readonly rows?: number
  /** Of the y axis; `normalised flux` unless given. */
  readonly fluxLabel?: string
}

const HEIGHT = 190
const STRIP = 64
const GAP = 7

/** Wide and pale, so that it is seen beside a model that fits it well, and the model is seen before its noise. */
const UNDER_MODEL: LineStyle = { color: 'currentColor', width: 2, opacity: 0.45 }

/**
 * A normalised spectrum, its model and, when there is a model, the residual with ± 1σ of the flux in a strip below.
 * Bad pixels are shaded; each row has its own range of flux. Spectra of any length stay small: see {@link spectrumPath}.
 *
 * @returns an SVG document; without a good pixel in the range it says so.
 * @throws `figures/length` when the arrays differ in length.
 */
export function spectrumPlot(data: SpectrumData, options: SpectrumOptions = {}): string {
  const { wave, model } = data
  checkLengths(wave.length, { flux: data.flux, ivar: data.ivar, model, continuum: data.continuum, bad: data.bad })
  const width = options.width ?? DEFAULT_WIDTH
  const isBad = (i: number): boolean =>
    data.ivar?.[i] === 0 ||
    (data.bad !== undefined && data.bad[i] !== 0) ||
    !(data.continuum === undefined || data.continuum[i]! > 0)
  const normalised = Float64Array.from(wave, (_, i) => data.flux[i]! / (data.continuum?.[i] ?? 1))
  const [from, to] = options.range ?? paddedExtent(wave, 0)
  const good = Float64Array.from(normalised, (value, i) =>
    isBad(i) || !(wave[i]! >= from && wave[i]! <= to) ? Number.NaN : value,
  )
  const top = options.title === undefined && model === undefined ? 6 : 24
  const title =
    options.title === undefined ? '' : svgText(4, 15, fitText(options.title, width - 200, 13), { size: 13, bold: true })
  if (!good.some(Number.isFinite))
    return figure(width, top + 150, 'Spectrum without data', [
      title,
      emptyPanel({ left: 4, top, right: width - 4, bottom: top + 144 }),
    ])

  const residual = model === undefined ? undefined : good.map((value, i) => value - model[i]!)
  const sigma = Float64Array.from(wave, (_, i) =>
    isBad(i) ? Number.NaN : 1 / Math.sqrt(data.ivar?.[i] ?? Number.NaN) / (data.continuum?.[i] ?? 1),
  )
  const rows = splitRows([from, to], Math.max(1, Math.floor(options.rows ?? 1)))
  const within = (values: ArrayLike<number>, [low, high]: Domain): Float64Array =>
    Float64Array.from(wave, (at, i) => (at >= low && at <= high && Number.isFinite(good[i]) ? values[i]! : Number.NaN))
  const fits = model === undefined ? [] : rows.map((row) => within(model, row))
  const fluxAxes = rowDomains(
    rows.map((row) => within(good, row)),
    (values, row) => fluxDomain(values, fits[row]),
  ).map((domain): Axis => ({ domain, label: options.fluxLabel ?? 'normalised flux' }))
  const residualAxes =
    residual === undefined
      ? []
      : rowDomains(
          rows.map((row) => within(residual, row)),
          symmetricDomain,
        ).map((domain): Axis => ({ domain, label: 'residual', spacing: 20 }))
  // Beyond the strip they say nothing, and a line along its edge would mislead: unknown errors are far larger.
  const noise = residualAxes.map(({ domain }, row) =>
    sigma.map((value, i) =>
      value <= domain[1] && wave[i]! >= rows[row]![0] && wave[i]! <= rows[row]![1] ? value : Number.NaN,
    ),
  )
  const margin = Math.max(
    ...fluxAxes.map((axis) => widthBefore(axis, HEIGHT)),
    ...residualAxes.map((axis) => widthBefore(axis, STRIP)),
  )
  const parts = [
    title,
    model === undefined
      ? ''
      : legend(
          width,
          noise.some((values) => values.some(Number.isFinite)),
        ),
  ]
  let y = top
  for (const [row, domain] of rows.entries()) {
    const label = row === rows.length - 1 ? { label: 'wavelength (Å)' } : {}
    const upper: Frame = { left: margin + 4, top: y, right: width - EDGE, bottom: y + HEIGHT }
    const shade = (scales: Scales): string => {
      const d = runsPath(wave, isBad, scales)
      return d === '' ? '' : `<path class="bad" d="${d}" fill="${palette.muted}" fill-opacity=".22"/>`
    }
    parts.push(
      panel(
        upper,
        { domain, ...(residual === undefined ? label : { numbers: false }) },
        { ...fluxAxes[row]!, labelOffset: margin },
        (scales) =>
          [
            shade(scales),
            strokePath(
              spectrumPath(wave, good, scales),
              model === undefined ? { color: palette.data, width: 0.9 } : UNDER_MODEL,
            ),
            model === undefined
              ? ''
              : strokePath(spectrumPath(wave, model, scales), { color: palette.model, width: 0.9 }),
          ].join(''),
      ),
    )
    y = upper.bottom + heightBelow(residual === undefined ? { domain, ...label } : { domain, numbers: false })
    if (residual !== undefined) {
      const lower: Frame = { ...upper, top: upper.bottom + GAP, bottom: upper.bottom + GAP + STRIP }
      parts.push(
        panel(lower, { domain, ...label }, { ...residualAxes[row]!, labelOffset: margin }, (scales) =>
          [
            shade(scales),
            strokePath(spectrumPath(wave, residual, scales), { color: 'currentColor', width: 0.8, opacity: 0.7 }),
            noiseBand(wave, noise[row]!, scales),
            horizontal(0, scales, { color: palette.model, width: 1 }),
          ].join(''),
        ),
      )
      y = lower.bottom + heightBelow({ domain, ...label })
    }
    y += 8
  }
  return figure(
    width,
    y,
    `Spectrum from ${pixel(from)} to ${pixel(to)} Å${model === undefined ? '' : ' with its model and residual'}`,
    parts,
  )
}

/** Room for the deepest lines, but not for the spikes of bad pixels that nobody masked. */
function fluxDomain(good: Float64Array, model: Float64Array | undefined): Domain {
  const data = robustExtent(good, 0.0001, 0.003, 0.1)
  if (model === undefined) return data
  const fit = robustExtent(model, 0.0001, 0.003, 0.02)
  return [Math.min(data[0], fit[0]), Math.max(data[1], fit[1])]
}

function noiseBand(wave: ArrayLike<number>, sigma: Float64Array, scales: Scales): string {
  return [sigma, sigma.map((value) => -value)]
    .map((edge) => strokePath(spectrumPath(wave, edge, scales), { color: palette.data, width: 1.2 }))
    .join('')
}

function legend(width: number, noise: boolean): string {
  let right = width - EDGE
  const entries = [
    ...(noise ? [['±1σ', palette.data] as const] : []),
    ['model', palette.model] as const,
    ['data', 'currentColor'] as const,
  ]
  return entries
    .map(([text, color]) => {
      const at = right - textWidth(text)
      right = at - 34
      return (
        svgText(at, 15, text) +
        strokePath(`M${pixel(at - 22)} 11.5h17`, { color, width: 1.6, ...(text === 'data' ? UNDER_MODEL : {}) })
      )
    })
    .join('')
}
