/**
 * Continuous absorption per hydrogen nucleus, cm²: negative hydrogen bound-free and free-free, neutral hydrogen
 * bound-free and free-free, with stimulated emission. The fits are those of Gray 2005, The Observation and Analysis of
 * Stellar Photospheres, equations 8.8 and 8.11–8.13 (2000 to 18000 Å).
 *
 * @param wave vacuum Å.
 * @param temperature K.
 * @param electronPressure dyn cm⁻².
 * @param neutralHydrogen fraction of the hydrogen that is neutral.
 */
export function continuousOpacity(
  wave: number,
  temperature: number,
  electronPressure: number,
  neutralHydrogen: number,
): number {
  const theta = 5039.78 / temperature
  const photonEnergy = 12398.42 / wave
  const stimulated = 1 - 10 ** (-photonEnergy * theta)
  const minus = negativeHydrogenBoundFree(wave, theta) * stimulated + negativeHydrogenFreeFree(wave, theta)
  return (minus * electronPressure + neutralHydrogenOpacity(wave, theta) * stimulated) * neutralHydrogen
}

/** Per dyn cm⁻² of electron pressure; zero beyond the threshold at 16419 Å. */
function negativeHydrogenBoundFree(wave: number, theta: number): number {
  if (wave > 16419) return 0
  const polynomial = [1.99654, -1.18267e-5, 2.64243e-6, -4.40524e-10, 3.23992e-14, -1.39568e-18, 2.78701e-23]
  let cross = 0
  for (let i = polynomial.length - 1; i >= 0; i--) cross = cross * wave + polynomial[i]!
  return 4.158e-10 * cross * 1e-18 * theta ** 2.5 * 10 ** (0.754 * theta)
}

/** Per dyn cm⁻² of electron pressure; stimulated emission is in the fit. */
function negativeHydrogenFreeFree(wave: number, theta: number): number {
  const l = Math.log10(wave)
  const f0 = -2.2763 - 1.685 * l + 0.76661 * l ** 2 - 0.053346 * l ** 3
  const f1 = 15.2827 - 9.2846 * l + 1.99381 * l ** 2 - 0.142631 * l ** 3
  const f2 = -197.789 + 190.266 * l - 67.9775 * l ** 2 + 10.6913 * l ** 3 - 0.625151 * l ** 4
  const logTheta = Math.log10(theta)
  return 1e-26 * 10 ** (f0 + f1 * logTheta + f2 * logTheta ** 2)
}

function neutralHydrogenOpacity(wave: number, theta: number): number {
  const ryd = 13.598
  let sum = 0
  for (let n = 2; n <= 6; n++) {
    const threshold = ryd / n ** 2
    if (12398.42 / wave < threshold) continue
    sum += 10 ** (-theta * (ryd - threshold)) / n ** 3
  }
  const unbound = (10 ** (-theta * (ryd - ryd / 49)) - 10 ** (-theta * ryd)) * (0.4343 / (2 * theta * ryd))
  const freeFree = (0.4343 / (2 * theta * ryd)) * 10 ** (-theta * ryd)
  return 1.0449e-26 * wave ** 3 * (sum + unbound + freeFree)
}
