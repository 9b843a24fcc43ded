import type { KindsOf } from '../options/option-kind.js'
import { choice, column, either, integer, listOf, needed, number, ranges, text } from '../options/option-kind.js'
import type { StepDescription } from '../options/step-description.js'
import type { MaskOptions } from './apply-mask.js'
import type { ClipOptions } from './clip-outliers.js'
import type { CosmicRayOptions } from './cosmic-rays.js'
import type { TelluricOptions, WindowOptions } from './mask-windows.js'

const mask: KindsOf<MaskOptions> = {
  bits: either(choice('any', 'none', 'survey'), listOf(text('a bit'), '[BADPIX, CRPIX]')),
}
const windows: KindsOf<WindowOptions> = { ranges: needed(ranges, 'needs ranges of wavelength') }
const tellurics: KindsOf<TelluricOptions> = { bands: ranges, margin: number(), velocity: column }
const clip: KindsOf<ClipOptions> = { window: integer(), below: number(), above: number(), iterations: integer() }
const cosmics: KindsOf<CosmicRayOptions> = { sigma: number(), width: integer(), grow: integer() }

/** The steps that say which pixels are no data. */
export const maskSteps: Readonly<Record<'mask' | 'windows' | 'tellurics' | 'clip' | 'cosmics', StepDescription>> = {
  mask: { does: "pixels with the survey's bad bits get ivar 0", options: mask },
  windows: { does: 'ranges of wavelength get ivar 0', options: windows },
  tellurics: { does: "bands of the Earth's atmosphere get ivar 0", options: tellurics },
  clip: { does: 'pixels far from the running median get ivar 0', options: clip },
  cosmics: { does: 'narrow spikes get ivar 0', options: cosmics },
}
