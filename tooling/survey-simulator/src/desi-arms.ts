/** An arm of the spectrograph; all three lie on the lattice 3600 + 0.8 i Å. */
export interface DesiArm {
  readonly name: 'B' | 'R' | 'Z'
  /** Index of its first pixel on the lattice. */
  readonly start: number
  readonly pixels: number
  /** Share of the light that it catches at a wavelength: falls at the ends and where the dichroics hand over. */
  readonly throughput: (wave: number) => number
}

/** Pixels of the lattice that the three arms cover. */
export const LATTICE_PIXELS = 7781

/** Vacuum Å of a pixel of the lattice. */
export function latticeWave(index: number): number {
  // (36000 + 8 i) / 10 is the double nearest to the decimal value; 3600 + 0.8 i often is not.
  return (36000 + 8 * index) / 10
}

function edge(wave: number, middle: number, width: number): number {
  return 1 / (1 + Math.exp(-(wave - middle) / width))
}

/** B 3600–5800, R 5760–7620 and Z 7520–9824 Å. */
export const desiArms: readonly DesiArm[] = [
  {
    name: 'B',
    start: 0,
    pixels: 2751,
    throughput: (w) => 0.75 * (0.18 + 0.82 * edge(w, 4050, 190)) * edge(5810, w, 25),
  },
  { name: 'R', start: 2700, pixels: 2326, throughput: (w) => 0.85 * edge(w, 5765, 25) * edge(7615, w, 35) },
  {
    name: 'Z',
    start: 4900,
    pixels: 2881,
    throughput: (w) => 0.9 * edge(w, 7530, 35) * (0.35 + 0.65 * edge(9650, w, 160)),
  },
]

/** Bands of oxygen and water in the Earth's air: centre, width (Å) and depth. */
const telluric: readonly (readonly [number, number, number])[] = [
  [6880, 14, 0.2],
  [7245, 50, 0.1],
  [7606, 12, 0.6],
  [7640, 22, 0.45],
  [8230, 60, 0.1],
  [9060, 70, 0.08],
  [9400, 90, 0.35],
]

/** Share of the light that the Earth's air lets through. */
export function telluricTransmission(wave: number): number {
  let result = 1
  for (const [centre, width, depth] of telluric) result *= 1 - depth * Math.exp(-0.5 * ((wave - centre) / width) ** 2)
  return result
}
