import { dampingWidth } from './damping.js'
import { elements, partitionFunction } from './elements.js'
import type { ElementSymbol } from './elements.js'
import { hydrogenLines } from './hydrogen-lines.js'
import type { HydrogenLine } from './hydrogen-lines.js'
import { metalLines } from './line-list.js'
import { methylidyneBand, methylidynePartition, methylidynePerHydrogen } from './methylidyne-band.js'
import { opacityTable } from './opacity-table.js'
import { CONTINUUM_DEPTH, ionShares, METAL_LINE_DEPTH, solvePhotosphere } from './photosphere.js'
import type { Photosphere } from './photosphere.js'
import { gridPosition, gridWave, LOG_STEP } from './rest-grid.js'
import type { StellarLabels } from './stellar-labels.js'
import { voigt } from './voigt.js'

type Opacity = (wave: number) => number

/** Line over continuous opacity below which a line or its wing is not worth adding: 0.03 % of the continuum. */
const NEGLIGIBLE = 5e-4

const LIGHT = 2.99792458e5
const SQRT_PI = Math.sqrt(Math.PI)

/**
 * Line over continuous opacity η of a star on the rest grid, from position `first` for `length` steps.
 *
 * @returns (length) η ≥ 0.
 * Cost: proportional to the lines in the range and the square root of their strength; about 6 ms for all of it.
 */
export function lineAbsorption(labels: StellarLabels, first: number, length: number): Float64Array {
  const eta = new Float64Array(length)
  const metalLayer = solvePhotosphere(labels, METAL_LINE_DEPTH)
  const metalOpacity = opacityTable(metalLayer)
  addMetalLines(eta, first, metalLayer, metalOpacity)
  addMethylidyne(eta, first, metalLayer, metalOpacity)
  addHydrogenLines(eta, first, solvePhotosphere(labels, CONTINUUM_DEPTH))
  return eta
}

/** Doppler velocity of a particle, km s⁻¹: heat and microturbulence. */
function dopplerVelocity(layer: Photosphere, mass: number): number {
  return Math.sqrt((0.016629 * layer.temperature) / mass + layer.microturbulence ** 2)
}

function stimulatedEmission(wave: number, temperature: number): number {
  return 1 - Math.exp(-1.438777e8 / (wave * temperature))
}

function addMetalLines(eta: Float64Array, first: number, layer: Photosphere, opacity: Opacity): void {
  const { temperature, gasPressure, electronPressure, abundance } = layer
  const doppler = new Map<ElementSymbol, number>()
  const populations = new Map<ElementSymbol, readonly [number, number]>()
  for (const symbol of Object.keys(elements) as ElementSymbol[]) {
    const { mass, partition } = elements[symbol]
    const shares = ionShares(symbol, temperature, electronPressure)
    doppler.set(symbol, dopplerVelocity(layer, mass))
    populations.set(symbol, [
      (abundance[symbol] * shares[0]) / partitionFunction(partition[0], temperature),
      (abundance[symbol] * shares[1]) / partitionFunction(partition[1], temperature),
    ])
  }
  for (const { element, charge, wave, excitation, gf } of metalLines) {
    const velocity = doppler.get(element)!
    const lower = populations.get(element)![charge] * Math.exp((-11604.518 * excitation) / temperature)
    const frequencyWidth = (velocity * 1e13) / wave
    const centre =
      (0.02654 * gf * lower * stimulatedEmission(wave, temperature)) / (SQRT_PI * frequencyWidth * opacity(wave))
    if (centre < NEGLIGIBLE) continue
    const gamma = dampingWidth({
      wave,
      lower: excitation,
      ionisation: elements[element].ionisation[charge],
      charge,
      gasPressure,
      temperature,
    })
    addVoigtLine(eta, first, wave, centre, gamma / (4 * Math.PI * frequencyWidth), velocity)
  }
}

function addMethylidyne(eta: Float64Array, first: number, layer: Photosphere, opacity: Opacity): void {
  const { temperature, hydrogenDensity, neutralHydrogen, abundance } = layer
  const carbonPressure = abundance.C * hydrogenDensity * 1.380649e-16 * temperature
  const molecules =
    (methylidynePerHydrogen(temperature, carbonPressure) * neutralHydrogen) / methylidynePartition(temperature)
  const velocity = dopplerVelocity(layer, 13.019)
  for (const { wave, excitation, gf } of methylidyneBand) {
    const frequencyWidth = (velocity * 1e13) / wave
    const lower = molecules * Math.exp((-11604.518 * excitation) / temperature)
    const centre =
      (0.02654 * gf * lower * stimulatedEmission(wave, temperature)) / (SQRT_PI * frequencyWidth * opacity(wave))
    if (centre >= NEGLIGIBLE) addVoigtLine(eta, first, wave, centre, 1e-3, velocity)
  }
}

