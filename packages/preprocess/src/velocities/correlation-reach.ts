import { AstrolabelError } from '@astrolabel/spectra'
import type { CorrelationPlan } from './correlation-plan.js'

/** @throws `preprocess/no-overlap` when no pixel is reached by every template at every velocity. */
export function requireOverlap(
  lnWave: Float64Array,
  { reach }: CorrelationPlan,
  [low, high]: readonly [number, number],
): void {
  if (lnWave.some((value) => value - high >= reach[0] && value - low <= reach[1])) return
  const angstrom = (value: number | undefined): string => Math.exp(value ?? Number.NaN).toFixed(0)
  throw new AstrolabelError('preprocess/no-overlap', 'No pixel is reached by all templates at all velocities', {
    got: `spectra of ${angstrom(lnWave[0])}–${angstrom(lnWave.at(-1))} Å`,
    expected: `pixels in ${angstrom(reach[0] + high)}–${angstrom(reach[1] + low)} Å, which the templates have in common`,
    remedy: 'Take templates of the same wavelengths, or a narrower range of velocities',
  })
}
