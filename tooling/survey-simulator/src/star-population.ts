import type { RandomStream } from '@astrolabel/spectra'
import { apogeeId, offsetPosition, separation } from './sky-position.js'
import type { SkyPosition } from './sky-position.js'
import type { StellarLabels } from './stellar-labels.js'

/** A simulated star: what is true of it, and how well it is seen. */
export interface SimulatedStar {
  /** DESI's identifier, beyond 2⁵³ as the real ones are. */
  readonly targetId: bigint
  /** The identifier that APOGEE gives it, whether or not the catalogue lists it. */
  readonly apogeeId: string
  readonly labels: Required<StellarLabels>
  /** km s⁻¹, barycentric. */
  readonly vRad: number
  readonly position: SkyPosition
  /** Where APOGEE sees it. */
  readonly apogeePosition: SkyPosition
  /** Median signal over noise per pixel in the R arm. */
  readonly snr: number
  /** AB magnitude at 6500 Å. */
  readonly magnitude: number
  /** Colour excess E(B-V), mag. */
  readonly reddening: number
  /** Which coadd file it is in. */
  readonly file: number
}

/** Radius of a pointing, deg. */
const FIELD_RADIUS = 1.6
/** Fibres are never placed closer than this, arcsec. */
const CLOSEST = 15
/** Scatter of APOGEE's positions about DESI's, arcsec in each axis: 0.3 in all. */
const POSITION_SCATTER = 0.3 / Math.SQRT2

/**
 * Draw the stars of a survey: dwarfs, subgiants and giants of the Galactic discs and halo.
 *
 * @param count number of stars, in files of `starsPerFile`, each file one pointing.
 */
export function drawPopulation(random: RandomStream, count: number, starsPerFile: number): SimulatedStar[] {
  const stars: SimulatedStar[] = []
  let placed: SkyPosition[] = []
  for (let i = 0; i < count; i++) {
    const file = Math.floor(i / starsPerFile)
    if (i % starsPerFile === 0) placed = []
    const { labels, vRad } = drawStar(random)
    const position = placeInField(random, file, placed)
    placed.push(position)
    const apogeePosition = offsetPosition(
      position,
      POSITION_SCATTER * random.normal(),
      POSITION_SCATTER * random.normal(),
    )
    // From 15 to 120, half of them above 60.
    const snr = 15 * 8 ** (random.uniform() ** 0.55)
    stars.push({
      targetId: 39628400000000001n + BigInt(file) * 4194304n + BigInt(i % starsPerFile) * 2n,
      apogeeId: apogeeId(apogeePosition),
      labels,
      vRad,
      position,
      apogeePosition,
      snr,
      magnitude: 18.6 - 2.2 * Math.log10(snr / 15) + 0.25 * random.normal(),
      reddening: 0.02 + 0.1 * random.uniform() ** 2,
      file,
    })
  }
  return stars
}

/** Centre of a file's pointing. */
export function fieldCentre(file: number): SkyPosition {
  return { ra: (31.7 + 47.3 * file) % 360, dec: -8 + ((29.3 * file) % 70) }
}

/** A place in a pointing, apart from those taken. */
export function placeInField(random: RandomStream, file: number, taken: readonly SkyPosition[]): SkyPosition {
  const centre = fieldCentre(file)
  for (;;) {
    const radius = FIELD_RADIUS * 3600 * Math.sqrt(random.uniform())
    const angle = 2 * Math.PI * random.uniform()
    const position = offsetPosition(centre, radius * Math.cos(angle), radius * Math.sin(angle))
    if (taken.every((other) => separation(position, other) > CLOSEST)) return position
  }
}

/** Labels and velocity of a star drawn from the Galaxy as a survey selects it. */
export function drawStar(random: RandomStream): { labels: Required<StellarLabels>; vRad: number } {
  const which = random.uniform()
  const [mean, spread, magnesium, dispersion] =
    which < 0.6 ? [-0.1, 0.22, 0.02, 35] : which < 0.88 ? [-0.5, 0.25, 0.25, 60] : [-1.2, 0.35, 0.3, 130]
  const fe_h = drawWithin(random, mean, spread, -1.8, 0.4)
  const mg_fe = magnesium - 0.12 * (fe_h - mean) + 0.05 * random.normal()
  const alpha_fe = 0.7 * mg_fe + 0.01 * random.normal()
  const { teff, logg } = drawStage(random, fe_h)
  return { labels: { teff, logg, fe_h, mg_fe, alpha_fe }, vRad: dispersion * random.normal() }
}

/**
 * Temperature and gravity along rough isochrones: main sequence, subgiants, red giant branch and red clump; the giant
 * branch is hotter for metal-poor stars (about -250 K per dex).
 */
function drawStage(random: RandomStream, fe_h: number): { teff: number; logg: number } {
  const stage = random.uniform()
  let teff: number
  let logg: number
  if (stage < 0.42) {
    teff = 4500 + 2250 * random.uniform() ** 0.8
    const evolved = teff > 5400 ? 0.14 * Math.abs(random.normal()) : 0
    logg = 4.68 - 0.02 * ((teff - 4500) / 300) ** 1.6 - evolved + 0.03 * random.normal()
  } else if (stage < 0.56) {
    logg = 3.4 + 0.75 * random.uniform()
    const turnoff = Math.max(0, (logg - 3.4) / 0.75)
    teff = 5000 - 180 * fe_h + 900 * turnoff ** 0.7 * random.uniform() ** 0.5 + 50 * random.normal()
  } else if (stage < 0.86) {
    logg = 0.9 + 2.6 * random.uniform() ** 0.7
    teff = 4760 + 310 * (logg - 2.5) - 250 * fe_h + 50 * random.normal()
  } else {
    logg = 2.45 + 0.08 * random.normal()
    teff = 4850 - 260 * fe_h + 70 * random.normal()
  }
  return { teff: Math.min(6800, Math.max(4200, teff)), logg: Math.min(4.8, Math.max(0.8, logg)) }
}

function drawWithin(random: RandomStream, mean: number, spread: number, low: number, high: number): number {
  for (;;) {
    const value = mean + spread * random.normal()
    if (value >= low && value <= high) return value
  }
}
