import type { ElementSymbol } from '../elements.js'

/** A spectral line: wavelength in standard air (Å), excitation energy of the lower level (eV), log10 of g·f. */
export type LineEntry = readonly [airWave: number, excitation: number, loggf: number]

/**
 * The lines of one species.
 *
 * The tables beside this file hold the strong lines of solar-type spectra between 3600 and 9850 Å. Wavelengths and
 * energies are the standard ones of the NIST Atomic Spectra Database and the multiplet tables (given in air, as
 * laboratories do; good to about 0.01 Å). Oscillator strengths are NIST's or VALD's where laboratory values are known
 * (0.02–0.1 dex), and astrophysical ones, rounded, elsewhere (0.1–0.3 dex). Hyperfine structure is left out.
 */
export interface SpeciesLines {
  readonly element: ElementSymbol
  /** 0 for the neutral atom, 1 for the first ion. */
  readonly charge: 0 | 1
  readonly lines: readonly LineEntry[]
}
