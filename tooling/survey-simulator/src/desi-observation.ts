import type { RandomStream } from '@astrolabel/spectra'
import { desiArms, LATTICE_PIXELS, latticeWave, telluricTransmission } from './desi-arms.js'
import type { DesiArm } from './desi-arms.js'
import { modelFlux } from './model-spectrum.js'
import { skyBrightness, skyLines, skyLineShape } from './night-sky.js'
import type { SimulatedStar } from './star-population.js'

/** What one arm gives for one star. */
export interface ArmSpectrum {
  readonly arm: DesiArm
  /** (pixels) 10⁻¹⁷ erg s⁻¹ cm⁻² Å⁻¹. */
  readonly flux: Float32Array
  /** (pixels) inverse variance of `flux`; 0 where `mask` says that the pixel is lost. */
  readonly ivar: Float32Array
  /** (pixels) desispec's specmask bits. */
  readonly mask: Int32Array
}

/** desispec's specmask. */
const specMask: Readonly<Record<'cosmic' | 'brightSky' | 'badFiber' | 'badColumn', number>> = {
  cosmic: 1 << 2,
  brightSky: 1 << 5,
  badFiber: 1 << 9,
  badColumn: 1 << 10,
}

/** Noise of reading the detector, in photons per pixel, squared. */
const READ_VARIANCE = 40
/** Scatter of the light that sky subtraction leaves in a line, over the line's peak. */
const SKY_RESIDUAL = 0.012

const wave = Float64Array.from({ length: LATTICE_PIXELS }, (_, i) => latticeWave(i))
const sky = skyBrightness()
/** (pixels of each arm) share of the light that reaches the detector. */
const efficiency = desiArms.map(({ start, pixels, throughput }) =>
  Float64Array.from(
    { length: pixels },
    (_, i) => throughput(wave[start + i]!) * telluricTransmission(wave[start + i]!),
  ),
)
/** (7781) A_λ / E(B-V): falls about as 1 / λ^1.3 in the optical, with A_V = 3.1 E(B-V). */
const extinction = wave.map((w) => 3.1 * (5500 / w) ** 1.3)
const skyShapes = skyLines.map(([line, peak]) => ({ peak, ...skyLineShape(line) }))

/**
 * Observe a star: its model spectrum at its velocity, reddened and scaled to its magnitude, with a smooth error of the
 * flux calibration (the same in all arms), photon, sky and read noise that give its signal over noise, sky residuals,
 * cosmic rays (nine in ten are masked) and dead columns.
 */
export function observeStar(star: SimulatedStar, random: RandomStream): ArmSpectrum[] {
  const truth = apparentFlux(star)
  const calibrated = calibrationError(truth, random)
  for (const { peak, start, shape } of skyShapes) {
    const amplitude = SKY_RESIDUAL * peak * random.normal()
    for (let i = 0; i < shape.length; i++) calibrated[start + i]! += amplitude * shape[i]!
  }
  const exposure = photonsPerFlux(truth, star.snr)
  return desiArms.map((arm, k) => observeArm(arm, efficiency[k]!, { truth, calibrated, exposure }, random))
}

/** A fibre that was broken: no light, nothing to use. */
export function brokenFiber(): ArmSpectrum[] {
  return desiArms.map((arm) => ({
    arm,
    flux: new Float32Array(arm.pixels),
    ivar: new Float32Array(arm.pixels),
    mask: new Int32Array(arm.pixels).fill(specMask.badFiber),
  }))
}

/** Flux above the air, (7781) 10⁻¹⁷ erg s⁻¹ cm⁻² Å⁻¹. */
function apparentFlux(star: SimulatedStar): Float64Array {
  const flux = modelFlux(star.labels, wave, { vRad: star.vRad, pixelWidth: 0.8 })
  const dim = (i: number) => Math.exp(-0.9210340372 * star.reddening * extinction[i]!)
  const pivot = Math.round((6500 - 3600) / 0.8)
  const level = 10 ** (-0.4 * (star.magnitude + 2.408 + 5 * Math.log10(6500))) * 1e17
  const scale = level / (median(flux.subarray(pivot - 60, pivot + 60)) * dim(pivot))
  return flux.map((value, i) => value * scale * dim(i))
}

