/**
 * Real wings form over many layers, most of them thinner than the model's one: with half of Unsöld's width the strong
 * lines of solar-type MILES stars come out as wide as observed (with all of it a third too wide).
 */
const ONE_LAYER = 0.5

/**
 * Full damping width γ of a metal line, rad s⁻¹: classical radiation damping and van der Waals broadening by hydrogen
 * with Unsöld's C6 (Gray 2005, eqs. 11.14, 11.28–11.30). Stark broadening of metal lines is left out.
 *
 * @param line wavelength (vacuum Å), energy of the lower level and ionisation energy (eV), charge of the species, and
 *   the layer's gas pressure (dyn cm⁻²) and temperature (K).
 */
export function dampingWidth(line: {
  readonly wave: number
  readonly lower: number
  readonly ionisation: number
  readonly charge: number
  readonly gasPressure: number
  readonly temperature: number
}): number {
  const { wave, lower, ionisation, charge, gasPressure, temperature } = line
  const radiation = 2.223e15 / wave ** 2
  const upper = lower + 12398.42 / wave
  // Levels near or above the limit belong to another series, whose limit is higher: half an electronvolt stands for it.
  const nearUpper = Math.max(0.5, ionisation - upper)
  const nearLower = Math.max(0.5, ionisation - lower)
  const c6 = 0.3e-30 * (charge + 1) ** 2 * Math.max(0.001, 1 / nearUpper ** 2 - 1 / nearLower ** 2)
  const vanDerWaals = 10 ** (20 + 0.4 * Math.log10(c6) + Math.log10(gasPressure) - 0.7 * Math.log10(temperature))
  return radiation + ONE_LAYER * vanDerWaals
}
