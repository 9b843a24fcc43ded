/** A line of the CH molecule. */
export interface BandLine {
  /** Vacuum Å. */
  readonly wave: number
  /** Energy of the lower level, eV. */
  readonly excitation: number
  /** Degeneracy of the lower level times oscillator strength. */
  readonly gf: number
}

interface Band {
  readonly origin: number
  readonly lowerB: number
  readonly upperB: number
  readonly lowerVibration: number
  readonly strength: number
}

/** The (0,0) and (1,1) bands of A²Δ–X²Π, cm⁻¹: Huber & Herzberg 1979. */
const bands: readonly Band[] = [
  { origin: 23217.5, lowerB: 14.19, upperB: 14.58, lowerVibration: 0, strength: 0.005 },
  { origin: 23222, lowerB: 13.66, upperB: 13.91, lowerVibration: 2733, strength: 0.0045 },
]
const CENTRIFUGAL_LOWER = 1.46e-3
const CENTRIFUGAL_UPPER = 1.56e-3
const CM_PER_EV = 8065.544

/**
 * The G band as a rotator's P, Q and R branches with both spin components set apart by 0.7 cm⁻¹: positions are right to
 * about an ångström, which is below DESI's resolution, strengths to a factor of two.
 */
export const methylidyneBand: readonly BandLine[] = bands.flatMap((band) => {
  const lines: BandLine[] = []
  for (let n = 2; n <= 26; n++) {
    const lower = rotation(n, band.lowerB, CENTRIFUGAL_LOWER)
    for (const step of [-1, 0, 1]) {
      const m = n + step
      if (m < 2) continue
      const frequency = band.origin + rotation(m, band.upperB, CENTRIFUGAL_UPPER) - lower
      // Hund's case b, ΔΛ = +1 (Herzberg 1950, p. 208): the three branches share the strength about 1 : 2 : 1.
      const share = step === 0 ? 0.5 : 0.25 * (1 + (step * 2) / n)
      for (const spin of [-0.35, 0.35]) {
        lines.push({
          wave: 1e8 / (frequency + spin),
          excitation: (band.lowerVibration + lower) / CM_PER_EV,
          gf: 2 * (2 * n + 1) * share * band.strength,
        })
      }
    }
  }
  return lines
})

function rotation(n: number, b: number, d: number): number {
  return b * n * (n + 1) - d * (n * (n + 1)) ** 2
}

/**
 * CH molecules per hydrogen nucleus, by the law of mass action with the equilibrium constant of Tsuji 1973, A&A 23, 411.
 *
 * @param carbonPressure partial pressure of free carbon atoms, dyn cm⁻².
 * @returns P(CH) / P(H).
 */
export function methylidynePerHydrogen(temperature: number, carbonPressure: number): number {
  const theta = 5039.78 / temperature
  const logK = 12.135 - 4.076 * theta + 0.1277 * theta ** 2 - 0.0155 * theta ** 3
  return carbonPressure / 10 ** logK
}

/** Partition function of CH: rotation, spin, Λ-doubling and one vibration. */
export function methylidynePartition(temperature: number): number {
  const kt = temperature * 0.695
  return ((4 * kt) / 14.19) * (1 / (1 - Math.exp(-2733 / kt)))
}
