import type { FlagBit } from '@astrolabel/spectra'
import { FlagSet } from '@astrolabel/spectra'

/** What The Cannon says of a star besides its labels. */
export const CANNON_FLAG_BITS: readonly FlagBit[] = [
  { bit: 0, name: 'NOT_CONVERGED', description: 'the fit stopped before it converged' },
  { bit: 1, name: 'OUTSIDE_HULL', description: 'the labels lie outside the convex hull of the training labels' },
  { bit: 2, name: 'FEW_PIXELS', description: 'fewer than half of the pixels that the model uses are good' },
  { bit: 3, name: 'AT_BOUND', description: 'a label stopped at the bound of the fit, beyond the training range' },
  { bit: 4, name: 'POOR_FIT', description: 'reduced chi squared above 3: the model does not describe the spectrum' },
  { bit: 5, name: 'NO_LABELS', description: 'too few good pixels for any label, or flux that is not a number' },
]

const set = new FlagSet(CANNON_FLAG_BITS)

/** The bits of {@link CANNON_FLAG_BITS} as masks. */
export const CANNON_FLAGS: Readonly<
  Record<'NOT_CONVERGED' | 'OUTSIDE_HULL' | 'FEW_PIXELS' | 'AT_BOUND' | 'POOR_FIT' | 'NO_LABELS', number>
> = {
  NOT_CONVERGED: set.mask32('NOT_CONVERGED'),
  OUTSIDE_HULL: set.mask32('OUTSIDE_HULL'),
  FEW_PIXELS: set.mask32('FEW_PIXELS'),
  AT_BOUND: set.mask32('AT_BOUND'),
  POOR_FIT: set.mask32('POOR_FIT'),
  NO_LABELS: set.mask32('NO_LABELS'),
}
