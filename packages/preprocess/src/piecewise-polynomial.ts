import type { Continuum, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, pixelWavelengths } from '@astrolabel/spectra'
import type { EnvelopeRule } from './envelope-fit.js'
import { EnvelopeFitter } from './envelope-fit.js'
import { cutPieces } from './pieces.js'
import type { StepRunOptions } from './row-operation.js'
import { forRowBlocks, isGood, requireCommonGrid } from './row-operation.js'

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

/** A continuum of one polynomial an arm or chip. The rule may depend on whether the spectra have errors. */
export function piecewiseContinuum(kind: string, ruleFor: (spectra: Spectra) => PiecewiseRule): Continuum {
  return {
    kind,
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      requireCommonGrid(spectra, 'continuum')
      return fitPieces(spectra, ruleFor(spectra), run)
    },
  }
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
  checkOption(Number.isInteger(iterations) && iterations >= 0, 'iterations', iterations, 'an integer, 0 or more')
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

function fitPieces(spectra: Spectra, rule: PiecewiseRule, run: StepRunOptions): Float32Array {
  const { n, nPix, ivar } = spectra
  const wave = pixelWavelengths(spectra.meta)
  const chosen = choosePixels(wave, rule)
  const out = new Float32Array(n * nPix)
  const pieces = cutPieces(spectra.meta, wave, rule.splits).map(({ start, end }) => ({
    start,
    end,
    fitter: new EnvelopeFitter(wave.subarray(start, end), rule),
    base: new Float64Array(end - start),
  }))
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      for (const { start, end, fitter, base } of pieces) {
        const at = row * nPix + start
        const flux = spectra.flux.subarray(at, row * nPix + end)
        for (let i = 0; i < flux.length; i++) {
          const usable = chosen[start + i] === 1 && isGood(flux[i]!, ivar[at + i]!)
          base[i] = !usable ? 0 : rule.weighting === 'ivar' ? ivar[at + i]! : 1
        }
        fitter.fit(flux, base, out.subarray(at, row * nPix + end))
      }
    }
  })
  return out
}

/** One byte a pixel, 1 where it may be fitted. */
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
  return chosen
}
