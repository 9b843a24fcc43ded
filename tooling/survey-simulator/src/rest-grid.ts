/** Logarithmic step of the grid on which spectra are computed: 1.8 km/s, about one Doppler width of an iron line. */
export const LOG_STEP = 6e-6

const LOG_START = Math.log(3530)

/** Shortest and longest wavelength that the line model covers, vacuum Å. */
export const MODEL_RANGE: readonly [number, number] = [3560, 9920]

/** Position of a wavelength on the grid, in steps. */
export function gridPosition(wave: number): number {
  return (Math.log(wave) - LOG_START) / LOG_STEP
}

/** Wavelength at a position on the grid, vacuum Å. */
export function gridWave(position: number): number {
  return Math.exp(LOG_START + position * LOG_STEP)
}
