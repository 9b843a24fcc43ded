import type { KindsOf, OptionKind } from '../options/option-kind.js'
import { choice, either, flag, integer, listOf, needed, number, phrase, shape, text } from '../options/option-kind.js'
import type { StepDescription } from '../options/step-description.js'
import type { CropOptions } from './crop-spectra.js'
import type { ResampleOptions } from './resample-spectra.js'
import type { ResamplingMethod } from './resampling-method.js'
import type { StitchOptions } from './stitch-segments.js'

const medium = choice('vacuum', 'air')

/** A grid as it is kept: by its first pixel and step, or pixel by pixel. */
export const writtenGrid: OptionKind = either(
  shape({ kind: choice('linear', 'log10'), start: number(), step: number(), length: integer(), medium }),
  shape({ kind: choice('explicit'), values: listOf(number(), '[4000, 4000.8]', 1), medium }),
)

const grids = either(
  text('the name of a grid'),
  shape({ grid: text(), from: number(), to: number() }, ['from', 'to']),
  shape({ kind: choice('linear', 'log10'), from: number(), to: number(), step: number(), medium }, ['medium']),
  writtenGrid,
  // A program that reads files puts the grid in its place before the chain runs.
  shape({ like: text('a file') }),
)

/** A wavelength grid, however it is given. */
export const gridKind: OptionKind = {
  accepts: grids.accepts,
  expected: `a wavelength grid: ${phrase(grids)}`,
  example: '{kind: linear, from: 4000, to: 7000, step: 0.8}',
}

/** How a step that resamples does it. */
export const methodKinds: KindsOf<ResamplingMethod> = {
  kind: choice('linear', 'flux-conserving', 'sinc'),
  lobes: number(),
  maxBad: number(),
}

const trim = shape({ segment: text(), start: integer({ min: 0 }), end: integer({ min: 0 }) }, ['start', 'end'])
const stitch: KindsOf<StitchOptions> = {
  overlap: choice('trim', 'ivar'),
  trims: listOf(trim, '[{segment: B, end: 25}]'),
  tolerance: number({ min: 0 }),
  matchFlux: flag,
  wavelength: gridKind,
  ...methodKinds,
}
const crop: KindsOf<CropOptions> = { from: number(), to: number() }
const resample: KindsOf<ResampleOptions> = { wavelength: needed(gridKind, 'needs a grid to go to'), ...methodKinds }

/** The steps that choose pixels and grids. */
export const resamplingSteps: Readonly<Record<'stitch' | 'crop' | 'resample', StepDescription>> = {
  stitch: { does: 'arms become one spectrum, trimmed or averaged', options: stitch },
  crop: { does: 'keeps a range of wavelength', options: crop },
  resample: { does: 'brings spectra onto a grid', options: resample },
}
