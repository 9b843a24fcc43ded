import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, withHistory } from '@astrolabel/spectra'
import type { StepRunOptions } from './row-operation.js'
import { forRowBlocks } from './row-operation.js'

/** Of single precision: what is beyond would be stored as Infinity. */
const LARGEST = 3.4028234663852886e38

/**
 * Normalise: flux / c and ivar × c² (the error of the continuum itself is not counted). ivar stays 1 for spectra whose
 * noise is unknown. Where c is not a positive number the pixel becomes bad, with flux 1, that of the continuum.
 *
 * @param continuum (n × nPix) in the unit of flux.
 * @param description what the history says of the continuum: `method` and its options.
 * @throws `spectra/shape` when the continuum has another size than the spectra.
 */
export function divideContinuum(
  spectra: Spectra,
  continuum: Float32Array,
  description: Readonly<Record<string, unknown>> = {},
  run: StepRunOptions = {},
): Spectra {
  const { n, nPix, flux: observed, ivar: weights } = spectra
  if (continuum.length !== n * nPix) {
    throw new AstrolabelError('spectra/shape', 'The continuum does not fit the spectra', {
      got: `${continuum.length} values`,
      expected: `${n} stars × ${nPix} pixels`,
    })
  }
  const scaled = spectra.meta.noise === 'measured'
  const flux = new Float32Array(n * nPix)
  const ivar = new Float32Array(n * nPix)
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      let before = 0
      let after = 0
      for (let i = row * nPix; i < (row + 1) * nPix; i++) {
        const c = continuum[i]!
        const iv = weights[i]!
        if (iv > 0) before++
        const normalised = observed[i]! / c
        const usable = c > 0 && normalised <= LARGEST && normalised >= -LARGEST
        flux[i] = usable ? normalised : 1
        if (!usable || !(iv > 0)) continue
        const weight = scaled ? iv * c * c : 1
        ivar[i] = weight <= LARGEST ? weight : 0
        if (ivar[i]! > 0) after++
      }
      if (before > 0 && after === 0)
        run.onBadStar?.({ row, starId: spectra.starId[row]!, step: 'continuum', reason: 'no-continuum' })
    }
  })
  return {
    ...spectra,
    flux,
    ivar,
    meta: { ...withHistory(spectra.meta, 'continuum', description), stage: 'normalised' },
  }
}
