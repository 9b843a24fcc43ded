import type { EnvelopePiece } from '@astrolabel/kernels'
import { envelopePiece, envelopeRows } from '@astrolabel/kernels'
import type { Continuum, Spectra, SpectraMeta } from '@astrolabel/spectra'
import { AstrolabelError, pixelWavelengths } from '@astrolabel/spectra'
import { cutPieces } from '../pixels/pieces.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks, requireCommonGrid } from '../pixels/row-operation.js'

/** How a fit is drawn to the upper envelope of a spectrum. */
export interface EnvelopeRule {
  readonly order: number
  /** Fits after the first one. */
  readonly iterations: number
  /** Weight of the residuals of pixels below the previous fit. */
  readonly lowerWeight?: number | undefined
  /** Pixels further than these multiples of the weighted rms residual from the previous fit are left out. */
  readonly clip?: readonly [below: number, above: number] | undefined
}

/** What polynomial continua have in common, with every default filled in. */
export interface PiecewiseRule extends EnvelopeRule {
  /** Å at which a new polynomial begins, besides arm boundaries and gaps. */
  readonly splits: readonly number[]
  readonly weighting: 'ivar' | 'uniform'
  /** Indices of the pixels to fit; all when absent. */
  readonly pixels?: readonly number[]
  /** Å ranges of pixels to fit, both ends included; all when absent. */
  readonly windows?: readonly (readonly [from: number, to: number])[]
}

/** Highest order whose normal equations, in Chebyshev polynomials, stay far from the rounding of doubles. */
const MAX_ORDER = 30
/** Fits that still change after so many go round in a circle. */
const MAX_ITERATIONS = 1000

/** A continuum of one polynomial an arm or chip. The rule may depend on whether the spectra have errors. */
export function piecewiseContinuum(kind: string, ruleFor: (spectra: Spectra) => PiecewiseRule): Continuum {
  // Batch after batch lies on one grid; for a block of a few stars the basis costs as much as the fits.
  let plan: Plan | undefined
  return {
    kind,
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      requireCommonGrid(spectra, 'continuum')
      const rule = ruleFor(spectra)
      const { wavelength, segments } = spectra.meta
      const same =
        plan?.wavelength === wavelength && plan.segments === segments && plan.rule.weighting === rule.weighting
      plan = same ? plan : planFor(spectra.meta, rule)
      return fitPieces(spectra, plan!, run)
    },
  }
}

/** What fitting needs to know of a grid. */
interface Plan {
  readonly wavelength: SpectraMeta['wavelength']
  readonly segments: SpectraMeta['segments']
  readonly rule: PiecewiseRule
  readonly pieces: readonly EnvelopePiece[]
}

function planFor(meta: SpectraMeta, rule: PiecewiseRule): Plan {
  const wave = pixelWavelengths(meta)
  const chosen = choosePixels(wave, rule)
  const pieces = cutPieces(meta, wave, rule.splits).map(({ start, end }) =>
    envelopePiece(start, wave.subarray(start, end), indicesOf(chosen, start, end), rule.order),
  )
  return { wavelength: meta.wavelength, segments: meta.segments, rule, pieces }
}

function indicesOf(flags: Uint8Array, start: number, end: number): Uint32Array {
  const indices: number[] = []
  for (let i = start; i < end; i++) if (flags[i] === 1) indices.push(i)
  return Uint32Array.from(indices)
}

/** How pixels are weighted unless told: by ivar where it is a measurement. */
export function defaultWeighting(spectra: Spectra): 'ivar' | 'uniform' {
  return spectra.meta.noise === 'measured' ? 'ivar' : 'uniform'
}

/** @throws `preprocess/option` for numbers that make no fit. */
export function checkRule({ order, iterations, lowerWeight, clip }: EnvelopeRule): void {
  checkOption(
    Number.isInteger(order) && order >= 0 && order <= MAX_ORDER,
    'order',
    order,
    `an integer from 0 to ${MAX_ORDER}`,
  )
  checkOption(
    Number.isInteger(iterations) && iterations >= 0 && iterations <= MAX_ITERATIONS,
    'iterations',
    iterations,
    `an integer from 0 to ${MAX_ITERATIONS}`,
  )
  checkOption(
    lowerWeight === undefined || (lowerWeight >= 0 && lowerWeight <= 1),
    'lowerWeight',
    lowerWeight,
    'a number from 0 to 1',
  )
  checkOption(
    clip === undefined || (clip.length === 2 && clip[0] < 0 && clip[1] > 0),
    'clip',
    clip,
    'two numbers of sigma, the first below and the second above 0',
  )
}

/** @throws `preprocess/option` naming the option of the continuum that is not fine. */
export function checkOption(fine: boolean, name: string, got: unknown, expected: string): void {
  if (!fine)
    throw new AstrolabelError('preprocess/option', `The option ${name} of the continuum is out of range`, {
      got,
      expected,
    })
}

function fitPieces(spectra: Spectra, { rule, pieces }: Plan, run: StepRunOptions): Float32Array {
  const { n, nPix, flux, ivar } = spectra
  const out = new Float32Array(n * nPix)
  const options = {
    iterations: rule.iterations,
    below: (rule.lowerWeight ?? 1) ** 2,
    clip: rule.clip,
    uniform: rule.weighting === 'uniform',
  }
  forRowBlocks(n, run, (from, to) => {
    const rows = (matrix: Float32Array): Float32Array => matrix.subarray(from * nPix, to * nPix)
    for (const piece of pieces) envelopeRows(to - from, nPix, rows(flux), rows(ivar), piece, options, rows(out))
  })
  return out
}

/** One byte a pixel, 1 where it may be fitted. @throws `preprocess/option` for a pixel that is not there, or none that is. */
export function choosePixels(
  wave: Float64Array,
  { pixels, windows }: Pick<PiecewiseRule, 'pixels' | 'windows'>,
): Uint8Array {
  const chosen = new Uint8Array(wave.length)
  if (pixels === undefined && windows === undefined) return chosen.fill(1)
  for (const pixel of pixels ?? []) {
    if (!Number.isInteger(pixel) || pixel < 0 || pixel >= wave.length) {
      throw new AstrolabelError('preprocess/option', 'A continuum pixel is not one of the spectra', {
        got: pixel,
        expected: `an index from 0 to ${wave.length - 1}`,
        remedy: 'Use the list that belongs to this wavelength grid, or windows in Å',
      })
    }
    chosen[pixel] = 1
  }
  for (const [from, to] of windows ?? [])
    for (let i = 0; i < wave.length; i++) if (wave[i]! >= from && wave[i]! <= to) chosen[i] = 1
  if (!chosen.includes(1)) {
    throw new AstrolabelError('preprocess/option', 'None of the continuum pixels lies within the spectra', {
      got: `spectra from ${wave[0]} to ${wave.at(-1)} Å`,
      remedy: 'Give windows that lie there, or leave pixels and windows out',
    })
  }
  return chosen
}
