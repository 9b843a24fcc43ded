import { AstrolabelError } from '@astrolabel/spectra'
import type { Log10Grid, Medium } from '@astrolabel/spectra'
import type { LatticeEnds } from './sdss-lattice.js'

/** Pixel i of a lattice lies at 10 ** (i / decade) Å: LRS has 10 000 pixels a decade, MRS coadds 100 000. */
export type PixelsPerDecade = 10_000 | 100_000

/** Wavelengths are stored in single precision: 0.012 pixels of MRS. */
const TOLERANCE = 0.05

/** 1000 to 31 623 Å: what lies beyond is damage, and would make the union of all files huge. */
const LOWEST = 3
const HIGHEST = 4.5

/**
 * The stretch of the lattice that a spectrum covers, one pixel after another.
 *
 * @param loglam (nPix) decimal logarithm of Å. @param source What messages call it.
 * @throws `surveys/off-lattice`, naming the pixel, when one lies between two of the lattice or is left out.
 */
export function latticeStretch(loglam: ArrayLike<number>, decade: PixelsPerDecade, source: string): LatticeEnds {
  const first = Math.round(loglam[0]! * decade)
  for (let i = 0; i < loglam.length; i++) {
    const sound = loglam[i]! >= LOWEST && loglam[i]! <= HIGHEST
    if (!sound || Math.abs(loglam[i]! * decade - first - i) > TOLERANCE)
      throw offLattice(source, decade, `log10 wavelength ${loglam[i]} at pixel ${i}`)
  }
  if (loglam.length === 0) throw offLattice(source, decade, 'no pixels')
  return { first, end: first + loglam.length }
}

/** The stretch as a grid, exact: its start is a short decimal. */
export function stretchGrid({ first, end }: LatticeEnds, decade: PixelsPerDecade, medium: Medium): Log10Grid {
  return { kind: 'log10', start: first / decade, step: 1 / decade, length: end - first, medium }
}

function offLattice(source: string, decade: PixelsPerDecade, got: string): AstrolabelError {
  return new AstrolabelError('surveys/off-lattice', `${source} does not lie on the wavelengths of LAMOST`, {
    got,
    expected: `consecutive multiples of ${1 / decade} in log10 Å`,
    remedy: 'Check that it is a spectrum of LAMOST as released',
  })
}
