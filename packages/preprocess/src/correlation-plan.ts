import type { SpectraMeta } from '@astrolabel/spectra'
import { AstrolabelError, airToVacuum, pixelWavelengths } from '@astrolabel/spectra'
import { Fourier, powerOfTwo } from './fourier.js'
import { cutPieces } from './pieces.js'
import type { TemplateSet } from './template-set.js'
import { decodeTemplates } from './template-set.js'
import { reduction } from './velocity-likelihood.js'
import type { VelocityTemplate } from './velocity-template.js'
import { sampleTemplate, templateReach, velocityTemplates } from './velocity-template.js'

/** Lags beyond the range of velocities that are computed too: the noise of the correlation is measured on them. */
const MARGIN = 96

/** The grid of ln λ on which spectra are searched, and the lags on it. */
export interface CorrelationGrid {
  /** ln λ of pixel 0. */
  readonly origin: number
  readonly step: number
  readonly length: number
  /** First and last lag that are computed. */
  readonly lags: readonly [number, number]
}

/** A template with its transforms. */
interface TransformedTemplate {
  readonly lines: VelocityTemplate
  readonly name: string
  /** Transforms of t and t², real and imaginary. */
  readonly re: Float64Array
  readonly im: Float64Array
  readonly squareRe: Float64Array
  readonly squareIm: Float64Array
}

/** Everything that does not depend on the star. */
export interface CorrelationPlan {
  readonly grid: CorrelationGrid
  readonly fourier: Fourier
  readonly templates: readonly TransformedTemplate[]
  /** ln λ that all templates know. */
  readonly reach: readonly [number, number]
}

/**
 * Plan the search: a grid of ln λ as fine as the pixels of the spectra (theirs, where they are log-spaced), and the
 * templates on it.
 *
 * @param range smallest and largest shift of ln λ. @param window of the continuum, ln λ.
 * @throws `preprocess/templates` for a set that is not one.
 */
export function planCorrelation(
  meta: SpectraMeta,
  set: TemplateSet,
  range: readonly [number, number],
  window: number,
): CorrelationPlan {
  const grid = correlationGrid(meta, range)
  const flux = decodeTemplates(set)
  const fourier = new Fourier(powerOfTwo(grid.length + grid.lags[1] - grid.lags[0]))
  const templates = velocityTemplates(set.wavelength, flux, grid.step, window).map((lines, k) => ({
    lines,
    name: set.names[k]!,
    ...transform(lines, grid, fourier),
  }))
  const reaches = templates.map(({ lines }) => templateReach(lines))
  const reach = [Math.max(...reaches.map(([low]) => low)), Math.min(...reaches.map(([, high]) => high))] as const
  return { grid, fourier, templates, reach }
}

/** ln λ in vacuum of the pixels of spectra. */
export function logVacuum(wave: Float64Array, medium: 'vacuum' | 'air'): Float64Array {
  return (medium === 'air' ? airToVacuum(wave) : wave).map(Math.log)
}

function correlationGrid(meta: SpectraMeta, [low, high]: readonly [number, number]): CorrelationGrid {
  const wave = pixelWavelengths(meta)
  const lnWave = logVacuum(wave, meta.wavelength.medium)
  const steps = cutPieces(meta, wave).flatMap(({ start, end }) =>
    Array.from(lnWave.subarray(start + 1, end), (value, i) => value - lnWave[start + i]!),
  )
  steps.sort((a, b) => a - b)
  const median = steps[steps.length >> 1]
  if (median === undefined) {
    throw new AstrolabelError('preprocess/short-grid', 'Spectra of one pixel have no velocity', {
      got: `${wave.length} pixels`,
      expected: 'spectra with lines',
      remedy: 'Leave the velocity step out',
    })
  }
  const step =
    meta.wavelength.kind === 'log10' && meta.wavelength.medium === 'vacuum' ? meta.wavelength.step * Math.LN10 : median
  const origin = lnWave.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const end = lnWave.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const length = Math.ceil((end - origin) / step - 1e-3) + 1
  return { origin, step, length, lags: [Math.floor(low / step) - MARGIN, Math.ceil(high / step) + MARGIN] }
}

/** Transforms of t and t² at the pixels that any lag brings onto the grid, from one transform of t + i t². */
function transform(
  lines: VelocityTemplate,
  { origin, step, length, lags }: CorrelationGrid,
  fourier: Fourier,
): Omit<TransformedTemplate, 'lines' | 'name'> {
  const { size, mirror } = fourier
  const both = { re: new Float64Array(size), im: new Float64Array(size) }
  for (let u = 0; u < length + lags[1] - lags[0]; u++) {
    const t = sampleTemplate(lines, origin + (u - lags[1]) * step)
    both.re[u] = t
    both.im[u] = t * t
  }
  fourier.forward(both.re, both.im)
  const out = {
    re: new Float64Array(size),
    im: new Float64Array(size),
    squareRe: new Float64Array(size),
    squareIm: new Float64Array(size),
  }
  for (let k = 0; k < size; k++) {
    const m = mirror[k]!
    out.re[k] = (both.re[k]! + both.re[m]!) / 2
    out.im[k] = (both.im[k]! - both.im[m]!) / 2
    out.squareRe[k] = (both.im[k]! + both.im[m]!) / 2
    out.squareIm[k] = (both.re[m]! - both.re[k]!) / 2
  }
  return out
}