/** The flux times a smooth curve within about 3 % of 1. */
function calibrationError(flux: Float64Array, random: RandomStream): Float64Array {
  const waves = [0.7, 1.6, 2.9].map((cycles) => ({
    cycles,
    amplitude: (0.015 * random.normal()) / cycles,
    phase: 2 * Math.PI * random.uniform(),
  }))
  return flux.map((value, i) => {
    let curve = 1
    for (const { cycles, amplitude, phase } of waves) {
      curve += amplitude * Math.sin((2 * Math.PI * cycles * i) / LATTICE_PIXELS + phase)
    }
    return value * curve
  })
}

/** Photons per unit of flux, where all the light is caught, that give the wanted S/N in the middle of the R arm. */
function photonsPerFlux(flux: Float64Array, snr: number): number {
  const arm = desiArms[1]!
  const pixel = arm.start + arm.pixels / 2
  const level = median(flux.subarray(pixel - 300, pixel + 300))
  const skyShare = 1 + median(sky.subarray(pixel - 300, pixel + 300)) / level
  // n photons have S/N = n / √(n · skyShare + read variance), solved for n.
  const s2 = snr * snr
  const photons = (s2 * skyShare + Math.sqrt((s2 * skyShare) ** 2 + 4 * s2 * READ_VARIANCE)) / 2
  return photons / (level * arm.throughput(wave[pixel]!))
}

function observeArm(
  arm: DesiArm,
  caught: Float64Array,
  light: { readonly truth: Float64Array; readonly calibrated: Float64Array; readonly exposure: number },
  random: RandomStream,
): ArmSpectrum {
  const { truth, calibrated, exposure } = light
  const { start, pixels } = arm
  const flux = new Float32Array(pixels)
  const ivar = new Float32Array(pixels)
  const mask = new Int32Array(pixels)
  for (let i = 0; i < pixels; i++) {
    const photons = exposure * caught[i]!
    const variance = ((truth[start + i]! + sky[start + i]!) * photons + READ_VARIANCE) / photons ** 2
    flux[i] = calibrated[start + i]! + Math.sqrt(variance) * random.normal()
    ivar[i] = 1 / variance
    // The pipeline gives up on the brightest line of the sky.
    if (Math.abs(wave[start + i]! - 5578.9) < 1.3) {
      mask[i] = specMask.brightSky
      ivar[i] = 0
    }
  }
  addCosmicRays(flux, ivar, mask, random)
  if (random.uniform() < 0.15) {
    const first = random.integer(pixels - 4)
    for (let i = first; i < first + 2 + random.integer(3); i++) {
      flux[i] = 0
      ivar[i] = 0
      mask[i]! |= specMask.badColumn
    }
  }
  return { arm, flux, ivar, mask }
}

function addCosmicRays(flux: Float32Array, ivar: Float32Array, mask: Int32Array, random: RandomStream): void {
  const level = median(flux)
  const count = Math.floor(-2.5 * Math.log(1 - random.uniform()))
  for (let k = 0; k < count; k++) {
    const first = random.integer(flux.length - 3)
    const size = 1 + random.integer(3)
    const found = random.uniform() < 0.9
    // Those that escape are the weak ones.
    const height = Math.abs(level) * (found ? 0.5 + 3 * random.uniform() : 0.2 + 0.3 * random.uniform())
    for (let i = first; i < first + size; i++) {
      flux[i]! += height * (0.4 + 0.6 * random.uniform())
      if (!found) continue
      ivar[i] = 0
      mask[i]! |= specMask.cosmic
    }
  }
}

/** Middle value; the mean of the two middle ones for an even number. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
