/** How the stars of a catalogue move. Arrays have one value a star. */
export interface SpaceMotion {
  /** Proper motion in right ascension times cos dec, mas/yr. NaN, here or in pmDec: unknown, the star is taken to stand still. */
  readonly pmRa: Float64Array
  /** Proper motion in declination, mas/yr. */
  readonly pmDec: Float64Array
  /** Epoch of the positions, Julian years (2016 for Gaia DR3), of all stars or of each. */
  readonly fromEpoch: number | Float64Array
  /** Parallax, mas. Without it, or where it is NaN or not positive, there is no perspective acceleration. */
  readonly parallax?: Float64Array
  /** Radial velocity, km/s, positive receding. Without it, or where it is NaN, there is no perspective acceleration. */
  readonly rv?: Float64Array
}
