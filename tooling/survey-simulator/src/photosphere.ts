import { continuousOpacity } from './continuous-opacity.js'
import { elements, partitionFunction } from './elements.js'
import type { ElementSymbol } from './elements.js'
import type { StellarLabels } from './stellar-labels.js'
import { abundances } from './stellar-labels.js'

/** A layer of a star's photosphere. */
export interface Photosphere {
  readonly labels: StellarLabels
  /** K. */
  readonly temperature: number
  /** dyn cm⁻². */
  readonly gasPressure: number
  /** dyn cm⁻². */
  readonly electronPressure: number
  /** Fraction of the hydrogen that is neutral. */
  readonly neutralHydrogen: number
  /** Number of hydrogen nuclei, cm⁻³. */
  readonly hydrogenDensity: number
  /** km s⁻¹. */
  readonly microturbulence: number
  readonly abundance: Readonly<Record<ElementSymbol, number>>
}

const BOLTZMANN = 1.380649e-16
const HYDROGEN_MASS = 1.6735e-24
const HELIUM = 0.085
/** Mass per hydrogen nucleus, in hydrogen masses: helium counts, the metals do not. */
const MASS_PER_HYDROGEN = 1 + 4 * HELIUM

/** Those that give most of the electrons in cool stars, besides hydrogen. */
const donors: readonly ElementSymbol[] = ['Na', 'Mg', 'Al', 'Si', 'Ca', 'Fe', 'Cr', 'Ni', 'K', 'S', 'C']

/**
 * Eddington's grey temperature at an optical depth.
 *
 * @returns K.
 */
export function greyTemperature(teff: number, depth: number): number {
  return teff * (0.75 * (depth + 2 / 3)) ** 0.25
}

/**
 * Share of an element in its neutral and singly ionised state, by Saha's equation (Gray 2005, eq. 1.20).
 *
 * @returns neutral and ionised share; a second ionisation takes what is left.
 */
export function ionShares(
  symbol: ElementSymbol,
  temperature: number,
  electronPressure: number,
): readonly [number, number] {
  const { ionisation, partition } = elements[symbol]
  const theta = 5039.78 / temperature
  const u0 = partitionFunction(partition[0], temperature)
  const u1 = partitionFunction(partition[1], temperature)
  const common = 2.5 * Math.log10(temperature) - 0.1761
  const first = 10 ** (common - theta * ionisation[0] + Math.log10(u1 / u0)) / electronPressure
  // The second ion's partition function is about 1 to 10; it matters for calcium and barium in the hottest stars only.
  const second = Number.isFinite(ionisation[1]) ? 10 ** (common - theta * ionisation[1]) / electronPressure : 0
  const total = 1 + first + first * second
  return [1 / total, first / total]
}

/** Optical depth (5000 Å) of the layer in which the model lets the metal lines form. */
export const METAL_LINE_DEPTH = 0.35
/** That of the continuum and of the Balmer and Paschen lines, whose lower levels are filled in the deep hot layers. */
export const CONTINUUM_DEPTH: number = 2 / 3

/**
 * The layer of a star at an optical depth.
 *
 * Its temperature is the grey one. Its pressures are those at which the weight of the gas above is in balance,
 * P = g τ / κ, with the electrons that hydrogen and the metals give by Saha's equation and the opacity of negative
 * hydrogen that those electrons make.
 *
 * @param depth optical depth at 5000 Å, such as {@link METAL_LINE_DEPTH}.
 */
export function solvePhotosphere(labels: StellarLabels, depth: number = METAL_LINE_DEPTH): Photosphere {
  const abundance = abundances(labels)
  const temperature = greyTemperature(labels.teff, depth)
  const gravity = 10 ** labels.logg

  const state = (electronPressure: number) => {
    const neutralHydrogen = ionShares('H', temperature, electronPressure)[0]
    let electronsPerHydrogen = 1 - neutralHydrogen
    for (const symbol of donors) {
      electronsPerHydrogen += abundance[symbol] * (1 - ionShares(symbol, temperature, electronPressure)[0])
    }
    const hydrogenDensity = electronPressure / (electronsPerHydrogen * BOLTZMANN * temperature)
    const gasPressure = hydrogenDensity * (1 + HELIUM + electronsPerHydrogen) * BOLTZMANN * temperature
    const opacity =
      continuousOpacity(5000, temperature, electronPressure, neutralHydrogen) / (MASS_PER_HYDROGEN * HYDROGEN_MASS)
    return { neutralHydrogen, hydrogenDensity, gasPressure, excess: (gasPressure * opacity) / (gravity * depth) - 1 }
  }

  // The weight rises with the electron pressure throughout, so bisection in its logarithm always ends.
  let low = -6
  let high = 6
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (state(10 ** middle).excess > 0) high = middle
    else low = middle
  }
  const electronPressure = 10 ** ((low + high) / 2)
  const { neutralHydrogen, hydrogenDensity, gasPressure } = state(electronPressure)
  return {
    labels,
    temperature,
    gasPressure,
    electronPressure,
    neutralHydrogen,
    hydrogenDensity,
    microturbulence: 1.1 + 0.25 * Math.max(0, 4.5 - labels.logg),
    abundance,
  }
}
