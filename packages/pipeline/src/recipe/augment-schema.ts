import type { AugmentOptions } from '@astrolabel/preprocess'
import { z } from 'zod'

/** Copies of training spectra, as {@link AugmentOptions} has them. */
export const augmentSchema: z.ZodType<AugmentOptions> = z
  .strictObject({
    copies: z.int().min(1).max(1023).optional().describe('Copies of each star; 1.'),
    keepOriginals: z.boolean().optional().describe('Train on the originals too; true.'),
    noise: z
      .union([z.number().min(0), z.strictObject({ sigma: z.number().min(0) })])
      .optional()
      .describe("Gaussian noise: so many times each pixel's own error, or one sigma in the unit of flux."),
    velocity: z.number().min(0).optional().describe('Shift by a Gaussian velocity of this sigma, km/s.'),
    rotation: z
      .union([z.number().min(0), z.tuple([z.number().min(0), z.number().min(0)])])
      .optional()
      .describe('Rotation by a v sin i drawn uniformly up to this, or between the two, km/s.'),
    limbDarkening: z.number().min(0).max(1).optional().describe('Linear limb darkening of the rotation; 0.6.'),
    zero: z.number().min(0).lt(1).optional().describe('Share of pixels that become bad, with flux 0.'),
    telluric: z
      .strictObject({
        bands: z
          .array(z.tuple([z.number(), z.number()]))
          .optional()
          .describe('From and to, vacuum Å as the atmosphere makes them; oxygen and water.'),
        margin: z.number().min(0).optional().describe('km/s by which they are widened; 30, 0 for observed spectra.'),
        velocity: z.string().optional().describe('Column of the velocity that spectra at rest were shifted by; v_rad.'),
      })
      .optional()
      .describe("Bands of the Earth's atmosphere, in which pixels become bad."),
    wiggles: z
      .strictObject({
        amplitude: z.number().min(0).describe('Standard deviation, such as 0.01.'),
        order: z.int().min(1).optional().describe('Highest order of the polynomials; 4.'),
      })
      .optional()
      .describe('Smooth factors, as a continuum may be off.'),
  })
  .describe('Changed copies of the training stars to train on as well, made in each fold from its own training stars.')