/** Add a Voigt profile, out to where it is negligible; what it is there is taken off so that it ends without a step. */
function addVoigtLine(
  eta: Float64Array,
  first: number,
  wave: number,
  strength: number,
  damping: number,
  velocity: number,
): void {
  const step = (LOG_STEP * LIGHT) / velocity
  const gaussReach = Math.sqrt(Math.log(strength / NEGLIGIBLE) + 1)
  const wingReach = Math.sqrt((strength * damping) / (SQRT_PI * NEGLIGIBLE))
  const reach = Math.max(gaussReach, wingReach)
  const centre = gridPosition(wave) - first
  const from = Math.max(0, Math.ceil(centre - reach / step))
  const to = Math.min(eta.length - 1, Math.floor(centre + reach / step))
  if (from > to) return
  const end = strength * voigt(damping, reach)
  const wing = (strength * damping) / SQRT_PI
  for (let i = from; i <= to; i++) {
    const v = (i - centre) * step
    const v2 = v * v
    const value = v2 > 100 ? (wing / v2) * (1 + 1.5 / v2) : strength * voigt(damping, v)
    if (value > end) eta[i]! += value - end
  }
}

/** Cross-section for broadening by hydrogen atoms, cm²: Barklem, Piskunov & O'Mara 2000, A&A 355, L5, for Hα to Hγ. */
function selfBroadening(upper: number): number {
  const known: Readonly<Record<number, number>> = { 3: 1180, 4: 2320, 5: 4208 }
  return 2.8e-17 * (known[upper] ?? 4208 * (upper / 5) ** 2.6)
}

/**
 * Add a hydrogen line: Doppler core, Holtsmark's Δλ^(-5/2) wing by the field of electrons and protons, and Lorentz wing
 * by hydrogen atoms.
 */
function addHydrogenLine(eta: Float64Array, first: number, line: HydrogenLine, layer: Photosphere, opacity: number) {
  const { temperature, electronPressure, hydrogenDensity, neutralHydrogen } = layer
  const { wave, excitation, gf, upper } = line
  const electronDensity = electronPressure / (1.380649e-16 * temperature)
  const stark = line.stark * 1.25e-9 * electronDensity ** (2 / 3)
  const relativeSpeed = Math.sqrt((8 * 1.380649e-16 * temperature) / (Math.PI * 0.8368e-24))
  const gamma = 2 * hydrogenDensity * neutralHydrogen * selfBroadening(upper) * relativeSpeed
  const lorentz = (gamma * wave ** 2 * 1e-8) / (4 * Math.PI * 2.99792458e10)
  const doppler = (wave * dopplerVelocity(layer, 1.008)) / LIGHT
  const lower = 0.5 * neutralHydrogen * Math.exp((-11604.518 * excitation) / temperature)
  const strength = (8.853e-21 * wave ** 2 * gf * lower * stimulatedEmission(wave, temperature)) / opacity
  const starkWing = 0.417 * stark ** 1.5 * strength
  const lorentzWing = (lorentz / Math.PI) * strength
  const core = strength / (SQRT_PI * doppler)
  const soft = stark ** 2 + lorentz ** 2 + 4 * doppler ** 2

  const reach = Math.max(4 * doppler, (starkWing / NEGLIGIBLE) ** 0.4, Math.sqrt(lorentzWing / NEGLIGIBLE))
  const end = starkWing / reach ** 2.5 + lorentzWing / reach ** 2
  const from = Math.max(0, Math.ceil(gridPosition(Math.max(wave - reach, 1000)) - first))
  const to = Math.min(eta.length - 1, Math.floor(gridPosition(wave + reach) - first))
  for (let i = from; i <= to; i++) {
    const d2 = (gridWave(first + i) - wave) ** 2
    const s2 = d2 + soft
    const s = Math.sqrt(s2)
    const value = starkWing / (s2 * Math.sqrt(s)) + lorentzWing / s2 + core * Math.exp(-d2 / doppler ** 2)
    if (value > end) eta[i]! += value - end
  }
}

function addHydrogenLines(eta: Float64Array, first: number, layer: Photosphere): void {
  const opacity = opacityTable(layer)
  for (const line of hydrogenLines) addHydrogenLine(eta, first, line, layer, opacity(line.wave))
}