/** What the correlation of one star with one template says, lag by lag. */
export interface LagCurve {
  /** Fall of χ² at each lag, from `lags[0]` on. */
  readonly deltaChi2: Float64Array
  /** The correlation coefficient, -1 … 1. */
  readonly coefficient: Float64Array
}

/**
 * Correlate one star with all templates. With weights w and lines d at any wavelengths, shared out between the two
 * nearest grid pixels, three correlations give Σ w d t, Σ w t and Σ w t² of every lag at once, with t interpolated
 * linearly: bad pixels and errors count as they do in a fit.
 *
 * @param lnWave, signal, weight of the pixels that count. Cost templates × n log n.
 */
export function correlate(
  plan: CorrelationPlan,
  lnWave: Float64Array,
  signal: Float64Array,
  weight: Float64Array,
): LagCurve[] {
  const { fourier, templates, grid } = plan
  const { size, mirror } = fourier
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  let w = 0
  let wd = 0
  let wdd = 0
  for (let i = 0; i < lnWave.length; i++) {
    const x = (lnWave[i]! - grid.origin) / grid.step
    const left = Math.floor(x + 1e-6)
    const part = Math.max(0, x - left)
    if (!(left >= 0 && left < grid.length)) continue
    const iv = weight[i]!
    const d = iv * signal[i]!
    w += iv
    wd += d
    wdd += d * signal[i]!
    re[left]! += (1 - part) * d
    im[left]! -= (1 - part) * iv
    if (part > 0 && left + 1 < grid.length) {
      re[left + 1]! += part * d
      im[left + 1]! -= part * iv
    }
  }
  fourier.forward(re, im)
  const power = wdd - (wd * wd) / w
  const count = grid.lags[1] - grid.lags[0] + 1
  const curves: LagCurve[] = []
  const crossRe = new Float64Array(size)
  const crossIm = new Float64Array(size)
  const squares = squareCorrelations(plan, re, im)
  templates.forEach((template, index) => {
    for (let k = 0; k < size; k++) {
      crossRe[k] = re[k]! * template.re[k]! + im[k]! * template.im[k]!
      crossIm[k] = re[k]! * template.im[k]! - im[k]! * template.re[k]!
    }
    fourier.inverse(crossRe, crossIm)
    const deltaChi2 = new Float64Array(count)
    const coefficient = new Float64Array(count)
    for (let j = 0; j < count; j++) {
      // Place m of the transform is lag lags[1] - m.
      const m = count - 1 - j
      const wdt = crossRe[m]! / size
      const wt = crossIm[m]! / size
      const wtt = squares[index]![m]! / size
      deltaChi2[j] = reduction(w, wd, wt, wdt, wtt)
      const norm = (wtt - (wt * wt) / w) * power
      coefficient[j] = norm > 1e-12 * wtt * wdd ? (wdt - (wd * wt) / w) / Math.sqrt(norm) : 0
    }
    curves.push({ deltaChi2, coefficient })
  })
  return curves

  /** Σ w t² of all lags and templates, two templates a transform. */
  function squareCorrelations({ templates: all }: CorrelationPlan, dataRe: Float64Array, dataIm: Float64Array): Float64Array[] {
    const out: Float64Array[] = []
    for (let a = 0; a < all.length; a += 2) {
      const one = all[a]!
      const two = all[a + 1]
      const sumRe = new Float64Array(size)
      const sumIm = new Float64Array(size)
      for (let k = 0; k < size; k++) {
        const m = mirror[k]!
        // The transform of w alone, out of that of w d - i w.
        const wRe = -(dataIm[k]! + dataIm[m]!) / 2
        const wIm = (dataRe[k]! - dataRe[m]!) / 2
        const tRe = one.squareRe[k]! - (two === undefined ? 0 : two.squareIm[k]!)
        const tIm = one.squareIm[k]! + (two === undefined ? 0 : two.squareRe[k]!)
        sumRe[k] = wRe * tRe + wIm * tIm
        sumIm[k] = wRe * tIm - wIm * tRe
      }
      fourier.inverse(sumRe, sumIm)
      out.push(sumRe)
      if (two !== undefined) out.push(sumIm)
    }
    return out
  }
}
