import { AstrolabelError } from '@astrolabel/spectra'
import type { Log10Grid, Medium, SpectraMeta } from '@astrolabel/spectra'

/** Pixels of a decade: pixel i of the lattice that all SDSS spectra share lies at 10 ** (i / 10 000) Å. */
const PIXELS_PER_DECADE = 10_000

/** Wavelengths are stored in single precision, which is 0.0024 pixels; a spectrum on another grid is further off. */
const TOLERANCE = 0.05

/** 1000 to 31 623 Å: beyond are no spectra of SDSS but damaged files, which would make the union huge. */
const LOWEST = 30_000
const HIGHEST = 45_000

/** The pixels `first` up to, not including, `end` of the lattice. */
export interface LatticeEnds {
  readonly first: number
  readonly end: number
}

/** The stretch of the lattice that the spectra of a file take, and the release they are of. */
export interface LatticeExtent extends LatticeEnds {
  readonly release: string
}

/**
 * Pixels of the lattice that wavelengths lie on.
 *
 * @param loglam (nPix) decimal logarithm of Å.
 * @returns (nPix) pixel numbers, ascending.
 * @throws `surveys/off-lattice`, naming the pixel, when one is between two pixels or they do not ascend.
 */
export function latticeIndices(loglam: ArrayLike<number>, source: string): Int32Array {
  const out = new Int32Array(loglam.length)
  for (let i = 0; i < out.length; i++) {
    const exact = loglam[i]! * PIXELS_PER_DECADE
    const index = Math.round(exact)
    const sound = index >= LOWEST && index <= HIGHEST && Math.abs(exact - index) <= TOLERANCE
    if (!sound || (i > 0 && index <= out[i - 1]!)) throw offLattice(source, `loglam ${loglam[i]} at pixel ${i}`)
    out[i] = index
  }
  if (out.length === 0) throw offLattice(source, 'no pixels')
  return out
}

/** The ends of a spectrum on the lattice. @throws `surveys/off-lattice`. */
export function latticeEnds(loglam: ArrayLike<number>, source: string): LatticeEnds {
  const index = latticeIndices(loglam.length < 2 || loglam[0] !== loglam[1] ? loglam : [loglam[0]!], source)
  return { first: index[0]!, end: index.at(-1)! + 1 }
}

/** The smallest stretch of the lattice that has both. */
export function latticeUnion(a: LatticeEnds | undefined, b: LatticeEnds): LatticeEnds {
  return a === undefined ? b : { first: Math.min(a.first, b.first), end: Math.max(a.end, b.end) }
}

/** The stretch as a grid, exact: its start is a decimal of four digits. */
export function latticeGrid({ first, end }: LatticeEnds, medium: Medium): Log10Grid {
  return {
    kind: 'log10',
    start: first / PIXELS_PER_DECADE,
    step: 1 / PIXELS_PER_DECADE,
    length: end - first,
    medium,
  }
}

/** Where a grid lies on the lattice, undefined for any other grid. */
export function endsOfGrid(grid: SpectraMeta['wavelength']): LatticeEnds | undefined {
  if (grid.kind !== 'log10' || Math.abs(grid.step * PIXELS_PER_DECADE - 1) > 1e-6) return undefined
  const exact = grid.start * PIXELS_PER_DECADE
  const first = Math.round(exact)
  return Math.abs(exact - first) > TOLERANCE ? undefined : { first, end: first + grid.length }
}

function offLattice(source: string, got: string): AstrolabelError {
  return new AstrolabelError('surveys/off-lattice', `${source} does not lie on the wavelengths of SDSS`, {
    got,
    expected: 'ascending decimal logarithms of Å, multiples of 0.0001',
    remedy: 'Check that it is a spec-PLATE-MJD-FIBER file',
  })
}

/** Å from pixel `index` of the lattice to the next. */
export function latticeStep(index: number): number {
  return (10 ** (index / PIXELS_PER_DECADE) * Math.LN10) / PIXELS_PER_DECADE
}
