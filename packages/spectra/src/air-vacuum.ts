import { AstrolabelError } from './errors.js'

/**
 * Refraction formulas by name: what surveys and codes call "the IAU standard" differs, so no formula here is called
 * that.
 *
 * - `ciddor1996`: Ciddor 1996, Applied Optics 35, 1566 (APOGEE, the default)
 * - `morton2000`: Morton 2000, ApJS 130, 403 (VALD, specutils); its inverse is Piskunov's fit
 * - `edlen1953`: Edlén 1953, JOSA 43, 339 (Morton 1991)
 * - `peck1972`: Peck & Reeder 1972, JOSA 62, 958
 */
export type RefractionFormula = 'ciddor1996' | 'morton2000' | 'edlen1953' | 'peck1972'

/** n - 1 at vacuum wave number squared s2 = (10^4 / λ_Å)², µm⁻². */
const refraction: Record<RefractionFormula, (s2: number) => number> = {
  ciddor1996: (s2) => 0.05792105 / (238.0185 - s2) + 0.00167917 / (57.362 - s2),
  morton2000: (s2) => 8.34254e-5 + 0.02406147 / (130 - s2) + 0.00015998 / (38.9 - s2),
  edlen1953: (s2) => 6.4328e-5 + 0.0294981 / (146 - s2) + 0.0002554 / (41 - s2),
  peck1972: (s2) => 0.05791817 / (238.0185 - s2) + 0.00167909 / (57.362 - s2),
}

/** Below this the formulas are not valid and observers quote vacuum wavelengths anyway. */
const SHORTEST_IN_AIR = 2000

/**
 * Refractive index of standard air minus one.
 *
 * @param vacuumWave Å in vacuum, at least 2000.
 * @throws `wavelength/unknown-formula` for a formula that is not listed.
 */
export function refractivity(vacuumWave: number, formula: RefractionFormula = 'ciddor1996'): number {
  const f = refraction[formula] as ((s2: number) => number) | undefined
  if (f === undefined) {
    throw new AstrolabelError('wavelength/unknown-formula', 'Unknown refraction formula', {
      got: formula,
      expected: Object.keys(refraction),
    })
  }
  return f((1e4 / vacuumWave) ** 2)
}

/**
 * Vacuum to air wavelengths: λ_air = λ_vac / n(λ_vac).
 *
 * @param wave (n) Å in vacuum; those below 2000 Å are returned as they are.
 * @returns (n) Å in air.
 */
export function vacuumToAir(wave: ArrayLike<number>, formula: RefractionFormula = 'ciddor1996'): Float64Array {
  return Float64Array.from(wave, (w) => (w < SHORTEST_IN_AIR ? w : w / (1 + refractivity(w, formula))))
}

/**
 * Air to vacuum wavelengths: the inverse of {@link vacuumToAir}, by fixed-point iteration to 1e-12 relative.
 *
 * Between 2000 and 2000.65 Å in vacuum, where air begins, the two do not undo each other.
 *
 * @param wave (n) Å in air; those below 2000 Å are returned as they are.
 * @returns (n) Å in vacuum.
 */
export function airToVacuum(wave: ArrayLike<number>, formula: RefractionFormula = 'ciddor1996'): Float64Array {
  return Float64Array.from(wave, (air) => {
    if (air < SHORTEST_IN_AIR) return air
    let vacuum = air
    // n varies by 1e-5 over 1000 Å, so each step gains five digits: four steps reach the precision of a double.
    for (let i = 0; i < 6; i++) {
      const next = air * (1 + refractivity(vacuum, formula))
      const done = Math.abs(next - vacuum) <= 1e-12 * air
      vacuum = next
      if (done) break
    }
    return vacuum
  })
}
