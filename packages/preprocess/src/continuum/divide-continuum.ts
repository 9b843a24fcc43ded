import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, withHistory } from '@astrolabel/spectra'
import type { ResultRoom, StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'

/** Of single precision: what is beyond would be stored as Infinity. */
const LARGEST = 3.4028234663852886e38
/** What is not above it would be stored as 0: half the smallest number of single precision. */
const SMALLEST = 2 ** -150

/**
 * Normalise: flux / c and ivar × c² (the error of the continuum itself is not counted). ivar stays 1 for spectra whose
 * noise is unknown. Where c is not a positive number the pixel becomes bad, with flux 1, that of the continuum.
 *
 * @param continuum (n × nPix) in the unit of flux.
 * @param description what the history says of the continuum: `method` and its options.
 * @param room where the result goes; new matrices unless given.
 * @throws `spectra/shape` when the continuum has another size than the spectra.
 */
export function divideContinuum(
  spectra: Spectra,
  continuum: Float32Array,
  description: Readonly<Record<string, unknown>> = {},
  run: StepRunOptions = {},
  room?: ResultRoom,
): Spectra {
  const { n, nPix, flux: observed, ivar: weights } = spectra
  if (continuum.length !== n * nPix) {
    throw new AstrolabelError('spectra/shape', 'The continuum does not fit the spectra', {
      got: `${continuum.length} values`,
      expected: `${n} stars × ${nPix} pixels`,
    })
  }
  const scaled = spectra.meta.noise === 'measured'
  const { flux, ivar } = room ?? { flux: new Float32Array(n * nPix), ivar: new Float32Array(n * nPix) }
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      const at = row * nPix
      const good = divideRow(observed, weights, continuum, scaled, flux, ivar, at, at + nPix)
      if (good === 0 && hasGood(weights, at, at + nPix))
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

/**
 * Pixels from … to-1; returns how many are good afterwards. A function of arrays and numbers, with one branch for the
 * pixels of good spectra, takes half the time of the same loop in a closure: 2.4 against 4.6 ns a pixel.
 */
function divideRow(
  observed: Float32Array,
  weights: Float32Array,
  continuum: Float32Array,
  scaled: boolean,
  flux: Float32Array,
  ivar: Float32Array,
  from: number,
  to: number,
): number {
  let good = 0
  for (let i = from; i < to; i++) {
    const c = continuum[i]!
    const normalised = observed[i]! / c
    const weight = scaled ? weights[i]! * c * c : weights[i]! > 0 ? 1 : 0
    const usable = c > 0 && normalised <= LARGEST && normalised >= -LARGEST
    flux[i] = usable ? normalised : 1
    if (usable && weight > SMALLEST && weight <= LARGEST) {
      ivar[i] = weight
      good++
    }
  }
  return good
}

function hasGood(ivar: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (ivar[i]! > 0) return true
  return false
}
