import type { KindsOf } from '../options/option-kind.js'
import { choice, column, either, listOf, needed, number, pair, shape, text } from '../options/option-kind.js'
import type { StepDescription } from '../options/step-description.js'
import { gridKind, methodKinds, writtenGrid } from '../resampling/resampling-steps.js'
import type { VelocityOptions } from './add-velocities.js'
import type { RestFrameOptions } from './rest-frame.js'

const formula = choice('classical', 'relativistic')
const names = listOf(text(), '[giant, dwarf]', 1)

const velocity: KindsOf<VelocityOptions> = {
  // A program that reads files puts the spectra in its place before the chain runs.
  templates: needed(
    either(text('a file of spectra at rest'), shape({ wavelength: writtenGrid, names, flux: text() })),
    'needs templates',
  ),
  stars: choice('missing', 'all'),
  range: pair('a smallest and a largest velocity in km/s', '[-500, 500]'),
  continuum: number(),
  minR: number(),
  formula,
}
const rest: KindsOf<RestFrameOptions> = {
  velocity: column,
  velocityFrame: choice('observed', 'barycentric', 'heliocentric'),
  barycentric: column,
  formula,
  wave: gridKind,
  ...methodKinds,
}

/** The steps that know of velocities. */
export const velocitySteps: Readonly<Record<'velocity' | 'rest', StepDescription>> = {
  velocity: { does: 'measures radial velocities by cross-correlation with templates', options: velocity },
  rest: { does: "shifts to the star's rest frame", options: rest },
}
