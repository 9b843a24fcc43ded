import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, FlagSet, withHistory } from '@astrolabel/spectra'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks, isGood } from '../pixels/row-operation.js'
import { surveyBits } from './survey-bits.js'

/** Options of {@link applyMask}. */
export interface MaskOptions {
  /**
   * Bits that make a pixel bad, by the names of the survey; `any` for every bit, `none` to trust ivar alone, `survey`
   * (default) for {@link surveyBits}. Spectra without a mask are taken as they are.
   */
  readonly bits?: readonly string[] | 'any' | 'none' | 'survey'
}

/**
 * Give pixels with a mask bit ivar 0. Pixels that are not finite, or whose ivar is not a positive number, become bad
 * with flux 0 whatever the mask says.
 *
 * @throws `flags/unknown` when the survey has no bit of that name, `preprocess/unnamed-bits` when it names none.
 */
export function applyMask(spectra: Spectra, options: MaskOptions = {}, run: StepRunOptions = {}): Spectra {
  const { bits: asked = 'survey' } = options
  const bits = asked === 'survey' ? surveyBits(spectra.meta.survey) : asked
  const { mask, n, nPix } = spectra
  const chosen = mask === undefined ? 0 : chosenBits(spectra, bits)
  // Most batches hold no flux that is not finite: they share it with the result, as nothing is ever changed in place.
  let { flux } = spectra
  const ivar = spectra.ivar.slice()
  forRowBlocks(n, run, (from, to) => {
    const used = mask === undefined || chosen === 0 ? undefined : mask
    if (dropBad(flux, ivar, used, chosen, from * nPix, to * nPix) === 0) return
    if (flux === spectra.flux) flux = flux.slice()
    for (let i = from * nPix; i < to * nPix; i++) if (!Number.isFinite(flux[i]!)) flux[i] = 0
  })
  return { ...spectra, flux, ivar, meta: withHistory(spectra.meta, 'mask', { bits }) }
}

/**
 * Ivar 0 where the flux or ivar is no number to work with or the mask has a chosen bit; returns how many fluxes are not
 * finite.
 */
function dropBad(
  flux: Float32Array,
  ivar: Float32Array,
  mask: Uint32Array | undefined,
  chosen: number,
  from: number,
  to: number,
): number {
  let unset = 0
  for (let i = from; i < to; i++) {
    const value = flux[i]!
    const weight = ivar[i]!
    if (isGood(value, weight)) {
      if (mask !== undefined) ivar[i] = (mask[i]! & chosen) === 0 ? weight : 0
      continue
    }
    ivar[i] = 0
    if (!Number.isFinite(value)) unset++
  }
  return unset
}

function chosenBits(spectra: Spectra, bits: readonly string[] | 'any' | 'none'): number {
  if (bits === 'none') return 0
  if (bits === 'any') return 0xffffffff
  if (spectra.meta.maskBits === undefined) {
    throw new AstrolabelError('preprocess/unnamed-bits', 'The mask of these spectra has no named bits', {
      got: bits.join(', '),
      expected: "'any' or 'none'",
      remedy: "Set bits to 'any' or 'none'",
    })
  }
  return new FlagSet(spectra.meta.maskBits).mask32(...bits)
}
