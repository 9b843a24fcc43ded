import type { SpectraMeta } from '@astrolabel/spectra'
import { AstrolabelError, airToVacuum, pixelWavelengths } from '@astrolabel/spectra'
import { Fourier, powerOfTwo } from './fourier.js'
import { cutPieces } from '../pixels/pieces.js'
import type { TemplateSet } from './template-set.js'
import { decodeTemplates } from './template-set.js'
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
  /** Transforms of t and t², real and imaginary, block after block. */
  readonly re: Float64Array
  readonly im: Float64Array
  readonly squareRe: Float64Array
  readonly squareIm: Float64Array
}

/**
 * The grid in blocks of `step` pixels. A correlation at few lags needs no transform of the whole spectrum: products of
 * the transforms of short blocks are summed, and one short transform brings the lags back.
 */
export interface CorrelationBlocks {
  readonly count: number
  /** Pixels that are a block's own; its transform reaches further by the lags. */
  readonly step: number
}

/** Room for one star at a time. */
interface CorrelationScratch {
  readonly re: Float64Array
  readonly im: Float64Array
  readonly weightRe: Float64Array
  readonly weightIm: Float64Array
  readonly crossRe: Float64Array
  readonly crossIm: Float64Array
}

/** Everything that does not depend on the star. */
export interface CorrelationPlan {
  readonly grid: CorrelationGrid
  readonly fourier: Fourier
  readonly blocks: CorrelationBlocks
  readonly scratch: CorrelationScratch
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
  const count = grid.lags[1] - grid.lags[0] + 1
  const fourier = new Fourier(powerOfTwo(Math.min(2 * count, grid.length + count)))
  const step = fourier.size - count + 1
  const blocks = { count: Math.ceil(grid.length / step), step }
  const templates = velocityTemplates(set.wavelength, flux, grid.step, window).map((lines, k) => ({
    lines,
    name: set.names[k]!,
    ...transform(lines, grid, fourier, blocks),
  }))
  const reaches = templates.map(({ lines }) => templateReach(lines))
  const reach = [Math.max(...reaches.map(([low]) => low)), Math.min(...reaches.map(([, high]) => high))] as const
  const room = (): Float64Array => new Float64Array(blocks.count * fourier.size)
  const scratch = {
    re: room(),
    im: room(),
    weightRe: room(),
    weightIm: room(),
    crossRe: new Float64Array(fourier.size),
    crossIm: new Float64Array(fourier.size),
  }
  return { grid, fourier, blocks, scratch, templates, reach }
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

/** Transforms of t and t² at the pixels that any lag brings onto a block, from one transform of t + i t². */
function transform(
  lines: VelocityTemplate,
  { origin, step, lags }: CorrelationGrid,
  fourier: Fourier,
  blocks: CorrelationBlocks,
): Omit<TransformedTemplate, 'lines' | 'name'> {
  const { size, mirror } = fourier
  const room = (): Float64Array => new Float64Array(blocks.count * size)
  const out = { re: room(), im: room(), squareRe: room(), squareIm: room() }
  const both = { re: new Float64Array(size), im: new Float64Array(size) }
  for (let block = 0; block < blocks.count; block++) {
    for (let u = 0; u < size; u++) {
      const t = sampleTemplate(lines, origin + (block * blocks.step + u - lags[1]) * step)
      both.re[u] = t
      both.im[u] = t * t
    }
    fourier.forward(both.re, both.im)
    const at = block * size
    for (let k = 0; k < size; k++) {
      const m = mirror[k]!
      out.re[at + k] = (both.re[k]! + both.re[m]!) / 2
      out.im[at + k] = (both.im[k]! - both.im[m]!) / 2
      out.squareRe[at + k] = (both.im[k]! + both.im[m]!) / 2
      out.squareIm[at + k] = (both.re[m]! - both.re[k]!) / 2
    }
  }
  return out
}
