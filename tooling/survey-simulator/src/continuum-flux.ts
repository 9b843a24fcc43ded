import { opacityTable } from './opacity-table.js'
import { CONTINUUM_DEPTH, greyTemperature, solvePhotosphere } from './photosphere.js'
import type { StellarLabels } from './stellar-labels.js'

/**
 * Flux of a star's surface without lines, F_λ = π B_λ(T at τ_λ = 2/3): Eddington's and Barbier's relation with the grey
 * temperature and the opacity of hydrogen, so that it bends with negative hydrogen and jumps at Balmer's limit.
 *
 * @param wave (n) vacuum Å.
 * @returns (n) erg s⁻¹ cm⁻² Å⁻¹ at the surface.
 */
export function continuumFlux(labels: StellarLabels, wave: ArrayLike<number>): Float64Array {
  const opacity = opacityTable(solvePhotosphere(labels, CONTINUUM_DEPTH))
  const reference = opacity(5000)
  return Float64Array.from(wave, (w) => {
    const depth = (CONTINUUM_DEPTH * reference) / opacity(w)
    return Math.PI * planck(w, greyTemperature(labels.teff, depth))
  })
}

/**
 * Planck's function.
 *
 * @param wave Å.
 * @param temperature K.
 * @returns erg s⁻¹ cm⁻² Å⁻¹ sr⁻¹.
 */
function planck(wave: number, temperature: number): number {
  return 1.191043e27 / wave ** 5 / Math.expm1(1.438777e8 / (wave * temperature))
}
