import { AstrolabelError } from '@astrolabel/spectra'
import type { Log10Grid, Medium } from '@astrolabel/spectra'

/** An arm: pixels `first` up to, not including, `end` of the lattice whose pixel i lies at 10 ** (i / decade) Å. */
export interface LamostStretch {
  readonly name: string
  readonly decade: 10_000 | 100_000
  readonly first: number
  readonly end: number
}

/**
 * The pixels that a row has, arm after arm: 3690–9120 Å at low resolution, 4881–5401 Å and 6252–6863 Å at medium.
 *
 * Files end where their fibre does, within these. A fixed stretch makes spectra of all files fit one another, today's and
 * tomorrow's, so that a model trained on some can label others.
 */
export const LAMOST_ROWS: Readonly<Record<'lrs' | 'mrs', readonly LamostStretch[]>> = {
  lrs: [{ name: '', decade: 10_000, first: 35_670, end: 39_600 }],
  mrs: [
    { name: 'B', decade: 100_000, first: 368_850, end: 373_250 },
    { name: 'R', decade: 100_000, first: 379_600, end: 383_650 },
  ],
}

/** Wavelengths are stored in single precision: 0.012 pixels of medium resolution. */
const TOLERANCE = 0.05

/**
 * Pixel of the lattice of the first wavelength; the others follow one by one.
 *
 * @param loglam (nPix) decimal logarithm of Å. @param source What messages call it.
 * @throws `surveys/off-lattice`, naming the pixel, when one lies between two of the lattice or is left out.
 */
export function firstPixel(loglam: ArrayLike<number>, { decade }: LamostStretch, source: string): number {
  const first = Math.round(loglam[0]! * decade)
  for (let i = 0; i < loglam.length; i++)
    if (!(Math.abs(loglam[i]! * decade - first - i) <= TOLERANCE))
      throw new AstrolabelError('surveys/off-lattice', `${source} does not lie on the wavelengths of LAMOST`, {
        got: `log10 wavelength ${loglam[i]} at pixel ${i}`,
        expected: `consecutive multiples of ${1 / decade} in log10 Å`,
        remedy: 'Check that it is a spectrum of LAMOST as released',
      })
  return first
}

/** The stretch as a grid, exact: its start is a short decimal. */
export function stretchGrid({ first, end, decade }: LamostStretch, medium: Medium): Log10Grid {
  return { kind: 'log10', start: first / decade, step: 1 / decade, length: end - first, medium }
}
