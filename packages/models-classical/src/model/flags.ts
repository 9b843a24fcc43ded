import type { FlagBit } from '@astrolabel/spectra'
import { FlagSet } from '@astrolabel/spectra'

/** What a classical model says of a star besides its labels. */
export const CLASSICAL_FLAG_BITS: readonly FlagBit[] = [
  { bit: 0, name: 'NEAR_EDGE', description: 'a label lies within its error of the end of the training range' },
  { bit: 1, name: 'OUTSIDE_RANGE', description: 'a label lies beyond the training range' },
  { bit: 2, name: 'FEW_PIXELS', description: 'fewer than half of the pixels that the model uses are good' },
  { bit: 3, name: 'FAR_SPECTRUM', description: 'the spectrum is unlike those of the training stars' },
  { bit: 4, name: 'NO_LABELS', description: 'too few good pixels for any label' },
]

const set = new FlagSet(CLASSICAL_FLAG_BITS)

/** The bits of {@link CLASSICAL_FLAG_BITS} as masks. */
export const CLASSICAL_FLAGS: Readonly<
  Record<'NEAR_EDGE' | 'OUTSIDE_RANGE' | 'FEW_PIXELS' | 'FAR_SPECTRUM' | 'NO_LABELS', number>
> = {
  NEAR_EDGE: set.mask32('NEAR_EDGE'),
  OUTSIDE_RANGE: set.mask32('OUTSIDE_RANGE'),
  FEW_PIXELS: set.mask32('FEW_PIXELS'),
  FAR_SPECTRUM: set.mask32('FAR_SPECTRUM'),
  NO_LABELS: set.mask32('NO_LABELS'),
}
