/** A line of the Balmer (lower level 2) or Paschen (3) series. */
export interface HydrogenLine {
  readonly lower: 2 | 3
  readonly upper: number
  /** Vacuum Å. */
  readonly wave: number
  /** eV. */
  readonly excitation: number
  /** g of the lower level times f. */
  readonly gf: number
  /** Å per unit of electric field (statvolt cm⁻¹): Griem 1960, ApJ 132, 883. */
  readonly stark: number
}

/** Oscillator strengths of the first lines: Menzel & Pekeris 1935, MNRAS 96, 77. */
const strengths: Readonly<Record<2 | 3, Readonly<Record<number, number>>>> = {
  2: { 3: 0.6407, 4: 0.1193, 5: 0.04467, 6: 0.02209, 7: 0.0127, 8: 0.008036, 9: 0.005429, 10: 0.003851 },
  3: { 8: 0.01604, 9: 0.01023, 10: 0.00698 },
}

/** Rydberg's constant for hydrogen, cm⁻¹. */
const RYDBERG = 109677.5834

function series(lower: 2 | 3, first: number, last: number): HydrogenLine[] {
  const lines: HydrogenLine[] = []
  for (let upper = first; upper <= last; upper++) {
    const difference = 1 / lower ** 2 - 1 / upper ** 2
    // Beyond the table Kramers' formula with the Gaunt factor that the table tends to.
    const kramers = (1.9603 / (lower ** 5 * upper ** 3)) * difference ** -3 * (lower === 2 ? 0.875 : 0.89)
    lines.push({
      lower,
      upper,
      wave: 1e8 / (RYDBERG * difference),
      excitation: 13.598 * (1 - 1 / lower ** 2),
      gf: 2 * lower ** 2 * (strengths[lower][upper] ?? kramers),
      stark: (5.5e-5 * (lower * upper) ** 4) / (upper ** 2 - lower ** 2),
    })
  }
  return lines
}

/** Hα to H20 and the Paschen lines of DESI's range; higher members merge into the continuum. */
export const hydrogenLines: readonly HydrogenLine[] = [...series(2, 3, 20), ...series(3, 8, 20)]
