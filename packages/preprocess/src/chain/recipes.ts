import { surveyBits } from '../masks/survey-bits.js'
import type { PreprocessStep } from './steps.js'
import { desiTrims } from '../resampling/stitch-segments.js'

/** Named chains, one for each kind of spectra. */
export type RecipeName = 'desi' | 'sdss' | 'apogee' | 'miles'

/**
 * Chains that have proved good, by survey.
 *
 * - `desi`: one grid of 7781 pixels, bad pixels filled, rest frame, divided by a running median of 151 pixels. Needs a
 *   velocity in the catalogue.
 * - `sdss`: polynomials of order 7 below and above 6000 Å, pixels under the fit counting 0.15. Spectra stay in the frame
 *   they have; where velocities are known put `{ step: 'rest' }` before the continuum (150 km/s are two pixels).
 * - `apogee`: a Chebyshev polynomial of order 2 a chip on what clipping at -1.2 and +3 σ leaves; apStar spectra are in
 *   the rest frame. The splits lie in the gaps between the chips of every data release. Bits as jobovy's BADPIXMASK and
 *   NOT_ENOUGH_PSF: the others mark pixels that are only less certain, which their ivar says.
 * - `miles`: pixels of 3900–6800 Å, where all stars are well measured, divided by a running median of 151 pixels.
 */
export const recipes: Readonly<Record<RecipeName, readonly PreprocessStep[]>> = {
  desi: [
    { step: 'mask', bits: 'any' },
    { step: 'stitch', trims: desiTrims },
    { step: 'interpolate' },
    { step: 'rest', formula: 'classical' },
    { step: 'continuum', method: 'running-median', window: 151 },
  ],
  sdss: [
    { step: 'mask', bits: 'none' },
    { step: 'crop', from: 3850, to: 9000 },
    { step: 'interpolate' },
    { step: 'continuum', method: 'polynomial', order: 7, iterations: 4, lowerWeight: 0.15, splits: [6000] },
  ],
  apogee: [
    { step: 'mask', bits: surveyBits('apogee') },
    { step: 'continuum', method: 'chebyshev', order: 2, iterations: 8, clip: [-1.2, 3], splits: [15833, 16455] },
  ],
  miles: [
    { step: 'mask', bits: 'none' },
    { step: 'interpolate' },
    { step: 'continuum', method: 'running-median', window: 151 },
    { step: 'crop', from: 3900, to: 6800 },
  ],
}
